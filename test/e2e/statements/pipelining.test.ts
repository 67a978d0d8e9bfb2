/**
 * Statements that a server answers quickly go out together on one connection: what it sees of that, and what a slow one
 * among them does to the others.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'pipelining';
const DATABASE = 'pipelining_test';
const SOME = 20;
const servers = await realServers();

for (const server of servers) {
  before(async () => {
    await server.root(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}`);
    await server.root(
      `CREATE TABLE ${DATABASE}.delays (seconds DOUBLE); INSERT INTO ${DATABASE}.delays VALUES (0)`,
    );
    await server.createUser(
      USER,
      USER,
      `SELECT ON ${DATABASE}.*`,
      'PROCESS ON *.*',
      'REPLICATION CLIENT ON *.*',
    );
    if (server.flavour === 'mariadb') await server.root(`GRANT SLAVE MONITOR ON *.* TO ${USER}`);
  });
  after(async () => {
    await server.root(`DROP DATABASE ${DATABASE}`);
    await server.dropUser(USER);
  });
}

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    query_files: ['builtin', 'queries.yml'],
    defaults: {
      idle_timeout: '2s',
      max_load: '100%',
      user: USER,
      password: USER,
      database: DATABASE,
      allow_public_key_retrieval: true,
    },
    targets: Object.fromEntries(
      servers.flatMap(({ name, port }) => {
        const address = `127.0.0.1:${port}`;
        return [
          [name, { address }],
          [`${name}_alone`, { address, pipelining: false }],
          [`${name}_delayed`, { address, query_sets: ['delayed'] }],
          [`${name}_brief`, { address, query_sets: ['delayed', 'brief'] }],
          [`${name}_one`, { address, query_sets: ['delayed'], max_connections: 1 }],
        ];
      }),
    ),
  }),
  'queries.yml': JSON.stringify({
    query_sets: {
      brief: { namespace: 'test', queries: { brief: briefQuery() } },
      delayed: {
        namespace: 'test',
        metrics: Object.fromEntries([
          ['slow', metric('SELECT SLEEP(seconds) AS v FROM delays')],
          ...Array.from({ length: SOME }, (_, n) => [`quick${n}`, metric(`SELECT ${n} AS v`)] as const),
        ]),
      },
    },
  }),
});
after(() => exporter[Symbol.asyncDispose]());

function metric(query: string) {
  return { query, type: 'gauge', description: 'Number', value: 'v' };
}

function briefQuery() {
  const metrics = { brief: { type: 'gauge', description: 'Number', value: 'v' } };
  return { query: 'SELECT 7 AS v', timeout: '400ms', metrics };
}

const probe = async (target: string) => (await exporter.probe(target, 10)).text;

/** What an answer has of the server, besides numbers that move. */
const seriesOf = (text: string) =>
  parseExposition(text)
    .map(({ labels, name }) => JSON.stringify([name, labels]))
    .sort();

for (const server of servers) {
  test(`${server.name}: the default sets need one connection, and are complete`, async () => {
    let text = '';
    // The first probe may have needed more, which are closed when they have been idle for their time.
    await eventually(async () => {
      text = await probe(server.name);
      assert.deepEqual(errorsOf(text), []);
      assert.equal(await server.connections(USER), 1);
    });
    assert.deepEqual(seriesOf(text), seriesOf(await probe(`${server.name}_alone`)));
  });

  test(`${server.name}: one that has become slow holds nobody up, and is asked once`, async () => {
    const target = `${server.name}_delayed`;
    for (let n = 0; n < 3; n++) assert.deepEqual(errorsOf(await probe(target)), []);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 2`);
    const text = await probe(target);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0`);
    assert.deepEqual(errorsOf(text), []);
    const seconds = (query: string) =>
      metricValue(text, 'query_exporter_query_duration_seconds', { query, query_set: 'delayed' }) ??
      Number.NaN;
    assert.ok(seconds('slow') >= 1.99, `slow: ${seconds('slow')} s`);
    for (let n = 0; n < SOME; n++) {
      assert.equal(metricValue(text, `test_quick${n}`), n);
      assert.ok(seconds(`quick${n}`) < 1.5, `quick${n}: ${seconds(`quick${n}`)} s`);
    }
    assert.ok((metricValue(text, 'query_exporter_probe_duration_seconds') ?? 9) < 3);
  });

  test(`${server.name}: with one connection they wait for it`, async () => {
    const target = `${server.name}_one`;
    for (let n = 0; n < 2; n++) assert.deepEqual(errorsOf(await probe(target)), []);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0.5`);
    const text = await probe(target);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0`);
    assert.deepEqual(errorsOf(text), []);
    for (let n = 0; n < SOME; n++) assert.equal(metricValue(text, `test_quick${n}`), n);
  });

  test(`${server.name}: one whose time is over is ended, and the others are answered`, async () => {
    const target = `${server.name}_delayed`;
    for (let n = 0; n < 3; n++) await probe(target);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 60`);
    const { text } = await exporter.probe(target, 3);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0`);
    assert.deepEqual(
      errorsOf(text).map((error) => JSON.stringify(error).includes('slow')),
      [true],
    );
    for (let n = 0; n < SOME; n++) assert.equal(metricValue(text, `test_quick${n}`), n);
    assert.deepEqual(await server.untilIdle(USER), []);
    assert.deepEqual(errorsOf(await probe(target)), []);
  });

  test(`${server.name}: the timeout of one is not that of others, and it does not wait for a slow one`, async () => {
    const target = `${server.name}_brief`;
    for (let n = 0; n < 3; n++) assert.deepEqual(errorsOf(await probe(target)), []);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 1`);
    const late = await probe(target);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0`);
    assert.deepEqual(errorsOf(late), []);
    for (let n = 0; n < 3; n++) await probe(target);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 60`);
    const { text } = await exporter.probe(target, 3);
    await server.root(`UPDATE ${DATABASE}.delays SET seconds = 0`);
    assert.deepEqual(errorsOf(text), ['delayed/slow: timeout']);
    assert.equal(metricValue(text, 'test_brief'), 7);
  });
}
