/**
 * Errors, times of statements, sessions that run now, and what we cost: on servers of the test's own, which nobody else
 * asks anything, held against the servers' own tables and logs.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../support/real-servers.ts';
import { assertDeclaredGrantsSuffice } from './declared-grants.ts';

const servers = await Promise.all([
  privateServer('mariadb', { args: ['--performance-schema=ON'] }),
  privateServer('mysql', { args: [] }),
]);
after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});
const mysql = servers[1] as PrivateServer;

const SETS = ['active_sessions', 'errors', 'exporter_cost', 'role', 'statement_latency'];
const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: { user: 'exporter', password: 'exporter', query_sets: SETS },
    targets: Object.fromEntries(servers.map(({ name, port }) => [name, { address: `127.0.0.1:${port}` }])),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

async function ask(target: string, set: string): Promise<string> {
  const { text } = await exporter.probe(target, 30, `&query_set=${set}`);
  assert.deepEqual(errorsOf(text), []);
  return text;
}

test('MySQL: an error counts by number and name, others are not there', async () => {
  const before = await ask('MySQL', 'errors');
  const raised = (text: string) =>
    metricValue(text, 'mysql_errors_raised_total', { number: '1365', name: 'ER_DIVISION_BY_ZERO' });
  assert.equal(raised(before), undefined);
  await mysql.root('SELECT 1 / 0');
  await mysql.root(
    `CREATE PROCEDURE mysql.careful() BEGIN
       DECLARE CONTINUE HANDLER FOR 1146 BEGIN END;
       SELECT * FROM mysql.no_such_table;
     END`,
  );
  await mysql.root('CALL mysql.careful()');
  await assert.rejects(() => mysql.root('SELECT * FROM mysql.no_such_table'));
  const text = await ask('MySQL', 'errors');
  assert.equal(raised(text), 1);
  const missing = { number: '1146', name: 'ER_NO_SUCH_TABLE' };
  assert.equal(metricValue(text, 'mysql_errors_raised_total', missing), 1);
  assert.equal(metricValue(text, 'mysql_errors_handled_total', missing), 1);
  const at = metricValue(text, 'mysql_errors_last_raised_timestamp_seconds', missing) ?? 0;
  assert.ok(Math.abs(at - Date.now() / 1000) < 60, `${at}`);
  const rows = await mysql.root(
    `SELECT error_number AS number, error_name AS name, sum_error_raised AS raised
     FROM performance_schema.events_errors_summary_global_by_error WHERE sum_error_raised + sum_error_handled > 0`,
  );
  assert.deepEqual(
    parseExposition(text)
      .filter(({ name }) => name === 'mysql_errors_raised_total')
      .map(({ labels, value }) => `${labels['number']} ${labels['name']} ${value}`)
      .sort(),
    rows.map(({ number, name, raised }) => `${number} ${name} ${raised}`).sort(),
  );
});

test("MySQL: the histogram is the server's own", async () => {
  await mysql.root('SELECT SLEEP(0.03)');
  await mysql.root('SELECT SLEEP(0.3)');
  // The connection is open then, and no statement but the one that reads the table comes in between.
  await ask('MySQL', 'statement_latency');
  const reader = await mysql.connect();
  await reader.query('SELECT 1');
  const [truth] = await reader.query(
    `SELECT bucket_timer_high AS high, count_bucket AS observations FROM performance_schema.events_statements_histogram_global`,
  );
  const text = await ask('MySQL', 'statement_latency');
  const buckets = parseExposition(text).filter(
    ({ name }) => name === 'mysql_statement_latency_seconds_bucket',
  );
  assert.equal(buckets.length, 21);
  const rows = truth as unknown as readonly { high: number; observations: number }[];
  const counted = (le: number) =>
    rows.reduce(
      (sum, row) => sum + (Number(row.high) * 1e-12 <= le * 1.00001 ? Number(row.observations) : 0),
      0,
    );
  const total = counted(Number.POSITIVE_INFINITY);
  // The statement that reads the truth is behind it, and before the answer: one observation, in one bucket.
  const off = buckets.map(
    ({ labels, value }) => value - counted(Number(labels['le']?.replace('+Inf', 'Infinity'))),
  );
  assert.equal(off.at(-1), 1, `${off}`);
  assert.deepEqual([...off].sort(), off, 'it is in all buckets from its own on');
  assert.ok(
    off.every((n) => n === 0 || n === 1),
    `${off}`,
  );
  assert.equal(metricValue(text, 'mysql_statement_latency_seconds_count'), total + 1);
  const [[sum]] = (await reader.query(
    'SELECT SUM(sum_timer_wait) * 1e-12 AS seconds FROM performance_schema.events_statements_summary_global_by_event_name',
  )) as unknown as [[{ seconds: number }]];
  const told = metricValue(text, 'mysql_statement_latency_seconds_sum') ?? 0;
  assert.ok(told > 0.33 && told <= sum.seconds && told > sum.seconds - 0.5, `${told} of ${sum.seconds}`);
  await reader.end();
});

for (const server of servers) {
  const { name, root } = server;

  test(`${name}: what our statements cost is what the general log has of us`, async () => {
    const before = await ask(name, 'exporter_cost');
    await root("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON");
    for (let i = 0; i < 120; i++) await ask(name, 'role');
    const text = await ask(name, 'exporter_cost');
    await root('SET GLOBAL general_log = OFF');
    const [row] = await root(
      `SELECT COUNT(*) AS statements FROM mysql.general_log WHERE command_type = 'Query' AND user_host LIKE 'exporter[%'`,
    );
    const of = (what: string) =>
      (metricValue(text, `mysql_exporter_cost_${what}_total`) ?? Number.NaN) -
      (metricValue(before, `mysql_exporter_cost_${what}_total`) ?? 0);
    const logged = Number(row?.['statements']);
    assert.ok(logged > 120, `${logged}`);
    assert.ok(Math.abs(of('statements') / logged - 1) <= 0.02, `${of('statements')} of ${logged}`);
    assert.ok(of('seconds') > 0 && of('seconds') < 60, `${of('seconds')}`);
    assert.ok(of('rows_examined') > 120, `${of('rows_examined')}`);
    assert.ok(of('temporary_tables') > 0, `${of('temporary_tables')}`);
    assert.equal(of('errors'), 0);
  });

  test(`${name}: sessions that run now, by what they wait for`, async () => {
    await root(
      'CREATE DATABASE busy; CREATE TABLE busy.t (id INT PRIMARY KEY, n INT); INSERT INTO busy.t VALUES (1, 0)',
    );
    const [holder, rows, metadata, sleeper, named] = await Promise.all(
      [1, 2, 3, 4, 5].map(() => server.connect()),
    );
    const all = [holder, rows, metadata, sleeper, named] as readonly Connection[];
    await holder?.query('BEGIN');
    await holder?.query('UPDATE busy.t SET n = 1');
    await holder?.query("DO GET_LOCK('turn', 1)");
    const running = [
      rows?.query('UPDATE busy.t SET n = 2'),
      metadata?.query('ALTER TABLE busy.t ADD COLUMN m INT'),
      sleeper?.query('DO SLEEP(600)'),
      named?.query("DO GET_LOCK('turn', 600)"),
    ].map((statement) => statement?.catch(() => {}));
    // Our own account asks at the same time, and is not there.
    const own = await createConnection({
      host: '127.0.0.1',
      port: server.port,
      user: 'exporter',
      password: 'exporter',
    });
    const owns = own.query('DO SLEEP(600)').catch(() => {});
    await eventually(async () => {
      const text = await ask(name, 'active_sessions');
      assert.deepEqual(
        parseExposition(text)
          .filter((sample) => sample.name === 'mysql_active_sessions')
          .map(({ labels, value }) => `${labels['wait_class']} ${labels['command']} ${value}`)
          .sort(),
        ['metadata_lock Query 1', 'row_lock Query 1', 'sleep Query 1', 'user_lock Query 1'],
      );
    });
    for (const { threadId } of [...all, own]) await root(`KILL ${threadId}`);
    await Promise.all([...running, owns]);
    for (const connection of [...all, own]) connection.destroy();
    await eventually(async () => {
      const text = await ask(name, 'active_sessions');
      assert.equal(metricValue(text, 'mysql_active_sessions'), undefined, text);
    });
  });

  test(`${name}: a server by itself is standalone`, async () => {
    const text = await ask(name, 'role');
    const roles = parseExposition(text).filter((sample) => sample.name === 'mysql_role');
    assert.equal(roles.length, 7);
    assert.deepEqual(
      roles.filter(({ value }) => value === 1).map(({ labels }) => labels['role']),
      ['standalone'],
    );
  });

  test(`${name}: the grants that the sets name are enough`, async () => {
    await assertDeclaredGrantsSuffice(server, SETS, ['errors', 'role', 'statement_latency']);
  });
}

test('MySQL: waits that only performance_schema knows', async () => {
  await mysql.root(
    "UPDATE performance_schema.setup_consumers SET enabled = 'YES' WHERE name = 'events_waits_current'",
  );
  const holder = await mysql.connect();
  await holder.query('CREATE TABLE IF NOT EXISTS mysql.shown (id INT PRIMARY KEY)');
  await holder.query('LOCK TABLES mysql.shown WRITE');
  const waiter = await mysql.connect();
  const waiting = waiter.query('SELECT * FROM mysql.shown').catch(() => {});
  await eventually(async () => {
    const text = await ask('MySQL', 'active_sessions');
    assert.equal(
      metricValue(text, 'mysql_active_sessions', { wait_class: 'metadata_lock', command: 'Query' }),
      1,
    );
  });
  await holder.query('UNLOCK TABLES');
  await waiting;
  await Promise.all([holder.end(), waiter.end()]);
});
