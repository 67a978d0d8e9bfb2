/**
 * Phases: one of those who are compared works for a few seconds, and what it took is written down.
 *
 * They take turns, there and back again (A B C, C B A), so that what slows the machine for a while slows all of them.
 */
import type { Bench, Table } from './experiment.ts';
import type { Figure } from './lines.ts';
import { type Load, probeAll } from './load.ts';
import { figure, median, percentile } from './numbers.ts';
import type { Floor } from './peers/floor-process.ts';
import { cpuSeconds, residentMiB } from './process-usage.ts';

/** One phase. CPU and latency are per probe, for the floor per round of the same statements. */
export interface Phase {
  readonly probes: number;
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly serverCpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMiB: number;
  /** Of the last answer; 0 for the floor. */
  readonly bytes: number;
  readonly series: number;
}

/** One of those who are compared. */
export interface Contender {
  readonly name: string;
  readonly pid: number;
  /** Works for so many milliseconds. */
  readonly work: (ms: number) => Promise<Worked>;
  /** Until its memory has its size and its code is compiled. */
  readonly warmUp: () => Promise<unknown>;
}

interface Worked {
  readonly seconds: number;
  readonly latencies: readonly number[];
  readonly bytes?: number;
  readonly series?: number;
}

const WARM_UP_MS = 3_000;
/** Of a program that V8 compiles while it runs: on a slow machine its CPU per probe falls for thousands of probes. */
const WARM_UP_PROBES = 4_000;
/** A round over all targets that are new may take so long. */
const PATIENCE_MS = 120_000;

/** @param leastProbes before it is measured; one for each target is enough for a program that is compiled beforehand */
export function exporterContender(
  name: string,
  pid: number,
  load: Load,
  concurrency: number,
  leastProbes = WARM_UP_PROBES,
): Contender {
  return {
    name,
    pid,
    work: (ms) => probeAll(load, concurrency, { ms, probes: 0 }),
    warmUp: async () => {
      // All targets once: a target's first probe opens its connections.
      await probeAll(load, concurrency, { ms: 0, probes: load.targets.length });
      await probeAll(load, concurrency, { ms: WARM_UP_MS, probes: leastProbes });
    },
  };
}

export function floorContender(name: string, floor: Floor, hosts: number): Contender {
  return {
    name,
    pid: floor.pid,
    work: (ms) => floor.run({ ms, rounds: 0, mostMs: ms + PATIENCE_MS }),
    warmUp: () => floor.run({ ms: WARM_UP_MS, rounds: hosts, mostMs: PATIENCE_MS }),
  };
}

export type Turn = Readonly<Record<string, Phase>>;

/** Each turn has a phase of every contender. */
export async function takeTurns(bench: Bench, contenders: readonly Contender[]): Promise<readonly Turn[]> {
  const { options, say } = bench;
  for (const { name, warmUp } of contenders) {
    say(`warming up ${name}`);
    await warmUp();
  }
  const turns: Turn[] = [];
  for (let i = 1; i <= options.pairs; i++) {
    say(`turn ${i} of ${options.pairs}`);
    const turn: Record<string, Phase> = {};
    for (const contender of i % 2 === 1 ? contenders : [...contenders].reverse()) {
      turn[contender.name] = await measurePhase(bench, contender);
    }
    turns.push(turn);
  }
  return turns;
}

export async function measurePhase({ options, server }: Bench, { pid, work }: Contender): Promise<Phase> {
  const before = { own: await cpuSeconds(pid), server: await cpuSeconds(server.pid) };
  const { bytes = 0, latencies, seconds, series = 0 } = await work(options.seconds * 1000);
  const after = { own: await cpuSeconds(pid), server: await cpuSeconds(server.pid) };
  const perProbeMs = (spent: number) => (spent * 1000) / latencies.length;
  return {
    probes: latencies.length,
    perSecond: latencies.length / seconds,
    cpuMs: perProbeMs(after.own - before.own),
    serverCpuMs: perProbeMs(after.server - before.server),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    rssMiB: await residentMiB(pid),
    bytes,
    series,
  };
}

/** One over another, turn by turn. */
export function ratio(
  turns: readonly Turn[],
  key: keyof Phase,
  [above, below]: readonly [string, string],
): Figure {
  return figure(turns.map((turn) => (turn[above]?.[key] ?? Number.NaN) / (turn[below]?.[key] ?? Number.NaN)));
}

const ROWS: readonly (readonly [string, keyof Phase, number])[] = [
  ['probes in a phase', 'probes', 0],
  ['probes/s', 'perSecond', 0],
  ['CPU ms per probe', 'cpuMs', 3],
  ['server CPU ms per probe', 'serverCpuMs', 3],
  ['latency p50 ms', 'p50Ms', 2],
  ['latency p99 ms', 'p99Ms', 2],
  ['RSS MiB', 'rssMiB', 0],
  ['bytes of an answer', 'bytes', 0],
  ['series of an answer', 'series', 0],
];

/** Medians of all turns. */
export function turnsTable(title: string, turns: readonly Turn[], contenders: readonly Contender[]): Table {
  const names = contenders.map(({ name }) => name);
  const cells = (key: keyof Phase, digits: number) =>
    names.map((name) => {
      const value = median(turns.map((turn) => turn[name]?.[key] ?? Number.NaN));
      return value === 0 ? '' : value.toFixed(digits);
    });
  return {
    title,
    rows: [['', ...names], ...ROWS.map(([name, key, digits]) => [name, ...cells(key, digits)])],
  };
}
