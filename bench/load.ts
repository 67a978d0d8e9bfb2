/**
 * The load: probes over kept connections, round robin over the targets, every answer checked.
 *
 * The same for all exporters, with the headers that Prometheus sends. Answers are unpacked and checked when the
 * phase is over: during it the generator shall take as little of the machine as it can.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export interface Load {
  /** What comes before the target's name. */
  readonly url: string;
  readonly targets: readonly string[];
  readonly gzip: boolean;
  /** The header Authorization, where the port asks for a login. */
  readonly login?: string;
  /** Why an answer is no full success; undefined when it is one. */
  readonly refuse: (text: string) => string | undefined;
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
/** So many answers are kept before they are checked after all. */
const MOST_KEPT = 4_000;

/** So many probes at once, without a pause; an Error when an answer is not a full success. */
export async function probeAll(load: Load, concurrency: number, until: Until): Promise<Probed> {
  return await withRun(load, concurrency, async (run) => {
    let begun = 0;
    const wanted = () => !run.failed && (begun < until.probes || run.elapsed() < until.ms);
    const worker = async () => {
      while (wanted()) await run.probe(begun++);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  });
}

/** So many probes a second, each at its time whether or not those before it have been answered. */
export async function probeSteadily(load: Load, perSecond: number, ms: number): Promise<Probed> {
  return await withRun(load, Number.POSITIVE_INFINITY, async (run) => {
    const under: Promise<void>[] = [];
    for (let i = 0; !run.failed && (i * 1000) / perSecond < ms; i++) {
      const wait = (i * 1000) / perSecond - run.elapsed();
      if (wait > 1) await delay(wait);
      under.push(run.probe(i));
    }
    await Promise.all(under);
  });
}

/** The body of one answer, as it travelled. */
export async function probeOnce(load: Load): Promise<Buffer> {
  return await request(new http.Agent(), `${load.url}${load.targets[0]}`, load);
}

async function withRun(load: Load, maxSockets: number, work: (run: Run) => Promise<void>): Promise<Probed> {
  const run = new Run(load, maxSockets);
  try {
    await work(run);
    return run.result();
  } catch (cause) {
    run.failed = true;
    throw cause;
  } finally {
    run.close();
  }
}

interface Answer {
  readonly target: string;
  readonly body: Buffer;
}

class Run {
  /** Set by the first error: no other probe begins. */
  failed = false;
  readonly #load: Load;
  readonly #agent: http.Agent;
  readonly #started = performance.now();
  readonly #latencies: number[] = [];
  #unchecked: Answer[] = [];
  #bytes = 0;
  #series = 0;

  constructor(load: Load, maxSockets: number) {
    this.#load = load;
    // The certificate is the server's own, and all of this is on loopback.
    const options = { keepAlive: true, maxSockets, scheduling: 'fifo', rejectUnauthorized: false } as const;
    this.#agent = load.url.startsWith('https:') ? new https.Agent(options) : new http.Agent(options);
  }

  elapsed(): number {
    return performance.now() - this.#started;
  }

  async probe(index: number): Promise<void> {
    const { targets, url } = this.#load;
    const target = targets[index % targets.length] ?? '';
    const start = performance.now();
    try {
      const body = await request(this.#agent, url + target, this.#load);
      this.#latencies.push(performance.now() - start);
      this.#unchecked.push({ target, body });
      if (this.#unchecked.length >= MOST_KEPT) this.#check();
    } catch (cause) {
      this.failed = true;
      throw cause;
    }
  }

  result(): Probed {
    const seconds = this.elapsed() / 1000;
    this.#check();
    return { seconds, latencies: this.#latencies, bytes: this.#bytes, series: this.#series };
  }

  close(): void {
    this.#agent.destroy();
  }

  #check(): void {
    for (const { target, body } of this.#unchecked) {
      const isGzip = body[0] === 0x1f && body[1] === 0x8b;
      const text = (isGzip ? gunzipSync(body) : body).toString();
      const refused = this.#load.refuse(text);
      if (refused !== undefined) throw new Error(`the answer for ${target} is no success: ${refused}`);
      this.#bytes = body.length;
      this.#series = (text.match(/^[^#\n]/gm) ?? []).length;
    }
    this.#unchecked = [];
  }
}

function request(agent: http.Agent, url: string, { gzip, login }: Load): Promise<Buffer> {
  const headers = {
    accept: 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'accept-encoding': gzip ? 'gzip' : 'identity',
    'x-prometheus-scrape-timeout-seconds': String(SCRAPE_TIMEOUT_SECONDS),
    ...(login !== undefined && { authorization: login }),
  };
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answered HTTP ${response.statusCode}: ${body.subarray(0, 200)}`));
      });
    };
    const timeout = (SCRAPE_TIMEOUT_SECONDS + 5) * 1000;
    const sent = get(url, { agent, headers, timeout }, answered);
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer in ${timeout} ms`)));
    sent.on('error', reject);
  });
}
