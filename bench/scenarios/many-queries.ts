/**
 * Thirty queries of three rows each, as an operator's own sets have them: what each costs beside mysql2 alone.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs, statementsOf } from '../exporter.ts';
import { startFloor } from '../floor-process.ts';
import { exporterContender, floorContender, ratio, takeTurns, turnsTable } from '../phases.ts';
import { ACCOUNT, addressOf } from '../server.ts';

const OURS = 'exporter';
const FLOOR = 'mysql2 alone';
const QUERIES = 30;

const SET = {
  description: 'Thirty small queries',
  namespace: 'bench',
  queries: Object.fromEntries(
    Array.from({ length: QUERIES }, (_, n) => [
      `number${n}`,
      {
        query: `SELECT 'a' AS name, ${n} AS value UNION ALL SELECT 'b', ${n * 2} UNION ALL SELECT 'c', ${n * 3}.5`,
        metrics: {
          [`number${n}`]: { type: 'gauge', description: 'Number', labels: ['name'], value: 'value' },
        },
      },
    ]),
  ),
};

export const manyQueries: Experiment = {
  name: 'many queries',
  lines: ['many'],
  connections: ({ targets }) => targets * (CONNECTIONS_PER_TARGET + 1),
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, targets, tls } = bench.options;
  const ours = await startOurs(bench, { targets, sets: ['bench'], ownSets: { bench: SET } });
  const statements = await statementsOf(bench, ours);
  const floor = await startFloor({
    hosts: Array.from({ length: targets }, (_, i) => addressOf(i)),
    port: bench.server.port,
    account: ACCOUNT,
    connections: 'kept',
    ...{ concurrency, statements, tls },
  });
  const contenders = [
    exporterContender(OURS, ours.child.pid, loadOf(ours, bench.options, statements.length), concurrency),
    floorContender(FLOOR, floor, targets),
  ];
  const turns = await takeTurns(bench, contenders);
  floor.stop();
  await ours.stop();
  const title = `${targets} targets, ${concurrency} at once, ${QUERIES} queries of three rows each`;
  return {
    figures: { many: ratio(turns, 'cpuMs', [OURS, FLOOR]) },
    tables: [turnsTable(title, turns, contenders)],
    details: { statements, turns },
  };
}
