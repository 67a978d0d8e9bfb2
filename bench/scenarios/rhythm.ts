/**
 * A thousand targets every 15 seconds, as Prometheus would: how late is the exporter's event loop?
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, type OwnMetrics, ownMetrics, startOurs } from '../exporter.ts';
import { probeAll, probeSteadily } from '../load.ts';
import { FIGURE_HEADINGS, figure, figureRow, percentile } from '../numbers.ts';
import { cpuSeconds } from '../process-usage.ts';

const TARGETS = 1_000;
const INTERVAL_MS = 15_000;
const ROUNDS = 4;

export const rhythm: Experiment = {
  name: 'rhythm',
  lines: ['loop'],
  connections: () => TARGETS * CONNECTIONS_PER_TARGET + 50,
  run,
};

interface Round extends OwnMetrics {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly coreShare: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, quick, sets } = bench.options;
  const ours = await startOurs(bench, { targets: TARGETS, sets });
  const load = loadOf(ours, bench.options, 1);
  bench.say(`probing ${TARGETS} targets for the first time`);
  await probeAll(load, concurrency, { ms: 0, probes: TARGETS });
  const rounds: Round[] = [];
  for (let round = 1; round <= (quick ? 1 : ROUNDS); round++) {
    bench.say(`${TARGETS} targets in ${INTERVAL_MS / 1000} s, round ${round}`);
    await ownMetrics(ours);
    const before = await cpuSeconds(ours.child.pid);
    const { latencies } = await probeSteadily(load, (TARGETS * 1000) / INTERVAL_MS, INTERVAL_MS);
    const cores = (await cpuSeconds(ours.child.pid)) - before;
    rounds.push({
      ...(await ownMetrics(ours)),
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      coreShare: cores / (INTERVAL_MS / 1000),
    });
  }
  await ours.stop();
  const row = (name: string, key: keyof Round, digits: number) =>
    figureRow(
      name,
      rounds.map((round) => round[key]),
      digits,
    );
  return {
    figures: { loop: figure(rounds.map(({ loopDelayP99Ms }) => loopDelayP99Ms)) },
    tables: [
      {
        title: `${TARGETS} targets every ${INTERVAL_MS / 1000} s, evenly spread`,
        rows: [
          FIGURE_HEADINGS,
          row('event loop delay p99 ms', 'loopDelayP99Ms', 2),
          row('event loop delay most ms', 'loopDelayMaxMs', 2),
          row('latency p50 ms', 'p50Ms', 2),
          row('latency p99 ms', 'p99Ms', 2),
          row('CPU, share of a core', 'coreShare', 2),
        ],
      },
    ],
    details: { rounds },
  };
}
