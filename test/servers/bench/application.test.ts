/** The application of `npm run harm` on real servers: it does what it says, and the same for the same seed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startApplication } from '../../../bench/harm/application-process.ts';
import { ROWS, TABLES } from '../../../bench/harm/tables.ts';
import { privateServer } from '../../support/real-servers.ts';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());

const ACCOUNT = { user: 'harm_application', password: 'x' };
/** What a transaction is, as servers count statements. */
const OF_A_TRANSACTION = { Com_begin: 1, Com_commit: 1, Com_update: 2, Com_delete: 1, Com_insert: 1 };
type Counter = keyof typeof OF_A_TRANSACTION;

for (const server of servers)
  test(`${server.name}: transactions that leave as many rows as there were`, async (t) => {
    const database = 'harm_application';
    await server.root(`CREATE DATABASE ${database}`);
    await server.createUser(ACCOUNT.user, ACCOUNT.password, `ALL ON ${database}.*`);
    const application = await startApplication({
      ...{ port: server.port, account: ACCOUNT, database, connections: 3 },
    });
    t.after(() => application.stop());
    const counted = async () => {
      const names = Object.keys(OF_A_TRANSACTION) as Counter[];
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await server.globalStatus(name)] as const)),
      ) as Record<Counter, number>;
    };
    const before = await counted();
    const { latencies, seconds } = await application.run({ ms: 300, seed: 1 });
    const now = await counted();
    assert.ok(latencies.length >= 3 && seconds >= 0.3, `${latencies.length} in ${seconds} s`);
    for (const [name, times] of Object.entries(OF_A_TRANSACTION) as [Counter, number][])
      assert.equal(now[name] - before[name], times * latencies.length, name);
    for (let table = 1; table <= TABLES; table++) {
      const [row] = await server.root(
        `SELECT COUNT(*) AS n, MIN(id) AS first, MAX(id) AS last FROM ${database}.harm${table}`,
      );
      assert.deepEqual([Number(row?.['n']), row?.['first'], row?.['last']], [ROWS, 1, ROWS]);
    }
    await server.root(`DROP DATABASE ${database}`);
    await assert.rejects(application.run({ ms: 300, seed: 2 }), /^Error: the application: .*harm/);
  });
