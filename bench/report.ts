/**
 * The results as a table for people and as JSON for programs. Neither names the machine.
 */
import { availableParallelism } from 'node:os';
import type { Options } from './options.ts';
import { type ExporterPhase, middle, type Pair, type Phase, type Ratio, ratio } from './phases.ts';
import type { ProfileSummary } from './profile.ts';
import type { World } from './world.ts';

export interface Report {
  readonly node: string;
  readonly cores: number;
  readonly server: string;
  readonly options: Pick<
    Options,
    'targets' | 'seconds' | 'pairs' | 'concurrency' | 'server' | 'sets' | 'tls' | 'gzip'
  >;
  readonly statementsPerProbe: number;
  /** Exporter over floor, pair by pair. */
  readonly ratios: { readonly cpu: Ratio; readonly p50: Ratio; readonly p50Single: Ratio };
  readonly pairs: readonly Pair[];
}

export function reportOf(options: Options, { server, statements }: World, pairs: readonly Pair[]): Report {
  const { json: _json, profile: _profile, ...asked } = options;
  return {
    node: process.version,
    cores: availableParallelism(),
    server: server.version,
    options: asked,
    statementsPerProbe: statements.length,
    ratios: {
      cpu: ratio(pairs, ({ exporter, floor }) => exporter.cpuMs / floor.cpuMs),
      p50: ratio(pairs, ({ exporter, floor }) => exporter.p50Ms / floor.p50Ms),
      p50Single: ratio(pairs, ({ single, floor }) => single.p50Ms / floor.p50Ms),
    },
    pairs,
  };
}

const SERVER_NAMES = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

export function render(report: Report): string {
  const { options, pairs, ratios, statementsPerProbe } = report;
  const exporter = pairs.map((pair) => pair.exporter);
  const single = pairs.map((pair) => pair.single);
  const floor = pairs.map((pair) => pair.floor);
  const row = (name: string, key: keyof Phase, digits: number) => [
    name,
    ...[exporter, single, floor].map((phases) => middle<Phase>(phases, key).toFixed(digits)),
  ];
  const own = (name: string, key: keyof ExporterPhase, digits: number) => [
    name,
    ...[exporter, single].map((phases) => middle(phases, key).toFixed(digits)),
    '',
  ];
  const times = [
    ['', `exporter, ${options.concurrency} at once`, 'exporter, 1 at once', 'mysql2 alone'],
    row('probes', 'probes', 0),
    row('probes/s', 'perSecond', 0),
    row('CPU ms per probe', 'cpuMs', 3),
    row('server CPU ms per probe', 'serverCpuMs', 3),
    row('latency p50 ms', 'p50Ms', 2),
    row('latency p99 ms', 'p99Ms', 2),
    row('RSS MB', 'rssMb', 0),
    own('event loop delay p99 ms', 'loopDelayP99Ms', 2),
    own('bytes of an answer', 'bytes', 0),
    own('series of an answer', 'series', 0),
  ];
  const claims = [
    ['exporter / mysql2 alone', 'median', 'lowest', 'highest'],
    ratioRow('CPU per probe', ratios.cpu),
    ratioRow(`latency p50, ${options.concurrency} at once`, ratios.p50),
    ratioRow('latency p50, 1 at once', ratios.p50Single),
  ];
  const about =
    `${SERVER_NAMES[options.server]} ${report.server}\n${options.targets} targets, sets ${options.sets.join(', ')}: ${statementsPerProbe} ` +
    `statements a probe; ${options.tls ? 'TLS' : 'no TLS'}, ${options.gzip ? 'gzip' : 'no gzip'}; ` +
    `Node.js ${report.node}, ${report.cores} cores; medians of ${pairs.length} phases of ${options.seconds} s`;
  return `${about}\n\n${table(times)}\n\n${table(claims)}\n`;
}

function ratioRow(name: string, { median, lowest, highest }: Ratio): readonly string[] {
  return [name, ...[median, lowest, highest].map((value) => value.toFixed(2))];
}

const TOP = 25;

export function renderProfile(summary: ProfileSummary, { perSecond, cpuMs }: ExporterPhase): string {
  const share = ([name, part]: readonly [string, number]) => [name, `${(part * 100).toFixed(1)} %`];
  return (
    `${perSecond.toFixed(0)} probes/s, ${cpuMs.toFixed(3)} ms CPU a probe (the profiler's own included); ` +
    `main thread busy ${(summary.busy * 100).toFixed(0)} % of the time, of that:\n\n` +
    `${table([['part', 'self time'], ...summary.parts.map(share)])}\n\n` +
    `${table([['function', 'self time'], ...summary.functions.slice(0, TOP).map(share)])}\n`
  );
}

/** Names to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
