/** Two servers behind one address: an answer is of one of them, and nothing is killed on the other. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { hangUp } from '../../support/hang-up.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { type RealServer, serverPairs } from '../../support/real-servers.ts';
import { portMetrics, portsIn } from '../asked-servers.ts';
import { balancer } from './balancer.ts';

const pairs = await serverPairs();
for (const { stop } of pairs) after(stop);

const QUERIES = `
query_sets:
  ports:
    namespace: test
    metrics:
${portMetrics(6)}
  kept:
    namespace: test
    metrics:
      kept: {query: SELECT @@port AS v, type: gauge, description: Port, value: v, min_interval: 1h}
  asleep:
    namespace: test
    metrics:
      asleep: {query: SELECT SLEEP(20) AS v, type: gauge, description: Sleep, value: v, timeout: 4s}
`;

async function exporterFor(port: number, settings: string, sets = 'ports, kept'): Promise<Exporter> {
  return await Exporter.start({
    'targets.yml': `
query_files: [queries.yml]
targets:
  behind: {address: "127.0.0.1:${port}", user: exporter, password: exporter, query_sets: [${sets}], max_load: 100%, ${settings}}
`,
    'queries.yml': QUERIES,
  });
}

const changes = async (exporter: Exporter): Promise<string> =>
  /^query_exporter_server_changes_total.*/m.exec((await exporter.get('/metrics')).text)?.[0] ?? '';

for (const { flavour, one, other } of pairs) {
  test(`${flavour}: connections that reach two servers by turns never mix in one answer`, async (t) => {
    const front = await balancer(t, (n) => (n % 2 === 0 ? one : other).port);
    await using exporter = await exporterFor(front.port, 'max_connection_age: 1s');
    for (let n = 0; n < 30; n++) {
      const { text } = await exporter.probe('behind');
      assert.equal(metricValue(text, 'mysql_up'), 1);
      assert.equal(portsIn(text).length, 1);
    }
    assert.deepEqual(new Set(front.chosen), new Set([one.port, other.port]));
    assert.match(await changes(exporter), / [1-9]/);
    assert.match(exporter.log, /another server answers at the address of the target/);
  });

  test(`${flavour}: the other server is asked within the age of a connection after a switch`, async (t) => {
    let current: RealServer = one;
    const front = await balancer(t, () => current.port);
    await using exporter = await exporterFor(front.port, 'max_connection_age: 2s');
    assert.deepEqual(portsIn((await exporter.probe('behind')).text), [one.port]);
    current = other;
    await eventually(async () => {
      const { text } = await exporter.probe('behind');
      assert.deepEqual(errorsOf(text), []);
      // The kept result is that of the server before, so it is asked again.
      assert.deepEqual(portsIn(text), [other.port]);
    });
  });

  test(`${flavour}: a KILL does not go to another server`, async (t) => {
    const front = await balancer(t, (n) => (n === 0 ? one : other).port);
    await using exporter = await exporterFor(front.port, 'max_connections: 1', 'asleep');
    const leaving = new AbortController();
    const slow = exporter.get('/probe?target=behind', { signal: leaving.signal });
    const [ours] = await eventually(async () => {
      const running = await one.statementsRunning('exporter');
      assert.equal(running.length, 1);
      return running;
    });
    await using stranger = await connectionWithId(other, ours?.id ?? 0);
    await hangUp(leaving);
    await assert.rejects(slow);
    await eventually(() =>
      assert.match(exporter.log, /statement not killed.*it runs on .* and a new connection reaches/),
    );
    assert.match((await exporter.get('/metrics')).text, /^query_exporter_statements_not_killed_total 1$/m);
    assert.ok(await stranger.isAsleep());
  });

  test(`${flavour}: the version is that of the server, not of the greeting of a proxy`, async (t) => {
    const foreign = flavour === 'mariadb' ? '8.0.11' : '5.5.5-10.5.29-MariaDB';
    const front = await balancer(t, () => one.port, { version: foreign, threadId: 0 });
    await using exporter = await Exporter.start({
      'targets.yml': `
targets:
  behind: {address: "127.0.0.1:${front.port}", user: exporter, password: exporter, query_sets: [global_status, innodb, slave_status, connections]}
  direct: {address: "127.0.0.1:${one.port}", user: exporter, password: exporter, query_sets: [global_status, innodb, slave_status, connections]}
`,
    });
    const [behind, direct] = await Promise.all(['behind', 'direct'].map((name) => exporter.probe(name)));
    const families = (text = '') => [...new Set(parseExposition(text).map(({ name }) => name))].sort();
    assert.deepEqual(errorsOf(behind?.text ?? ''), errorsOf(direct?.text ?? ''));
    assert.deepEqual(families(behind?.text), families(direct?.text));
  });

  test(`${flavour}: nothing is killed by an id that a proxy has made up`, async (t) => {
    const front = await balancer(t, () => one.port, { threadId: 0 });
    await using exporter = await exporterFor(front.port, 'max_connections: 1', 'asleep');
    const leaving = new AbortController();
    const slow = exporter.get('/probe?target=behind', { signal: leaving.signal });
    await eventually(async () => assert.equal((await one.statementsRunning('exporter')).length, 1));
    await hangUp(leaving);
    await assert.rejects(slow);
    await eventually(() =>
      assert.match(exporter.log, /statement not killed.*a proxy stands before the server/),
    );
    // The server's own limit has ended it.
    assert.deepEqual(await one.untilIdle('exporter'), []);
  });
}

/** A statement of a stranger, asleep on a connection with that id. */
async function connectionWithId(server: RealServer, id: number) {
  for (;;) {
    const connection = await server.connect();
    const [[row]] = (await connection.query('SELECT CONNECTION_ID() AS id')) as unknown as [[{ id: number }]];
    if (Number(row.id) < id) {
      await connection.end();
      continue;
    }
    assert.equal(Number(row.id), id);
    const asleep = connection.query('SELECT SLEEP(30)').then(
      () => true,
      () => false,
    );
    return {
      isAsleep: async () => (await server.statementsRunning('root')).some((running) => running.id === id),
      async [Symbol.asyncDispose]() {
        connection.destroy();
        await asleep;
      },
    };
  }
}
