/**
 * Two small queries, as home-made exporters have them: a probe of ours beside connecting anew for each target.
 *
 * go-gywn/query-exporter connects to an instance, asks and closes, at every scrape. It is modelled, not run: the same
 * driver, mysql2, does that and nothing else, no HTTP and no metrics.
 */
import type { Experiment } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET } from '../exporter.ts';
import { compareOwnSet } from './own-set.ts';

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
  run: (bench) =>
    compareOwnSet(
      bench,
      'small',
      SET,
      { name: "go-gywn's way", connections: 'anew' },
      'two small queries; the way of go-gywn is modelled with mysql2',
    ),
};
