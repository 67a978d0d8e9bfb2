/** Deadlocks of releases of MariaDB, one of which counts none of them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { findMariadbRelease } from '../../harness/programs.ts';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue } from '../support/parse-exposition.ts';
import { privateServer, type RealServer } from '../support/real-servers.ts';

const servers = await Promise.all(
  (
    [
      ['10.5', undefined],
      ['11.8', 1],
    ] as const
  ).map(async ([release, total]) => {
    const server = await privateServer('mariadb', {}, await findMariadbRelease(release));
    after(() => server.stop());
    return { release, server, total };
  }),
);

async function makeDeadlock(server: RealServer): Promise<void> {
  await server.root(
    'CREATE DATABASE dead; CREATE TABLE dead.t (id INT PRIMARY KEY, n INT); INSERT INTO dead.t VALUES (1, 0), (2, 0)',
  );
  const [first, second] = await Promise.all([server.connect(), server.connect()]);
  for (const [connection, id] of [
    [first, 1],
    [second, 2],
  ] as const) {
    await connection.query('BEGIN');
    await connection.query('UPDATE dead.t SET n = 1 WHERE id = ?', [id]);
  }
  const refusals: string[] = [];
  const refused = (error: Error) => refusals.push(error.message);
  const waiting = first.query('UPDATE dead.t SET n = 1 WHERE id = 2').catch(refused);
  await eventually(async () => assert.equal((await server.statementsRunning('root')).length, 1));
  const crossing = second.query('UPDATE dead.t SET n = 1 WHERE id = 1').catch(refused);
  await Promise.race([waiting, crossing]);
  await Promise.all([first, second].map((connection) => connection.query('ROLLBACK')));
  await Promise.all([waiting, crossing]);
  await Promise.all([first, second].map((connection) => connection.end()));
  assert.match(refusals.join(), /^Deadlock found/);
}

for (const { release, server, total } of servers)
  test(`MariaDB ${release}: deadlocks are counted, or there is no number`, async () => {
    await makeDeadlock(server);
    await using exporter = await Exporter.start({
      'targets.yml': `targets: {a: {address: "127.0.0.1:${server.port}", user: exporter, password: exporter, query_sets: [deadlocks]}}`,
    });
    const { text } = await exporter.probe('a');
    assert.deepEqual(errorsOf(text), []);
    assert.equal(metricValue(text, 'mysql_deadlocks_total'), total);
  });
