/**
 * The first probes after a start, which connect, log in and learn: what one costs beside an ordinary one of
 * mysqld_exporter, which connects at each, and how long a thousand targets take. And what is left open behind them.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs } from '../exporter.ts';
import { type Load, probeAll } from '../load.ts';
import { figure, median } from '../numbers.ts';
import { startComparedUpstream } from '../peers/compared-upstream.ts';
import { measurePhase } from '../phases.ts';
import { cpuSeconds } from '../process-usage.ts';
import { connectionsOf } from '../server.ts';

const TARGETS = 1_000;
/** What was needed for the first probes alone is closed behind that; a round of all targets takes less. */
const IDLE_SECONDS = 10;

export const firstProbes: Experiment = {
  name: 'first probes',
  lines: ['first', 'first_seconds', 'connections'],
  connections: ({ concurrency }) => TARGETS * CONNECTIONS_PER_TARGET + concurrency * 10,
  run,
};

interface Start {
  readonly cpuMs: number;
  readonly seconds: number;
  /** By target, behind all that; undefined where nobody has counted. */
  readonly connections: number | undefined;
}

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, pairs } = bench.options;
  const upstream = await startComparedUpstream(bench);
  await upstream.contender.warmUp();
  const starts: Start[] = [];
  const ordinary: number[] = [];
  for (let i = 1; i <= pairs; i++) {
    bench.say(`first probes, start ${i} of ${pairs}`);
    starts.push(await start(bench, concurrency, i === pairs));
    ordinary.push((await measurePhase(bench, upstream.contender)).cpuMs);
  }
  await upstream.stop();
  const counted = starts.flatMap(({ connections }) => connections ?? []);
  const row = (name: string, values: readonly number[], digits: number) => [
    name,
    median(values).toFixed(digits),
  ];
  return {
    figures: {
      first: figure(starts.map(({ cpuMs }, i) => cpuMs / (ordinary[i] ?? Number.NaN))),
      first_seconds: figure(starts.map(({ seconds }) => seconds)),
      connections: figure(counted),
    },
    tables: [
      {
        title: `first probes of ${TARGETS} targets, ${concurrency} at once`,
        rows: [
          ['', 'median'],
          row(
            'CPU ms per first probe',
            starts.map(({ cpuMs }) => cpuMs),
            3,
          ),
          row('CPU ms per ordinary probe of mysqld_exporter', ordinary, 3),
          row(
            'seconds for all',
            starts.map(({ seconds }) => seconds),
            2,
          ),
          row('connections per target afterwards', counted, 2),
        ],
      },
    ],
    details: { starts, ordinary },
  };
}

async function start(bench: Bench, concurrency: number, counts: boolean): Promise<Start> {
  const ours = await startOurs(bench, {
    targets: TARGETS,
    sets: bench.options.sets,
    idleSeconds: IDLE_SECONDS,
  });
  const load = loadOf(ours, bench.options, 1);
  const before = await cpuSeconds(ours.child.pid);
  const { seconds } = await probeAll(load, concurrency, { ms: 0, probes: TARGETS });
  const cpuMs = (((await cpuSeconds(ours.child.pid)) - before) * 1000) / TARGETS;
  const connections = counts ? await connectionsWhenSettled(bench, load) : undefined;
  await ours.stop();
  return { cpuMs, seconds, connections };
}

async function connectionsWhenSettled({ options, server }: Bench, load: Load): Promise<number> {
  await probeAll(load, options.concurrency, { ms: IDLE_SECONDS * 2_000, probes: 2 * TARGETS });
  return (await connectionsOf(server)) / TARGETS;
}
