/**
 * A table under an exclusive metadata lock: the servers give its row all the same, with NULLs or made-up numbers in it.
 *
 * A number that was not read must never be exposed.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../support/real-servers.ts';

const SETS = ['table_sizes', 'info_schema.tables', 'auto_increment.columns', 'auto_increment_headroom'];

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
after(() => Promise.all(servers.map((server) => server.stop())));

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: { user: 'exporter', password: 'exporter', query_sets: SETS, max_load: '100%' },
    targets: Object.fromEntries(
      servers.flatMap(({ name, port }) => [
        [name, { address: `127.0.0.1:${port}` }],
        [`${name}-few`, { address: `127.0.0.1:${port}`, params: { table_sizes: { limit: 1 } } }],
      ]),
    ),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

async function ask(target: string): Promise<string> {
  const { text } = await exporter.probe(target, 60);
  assert.deepEqual(errorsOf(text), []);
  return text;
}

/** Holds `depot.locked` exclusively: RENAME has it already and waits for a table that a transaction uses. */
async function holding(server: PrivateServer, work: () => Promise<void>): Promise<void> {
  const reader = await server.connect();
  const renamer = await server.connect();
  renamer.on('error', () => {});
  try {
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM depot.used');
    void renamer.query('RENAME TABLE depot.locked TO depot.later, depot.used TO depot.never').catch(() => {});
    await eventually(async () => {
      const waits =
        "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for % metadata lock'";
      assert.equal((await server.root(waits)).length, 1);
    });
    await work();
  } finally {
    // Before the transaction ends, or the tables have other names.
    await server.root(`KILL ${renamer.threadId}`);
    await eventually(async () => {
      const left = `SELECT id FROM information_schema.processlist WHERE id = ${renamer.threadId}`;
      assert.deepEqual(await server.root(left), []);
    });
    await reader.end();
    renamer.destroy();
  }
}

const FAMILIES = [
  'mysql_table_size_bytes',
  'mysql_table_estimated_rows',
  'mysql_info_schema_table_size',
  'mysql_info_schema_table_rows',
  'mysql_info_schema_auto_increment_column',
  'mysql_auto_increment_headroom_used_ratio',
];

/** Those of the families that have a sample of the table. */
const familiesOf = (text: string, table: string) => {
  const samples = parseExposition(text).filter(
    ({ labels }) => labels['schema'] === 'depot' && labels['table'] === table,
  );
  return FAMILIES.filter((family) => samples.some(({ name }) => name === family));
};

for (const server of servers) {
  test(`${server.name}: no number of a table that could not be read`, async () => {
    await server.root(
      `CREATE DATABASE depot;
       CREATE TABLE depot.locked (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(500));
       CREATE TABLE depot.used LIKE depot.locked; CREATE TABLE depot.free LIKE depot.locked;
       INSERT INTO depot.locked (note) VALUES ('a'), ('b'); INSERT INTO depot.used (note) VALUES ('a');
       INSERT INTO depot.free (id, note) VALUES (4294967294, 'the last but one')`,
    );
    const column = { schema: 'depot', column: 'id' };
    const next = (text: string, table: string) =>
      metricValue(text, 'mysql_info_schema_auto_increment_column', { ...column, table });
    await holding(server, async () => {
      const text = await ask(server.name);
      assert.deepEqual(familiesOf(text, 'locked'), []);
      assert.deepEqual(familiesOf(text, 'used'), FAMILIES);
      assert.equal(metricValue(text, 'mysql_table_tables', { schema: 'depot' }), 3);
      // The largest number of the type is also what MySQL gives for a number that it has not read.
      assert.equal(next(text, 'free'), 4294967295);
      const ratio = { ...column, table: 'free' };
      assert.equal(metricValue(text, 'mysql_auto_increment_headroom_used_ratio', ratio), 1);
      // It is among the others: what they are together is not known.
      const few = await ask(`${server.name}-few`);
      assert.equal(
        metricValue(few, 'mysql_table_estimated_rows', { schema: 'depot', table: 'other' }),
        undefined,
      );
      assert.equal(metricValue(few, 'mysql_table_tables', { schema: 'depot' }), 3);
    });
    const text = await ask(server.name);
    assert.equal(next(text, 'locked'), 3);
    const locked = { schema: 'depot', table: 'locked' };
    assert.equal(metricValue(text, 'mysql_info_schema_table_rows', locked), 2);
  });
}
