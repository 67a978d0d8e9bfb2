/**
 * The query sets of these tests, and what becomes of each query on a server that is well.
 */

import type { Flavour } from '../../../src/model/query-set.ts';
import type { Reason, SkipReason } from '../../../src/model/reason.ts';

/** Stands in what servers say about statements and values: it may reach the log and never an answer. */
export const SERVER_TEXT = 'text_of_a_server';

type Query = Readonly<Record<string, unknown>>;

interface Failing {
  /** Rows that were read before it failed. */
  readonly rows: number;
  readonly query: Query;
}

/** Mistakes of one query, which concern no other. */
export const MISTAKES = {
  sql: { rows: 0, query: { query: `SELECT v FROM shop.${SERVER_TEXT}` } },
  missing_column: { rows: 1, query: { query: `SELECT 1 AS ${SERVER_TEXT}` } },
  invalid_value: { rows: 1, query: { query: `SELECT '${SERVER_TEXT}' AS v` } },
  limit: { rows: 0, query: { query: 'SELECT 1 AS v UNION ALL SELECT 2', max_rows: 1 } },
  timeout: { rows: 0, query: { query: 'SELECT SLEEP(60) AS v', timeout: '2s' } },
} as const satisfies Partial<Record<Reason, Failing>>;

/** What a server lacks; a new reason does not compile without an entry. */
export const LACKS: Readonly<Record<SkipReason, (other: Flavour) => Query>> = {
  flavour: (other) => ({ requires: { flavour: other } }),
  version: () => ({ requires: { max_version: '5.0' } }),
  variable: () => ({ requires: { variables: { read_only: 'no_such_value' } } }),
  table: () => ({ requires: { tables: [`shop.${SERVER_TEXT}`] } }),
  // No server of these tests follows another one.
  role: () => ({ requires: { when_role: ['replica'] } }),
  column: () => ({ requires: { columns: [`shop.orders.${SERVER_TEXT}`] } }),
  ignored_error: () => ({ query: `SELECT v FROM shop.${SERVER_TEXT}`, ignore_errors: [1146] }),
};

const gauge = (name: string, query: Query): Query => ({
  query: 'SELECT 1 AS v',
  ...query,
  metrics: { [name]: { type: 'gauge', description: 'One', value: 'v' } },
});

const set = (queries: Readonly<Record<string, Query>>): Query => ({
  namespace: 'families',
  queries: Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, gauge(name, query)])),
});

/** `WHERE` makes MySQL say that it was interrupted; a bare SLEEP() would just return. */
const waiting = (name: string): Query => ({
  query: `SELECT 1 AS v /* ${name} */ FROM shop.products WHERE SLEEP(60)`,
  timeout: '30s',
});

const lackedBy = (flavour: Flavour): Query =>
  set(Object.fromEntries(Object.entries(LACKS).map(([reason, query]) => [reason, query(flavour)])));

export const QUERY_FILE = JSON.stringify({
  query_sets: {
    partial: {
      namespace: 'families',
      queries: {
        half: {
          query: 'SELECT 5 AS v',
          metrics: {
            whole: { type: 'gauge', description: 'One', value: 'v' },
            lost: { type: 'gauge', description: 'One', value: SERVER_TEXT },
          },
        },
      },
    },
    unseen: set({ unseen: { query: 'SELECT 6 AS v', grants: ['PROCESS'] } }),
    pair: set({ one: {}, other: { query: 'SELECT 2 AS v' } }),
    mistaken: set({
      well: { query: 'SELECT 3 AS v' },
      ...Object.fromEntries(Object.entries(MISTAKES).map(([reason, { query }]) => [reason, query])),
    }),
    only_mariadb: lackedBy('mariadb'),
    only_mysql: lackedBy('mysql'),
    kept: set({ kept: { query: 'SELECT 4 AS v', min_interval: '1h' } }),
    crowded: set({ first: {}, hog: waiting('hog'), last: { timeout: '200ms' } }),
    ended: set({ canceled: waiting('canceled'), lost: waiting('lost') }),
    holding: set({ holding: waiting('holding') }),
  },
});
