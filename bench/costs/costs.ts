/**
 * `npm run costs`: what does each shipped query cost a server with thousands of tables?
 *
 * Each is asked several times, and the server tells what its statement took. The class of each set follows, see classes.ts.
 */

import type { DatabaseServer } from '../../harness/server-process.ts';
import type { Flavour } from '../../src/model/query-set.ts';
import type { Connection } from '../../src/mysql/connect/connection.ts';
import { openSession, type ShippedQuery, shippedQueries } from '../../test/queries/each-query.ts';
import { classOf, TABLES } from './classes.ts';
import { MORE_TABLES, type QueryCost, writeCosts } from './measured.ts';
import { costOf, type StatementCost } from './statement.ts';
import { busyServer, makeTables } from './world.ts';

/** Each is asked at least so often, and again while there is time. */
const LEAST_TIMES = 3;
const MOST_TIMES = 12;
const ENOUGH_MS = 1_500;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The least time, which others on the machine have lengthened least, with what else the last run took; undefined when not asked. */
async function usualCost(
  server: DatabaseServer,
  session: Connection,
  query: ShippedQuery,
): Promise<StatementCost | undefined> {
  const start = performance.now();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; ; i++) {
    const cost = await costOf(server, session, query);
    if (cost === undefined) return undefined;
    least = Math.min(least, cost.cpuMs);
    const isEnough = i >= MOST_TIMES || performance.now() - start > ENOUGH_MS;
    if (i >= LEAST_TIMES && isEnough) return { ...cost, cpuMs: least };
  }
}

async function allCosts(server: DatabaseServer, queries: readonly ShippedQuery[]) {
  const session = await openSession({ host: '127.0.0.1', port: server.port });
  const costs = new Map<string, StatementCost>();
  for (const query of queries) {
    const cost = await usualCost(server, session, query);
    if (cost !== undefined) costs.set(query.id, cost);
  }
  session.destroy();
  return costs;
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

async function measure(flavour: Flavour, queries: readonly ShippedQuery[]) {
  say(`${flavour}: making ${TABLES} tables`);
  const server = await busyServer(flavour, TABLES);
  const costs = await allCosts(server, queries);
  say(`${flavour}: making ${MORE_TABLES} tables`);
  await makeTables(server, TABLES, MORE_TABLES);
  const withMore = await allCosts(server, queries);
  await server.stop();
  const version = /^[\d.]+/.exec(server.version)?.[0] ?? server.version;
  return {
    version,
    costs: [...costs].map(
      ([query, cost]): QueryCost => ({
        flavour,
        query,
        ...cost,
        cpuMs: rounded(cost.cpuMs),
        lockMs: rounded(cost.lockMs),
        cpuMsWithMore: rounded(withMore.get(query)?.cpuMs ?? Number.NaN),
        openedWithMore: withMore.get(query)?.openedTables ?? Number.NaN,
      }),
    ),
  };
}

const queries = await shippedQueries();
const mysql = await measure('mysql', queries);
const mariadb = await measure('mariadb', queries);
const costs = [...mysql.costs, ...mariadb.costs];
const asked = new Set(costs.map(({ query }) => query));
for (const cost of costs)
  say(
    [
      cost.query.padEnd(54),
      cost.flavour.padEnd(8),
      classOf(cost).padEnd(9),
      `${cost.cpuMs.toFixed(2)} ms`.padStart(11),
      `${cost.cpuMsWithMore.toFixed(2)} ms`.padStart(11),
      `rows ${cost.rowsExamined} opened ${cost.openedTables} disk ${cost.tmpDiskTables}`,
    ].join(' '),
  );
await writeCosts({
  versions: { mysql: mysql.version, mariadb: mariadb.version },
  costs,
  notAsked: queries.map(({ id }) => id).filter((id) => !asked.has(id)),
});
say('Written. Now: npm run docs; and the cost of a set whose class has changed, in queries/*.yml');
// Sessions of the world are still there.
process.exit(0);
