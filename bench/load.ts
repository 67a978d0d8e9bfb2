/**
 * The load: so many probes at once over kept connections, round robin over the targets, every answer checked.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface Load {
  readonly url: string;
  readonly targets: readonly string[];
  /** Statements of one probe, all of which must have succeeded. */
  readonly statements: number;
  readonly gzip: boolean;
}

/** When to stop: after so many milliseconds and not before so many probes. */
export interface Until {
  readonly ms: number;
  readonly probes: number;
}

export interface Probed {
  readonly seconds: number;
  /** Milliseconds of each probe, from the request to the last byte of the answer. */
  readonly latencies: readonly number[];
  /** Bytes of the last answer as it travelled, and its series. */
  readonly bytes: number;
  readonly series: number;
}

/** As Prometheus' default; also what ends a probe that hangs. */
const SCRAPE_TIMEOUT_SECONDS = 10;

/** Probes until told to stop; an Error as soon as an answer is not a full success. */
export async function probeAll(load: Load, concurrency: number, until: Until): Promise<Probed> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, scheduling: 'fifo' });
  const latencies: number[] = [];
  const last = { bytes: 0, series: 0 };
  const started = performance.now();
  let begun = 0;
  let failed = false;
  const wanted = () => !failed && (begun < until.probes || performance.now() - started < until.ms);
  const worker = async () => {
    while (wanted()) {
      const target = load.targets[begun++ % load.targets.length] ?? '';
      const start = performance.now();
      const { status, body } = await request(agent, load, target);
      latencies.push(performance.now() - start);
      last.bytes = body.length;
      last.series = check(target, status, load.gzip && isGzip(body) ? gunzipSync(body) : body, load);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } catch (cause) {
    failed = true;
    throw cause;
  } finally {
    agent.destroy();
  }
  return { seconds: (performance.now() - started) / 1000, latencies, ...last };
}

const isGzip = (body: Buffer) => body[0] === 0x1f && body[1] === 0x8b;

function request(
  agent: Agent,
  { url, gzip }: Load,
  target: string,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const headers = {
    accept: 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'accept-encoding': gzip ? 'gzip' : 'identity',
    'x-prometheus-scrape-timeout-seconds': String(SCRAPE_TIMEOUT_SECONDS),
  };
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    };
    const timeout = (SCRAPE_TIMEOUT_SECONDS + 5) * 1000;
    const sent = get(`${url}/probe?target=${target}`, { agent, headers, timeout }, answered);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${target} in ${timeout} ms`)));
    sent.on('error', reject);
  });
}

/** The number of series of an answer; an Error when it is not a full success. */
function check(target: string, status: number, body: Buffer, { statements }: Load): number {
  const lines = body.toString().split('\n');
  const has = (start: string) => lines.find((line) => line.startsWith(start));
  const refuse = (what: string) => new Error(`the answer for ${target} is no success: ${what}`);
  if (status !== 200) throw refuse(`HTTP ${status}: ${lines[0]}`);
  if (!lines.includes('mysql_up 1')) throw refuse(has('query_exporter_probe_error') ?? 'no "mysql_up 1"');
  const error = has('query_exporter_query_error{') ?? has('query_exporter_query_skipped{');
  if (error !== undefined) throw refuse(error);
  const good = lines.filter((line) => /^query_exporter_query_success\{.*\} 1$/.test(line)).length;
  if (good !== statements) throw refuse(`${good} of ${statements} queries succeeded`);
  return lines.filter((line) => line !== '' && !line.startsWith('#')).length;
}
