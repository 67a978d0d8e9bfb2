/**
 * The phases of a run: exporter under load, exporter asked one probe at a time, mysql2 alone; in turns.
 */
import { type Floor, startFloor } from './floor-process.ts';
import { type Load, type Probed, probeAll } from './load.ts';
import { median, percentile } from './numbers.ts';
import type { Options } from './options.ts';
import { cpuSeconds } from './process-cpu.ts';
import { ACCOUNT, type World } from './world.ts';

/** One phase. CPU and latency are per probe, for the floor per round of the same statements. */
export interface Phase {
  readonly probes: number;
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly serverCpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

/** A phase of the exporter, and what it tells of itself. */
export interface ExporterPhase extends Phase {
  /** How late the event loop was, at most in 99 of 100 looks. */
  readonly loopDelayP99Ms: number;
  readonly bytes: number;
  readonly series: number;
}

export interface Pair {
  readonly exporter: ExporterPhase;
  /** One probe at a time: what a probe takes when it waits for nothing but itself. */
  readonly single: ExporterPhase;
  readonly floor: Phase;
}

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Rounds of the floor may take this many times the seconds of the probes they follow. */
const PATIENCE = 5;
/** Until the code is compiled and the memory has its size. */
const WARM_UP_MS = 3_000;

export async function warmUp(world: World, options: Options): Promise<void> {
  const load = loadOf(world, options);
  // Twice every target, the first time alone: a target's first probe opens its connections.
  await probeAll(load, options.concurrency, { ms: 0, probes: options.targets });
  await probeAll(load, options.concurrency, { ms: WARM_UP_MS, probes: options.targets });
}

export async function measurePairs(
  world: World,
  options: Options,
  say: (line: string) => void,
): Promise<readonly Pair[]> {
  const { server, statements } = world;
  const floor = await startFloor({ port: server.port, account: ACCOUNT, tls: options.tls, statements });
  const pairs: Pair[] = [];
  const patienceMs = options.seconds * PATIENCE * 1000;
  try {
    await floor.run({ rounds: 500, mostMs: patienceMs });
    for (let pair = 1; pair <= options.pairs; pair++) {
      say(`pair ${pair} of ${options.pairs}`);
      const exporter = await exporterPhase(world, options, options.concurrency);
      const alone = await floorPhase(world, floor, { rounds: exporter.probes, mostMs: patienceMs });
      const single = await exporterPhase(world, options, 1);
      pairs.push({ exporter, single, floor: alone });
    }
  } finally {
    floor.stop();
  }
  return pairs;
}

/** Probes for the length of one phase. */
export async function exporterPhase(
  world: World,
  options: Options,
  concurrency: number,
): Promise<ExporterPhase> {
  const { exporter, server } = world;
  const before = { own: await ownMetrics(exporter.url), server: await cpuSeconds(server.pid) };
  const until = { ms: options.seconds * 1000, probes: 0 };
  const probed = await probeAll(loadOf(world, options), concurrency, until);
  const after = { own: await ownMetrics(exporter.url), server: await cpuSeconds(server.pid) };
  return {
    ...timing(probed),
    cpuMs: perProbeMs(after.own.cpuSeconds - before.own.cpuSeconds, probed),
    serverCpuMs: perProbeMs(after.server - before.server, probed),
    rssMb: after.own.rssBytes / 2 ** 20,
    loopDelayP99Ms: after.own.loopDelayP99Ms,
    bytes: probed.bytes,
    series: probed.series,
  };
}

async function floorPhase(
  { server }: World,
  floor: Floor,
  task: { readonly rounds: number; readonly mostMs: number },
): Promise<Phase> {
  const before = await cpuSeconds(server.pid);
  const result = await floor.run(task);
  const after = await cpuSeconds(server.pid);
  return {
    ...timing(result),
    cpuMs: perProbeMs(result.cpuSeconds, result),
    serverCpuMs: perProbeMs(after - before, result),
    rssMb: result.rssBytes / 2 ** 20,
  };
}

type Timed = Pick<Probed, 'seconds' | 'latencies'>;

function timing({ seconds, latencies }: Timed) {
  return {
    probes: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

const perProbeMs = (seconds: number, { latencies }: Timed) => (seconds * 1000) / latencies.length;

function loadOf({ exporter, targets, statements }: World, { gzip }: Options): Load {
  return { url: exporter.url, targets, statements: statements.length, gzip };
}

/** Node's histogram holds the intervals of a timer of 10 ms: what is above that is delay. */
const LOOP_TIMER_MS = 10;

/** Asking for them also begins a new measurement of the event loop's delay. */
async function ownMetrics(url: string) {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
  const read = (name: string) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`the exporter's own metrics lack ${name}`);
    return Number(value);
  };
  return {
    cpuSeconds: read('process_cpu_seconds_total'),
    rssBytes: read('process_resident_memory_bytes'),
    loopDelayP99Ms: Math.max(0, read('nodejs_eventloop_lag_p99_seconds') * 1000 - LOOP_TIMER_MS),
  };
}

/** The same number of several phases, in the middle. */
export function middle<P extends Phase>(phases: readonly P[], key: keyof P): number {
  return median(phases.map((phase) => Number(phase[key])));
}

/** Exporter over floor, pair by pair, so that what slows the machine for a while slows both. */
export function ratio(pairs: readonly Pair[], of: (pair: Pair) => number): Ratio {
  const values = pairs.map(of);
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}
