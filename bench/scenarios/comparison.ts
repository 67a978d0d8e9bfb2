/**
 * A probe of our exporter beside one of mysqld_exporter, and beside mysql2 alone asking the same statements.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs, statementsOf } from '../exporter.ts';
import type { LineId } from '../lines.ts';
import { startComparedUpstream, UPSTREAM } from '../peers/compared-upstream.ts';
import { startFloor } from '../peers/floor-process.ts';
import { startLeast } from '../peers/least-process.ts';
import {
  type Contender,
  exporterContender,
  floorContender,
  ratio,
  takeTurns,
  turnsTable,
} from '../phases.ts';

const OURS = 'exporter';
const FLOOR = 'mysql2 alone';

const OF_UPSTREAM: readonly LineId[] = ['cpu', 'server', 'p50', 'p99', 'bytes'];
const OF_FLOOR: readonly LineId[] = ['floor', 'bare'];

export const comparison: Experiment = {
  name: 'comparison',
  lines: [...OF_UPSTREAM, ...OF_FLOOR],
  connections: ({ concurrency, targets }) => targets * (CONNECTIONS_PER_TARGET + 2) + concurrency * 10,
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, lines, sets, targets } = bench.options;
  const wants = (some: readonly LineId[]) => some.some((line) => lines.includes(line));
  const ours = await startOurs(bench, { targets, sets });
  const statements = await statementsOf(bench, ours);
  const load = loadOf(ours, bench.options, statements.length);
  const upstream = wants(OF_UPSTREAM) ? await startComparedUpstream(bench) : undefined;
  const floor = wants(OF_FLOOR) ? await startFloor(bench, statements, 'kept') : undefined;
  const least = wants(OF_FLOOR) ? await startLeast(bench, load, statements) : undefined;
  const contenders: readonly Contender[] = [
    exporterContender(OURS, ours.child.pid, load, concurrency),
    ...(upstream === undefined ? [] : [upstream.contender]),
    ...(floor === undefined ? [] : [floorContender(FLOOR, floor, targets)]),
    ...(least === undefined ? [] : [least.contender]),
  ];
  const turns = await takeTurns(bench, contenders);
  least?.stop();
  floor?.stop();
  await upstream?.stop();
  await ours.stop();
  const version = upstream === undefined ? '' : `; mysqld_exporter ${upstream.version}`;
  const title = `${targets} targets, ${concurrency} at once, ${statements.length} statements a probe${version}`;
  return {
    figures: {
      ...(upstream && {
        cpu: ratio(turns, 'cpuMs', [OURS, UPSTREAM]),
        server: ratio(turns, 'serverCpuMs', [OURS, UPSTREAM]),
        p50: ratio(turns, 'p50Ms', [OURS, UPSTREAM]),
        p99: ratio(turns, 'p99Ms', [OURS, UPSTREAM]),
        ...(bench.options.gzip && { bytes: ratio(turns, 'bytes', [OURS, UPSTREAM]) }),
      }),
      ...(floor && {
        floor: ratio(turns, 'cpuMs', [OURS, FLOOR]),
        bare: ratio(turns, 'serverCpuMs', [OURS, FLOOR]),
      }),
    },
    tables: [turnsTable(title, turns, contenders)],
    details: { statements, turns },
  };
}
