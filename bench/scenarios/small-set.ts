/**
 * Two small queries, as home-made exporters have them: a probe of ours beside connecting anew for each target.
 *
 * go-gywn/query-exporter connects to an instance, asks and closes, at every scrape. It is modelled, not run: the same
 * driver, mysql2, does that and nothing else, no HTTP and no metrics.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs, statementsOf } from '../exporter.ts';
import { startFloor } from '../floor-process.ts';
import { exporterContender, floorContender, ratio, takeTurns, turnsTable } from '../phases.ts';

const OURS = 'exporter';
const ANEW = "go-gywn's way";

/** By client and by country: a few rows each. */
const SET = {
  description: 'Two small queries',
  namespace: 'bench',
  queries: {
    customers: {
      query:
        "SELECT country, COUNT(*) AS customers FROM shop.customers WHERE country IN ('DE', 'KR') GROUP BY 1",
      metrics: {
        customers: { type: 'gauge', description: 'Customers', labels: ['country'], value: 'customers' },
      },
    },
    products: {
      query: 'SELECT COUNT(*) AS products, MIN(stock) AS stock FROM shop.products WHERE id <= 10',
      metrics: {
        products: { type: 'gauge', description: 'Products', value: 'products' },
        stock: { type: 'gauge', description: 'Smallest stock', value: 'stock' },
      },
    },
  },
};

export const smallSet: Experiment = {
  name: 'small set',
  lines: ['small'],
  connections: ({ concurrency, targets }) => targets * CONNECTIONS_PER_TARGET + concurrency * 10,
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, targets } = bench.options;
  const ours = await startOurs(bench, { targets, sets: ['bench'], ownSets: { bench: SET } });
  const statements = await statementsOf(bench, ours);
  const floor = await startFloor(bench, statements, 'anew');
  const load = loadOf(ours, bench.options, statements.length);
  const contenders = [
    exporterContender(OURS, ours.child.pid, load, concurrency),
    floorContender(ANEW, floor, targets),
  ];
  const turns = await takeTurns(bench, contenders);
  floor.stop();
  await ours.stop();
  const title = `${targets} targets, ${concurrency} at once, two small queries; the way of go-gywn is modelled with mysql2`;
  return {
    figures: { small: ratio(turns, 'cpuMs', [OURS, ANEW]) },
    tables: [turnsTable(title, turns, contenders)],
    details: { statements, turns },
  };
}
