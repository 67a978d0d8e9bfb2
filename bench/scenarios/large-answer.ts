/**
 * A target whose probe has 20,000 series among a hundred ordinary ones: what do the others feel of it?
 *
 * Seconds without such a probe and seconds with one a second take turns.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, type Ours, ownMetrics, startOurs } from '../exporter.ts';
import { type Load, probeAll, probeSteadily } from '../load.ts';
import { figure, percentile } from '../numbers.ts';

const TARGETS = 100;
const SERIES = 20_000;
/** Of the others: about a fifth of what a machine with two cores can do. */
const PER_SECOND = 20;
const LARGE_PER_SECOND = 0.5;
const SECONDS = 10;

const SET = {
  description: 'A series for each of 20,000 rows',
  namespace: 'bench',
  queries: {
    rows: {
      // 1,000 rows are the most that both servers let a recursion make.
      query: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000),
              m (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM m WHERE i < ${SERIES / 1000})
              SELECT CONCAT('table_', n.i) AS name, CONCAT('schema_', m.i) AS place, n.i * m.i AS size FROM n, m`,
      max_rows: SERIES,
      max_series: SERIES,
      metrics: {
        size: { type: 'gauge', description: 'A size', labels: ['name', 'place'], value: 'size' },
      },
    },
  },
};

export const largeAnswer: Experiment = {
  name: 'large answer',
  lines: ['stall', 'others'],
  connections: () => (TARGETS + 1) * CONNECTIONS_PER_TARGET + 50,
  run,
};

interface Part {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly stallMs: number;
  /** Of the large probes; NaN without them. */
  readonly largeMs: number;
  readonly series: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, pairs, sets } = bench.options;
  const ours = await startOurs(bench, {
    targets: TARGETS + 1,
    sets,
    ownSets: { large: SET },
    setsOf: new Map([[TARGETS, ['large']]]),
  });
  const all = loadOf(ours, bench.options, 1);
  const others: Load = { ...all, targets: all.targets.slice(0, TARGETS) };
  const large: Load = { ...all, targets: all.targets.slice(TARGETS) };
  await probeAll(others, concurrency, { ms: 3_000, probes: TARGETS });
  await probeAll(large, 1, { ms: 0, probes: 5 });
  const turns: { readonly without: Part; readonly among: Part }[] = [];
  for (let i = 1; i <= pairs; i++) {
    bench.say(`without and with probes of ${SERIES} series, turn ${i} of ${pairs}`);
    turns.push({ without: await part(bench, ours, others), among: await part(bench, ours, others, large) });
  }
  await ours.stop();
  const row = (name: string, key: keyof Part) => [
    name,
    ...(['without', 'among'] as const).map((side) => {
      const { median } = figure(turns.map((turn) => turn[side][key]));
      return Number.isNaN(median) ? '' : median.toFixed(2);
    }),
  ];
  return {
    figures: {
      stall: figure(turns.map(({ among }) => among.stallMs)),
      others: figure(turns.map(({ among, without }) => among.p99Ms / without.p99Ms)),
    },
    tables: [
      {
        title: `${TARGETS} targets, ${PER_SECOND} probes a second; and one of ${turns[0]?.among.series} series every ${1 / LARGE_PER_SECOND} s`,
        rows: [
          ['', 'without', 'with'],
          row('latency p50 ms of the others', 'p50Ms'),
          row('latency p99 ms of the others', 'p99Ms'),
          row('event loop delay most ms', 'stallMs'),
          row('latency p50 ms of the large ones', 'largeMs'),
        ],
      },
    ],
    details: { turns },
  };
}

async function part({ options }: Bench, ours: Ours, others: Load, large?: Load): Promise<Part> {
  const ms = (options.quick ? 1 : SECONDS) * 1000;
  await ownMetrics(ours);
  const [small, big] = await Promise.all([
    probeSteadily(others, PER_SECOND, ms),
    large === undefined ? undefined : probeSteadily(large, LARGE_PER_SECOND, ms),
  ]);
  return {
    p50Ms: percentile(small.latencies, 0.5),
    p99Ms: percentile(small.latencies, 0.99),
    stallMs: (await ownMetrics(ours)).loopDelayMaxMs,
    largeMs: percentile(big?.latencies ?? [], 0.5),
    series: big?.series ?? 0,
  };
}
