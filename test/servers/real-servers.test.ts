/**
 * The servers that all other tests stand on: they answer, and the private ones die, hang and come back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { EXPORTER, privateServer, realServers } from '../support/real-servers.ts';

for (const server of await realServers()) {
  test(`${server.name}: has the shop and an account that may look but not write`, async () => {
    const [orders] = await server.root('SELECT COUNT(*) AS orders FROM shop.orders');
    assert.deepEqual(orders, { orders: 3000 });
    const [grants] = await server.root(`SHOW GRANTS FOR '${EXPORTER.user}'@'%'`);
    assert.match(JSON.stringify(grants), /SELECT, PROCESS/);
    assert.equal(server.flavour === 'mariadb', server.version.includes('MariaDB'));
  });

  test(`${server.name}: tells what a user is doing`, async () => {
    const connection = await server.connect();
    try {
      const nap = 'SELECT SLEEP(60) AS nap';
      const sleeping = connection.query(nap).catch(() => undefined);
      // Other tests work as root at the same time.
      const naps = async () => (await server.statementsRunning('root')).filter(({ sql }) => sql === nap);
      const statement = await eventually(async () => {
        const [running] = await naps();
        assert.ok(running !== undefined, 'nothing runs');
        return running;
      });
      assert.ok((await server.connections('root')) >= 1);
      await server.root(`KILL QUERY ${statement.id}`);
      await sleeping;
      await eventually(async () => assert.deepEqual(await naps(), []));
    } finally {
      await connection.end();
    }
    assert.ok((await server.globalStatus('Uptime')) >= 0);
    await assert.rejects(server.globalStatus('No_such_status'), /no global status No_such_status/);
  });

  test(`${server.name}: makes and drops users`, async () => {
    await server.createUser("o'brien", "it's", 'SELECT ON shop.*');
    const [user] = await server.root("SELECT COUNT(*) AS users FROM mysql.user WHERE user = 'o''brien'");
    assert.deepEqual(user, { users: 1 });
    await server.dropUser("o'brien");
  });

  test(`${server.name}: a private server is killed, paused and started again with its data`, async (t) => {
    const own = await privateServer(server.flavour);
    t.after(own.stop);
    await own.root('CREATE DATABASE kept');

    await own.process.kill();
    await assert.rejects(own.root('SELECT 1'));
    await own.process.start();
    assert.deepEqual(await own.root("SHOW DATABASES LIKE 'kept'"), [{ 'Database (kept)': 'kept' }]);

    await own.process.pause();
    const answer = own.root('SELECT 1 AS one');
    assert.equal(await Promise.race([answer, delay(300, 'silence')]), 'silence');
    own.process.resume();
    assert.deepEqual(await answer, [{ one: 1 }]);

    await own.process.shutDown();
    await own.process.start();
    assert.ok((await own.globalStatus('Uptime')) < 60);
  });
}
