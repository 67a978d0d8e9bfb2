/**
 * The shipped sets that mysqld_exporter does not have, on real servers, each in a situation that it is there to show.
 *
 * The servers run in a time zone far from UTC: who forgets that about trx_started is nine hours off.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition, type Sample } from '../support/parse-exposition.ts';
import { type PrivateServer, privateServer, realServers } from '../support/real-servers.ts';
import { assertDeclaredGrantsSuffice } from './declared-grants.ts';

const SETS = [
  'auto_increment_headroom',
  'binlog_space',
  'connections',
  'deadlocks',
  'gtid',
  'group_replication',
  'index_usage',
  'innodb',
  'lock_waits',
  'long_transactions',
  'memory',
  'password_expiry',
  'replication_lag',
  'sessions',
  'table_sizes',
  'temporary_tablespace',
  'top_statements',
];
const DAY = 86_400;

const ARGS = [
  '--log-bin=binlog',
  '--server-id=1',
  '--innodb-temp-data-file-path=ibtmp1:12M:autoextend:max:1G',
];
const zone = process.env['TZ'];
process.env['TZ'] = 'KST-9';
const servers = await Promise.all([
  privateServer('mariadb', { args: [...ARGS, '--performance-schema=ON', '--expire-logs-days=2'] }),
  privateServer('mysql', {
    args: [
      ...ARGS,
      ...['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--binlog-expire-logs-seconds=172800'],
      '--information-schema-stats-expiry=0',
    ],
  }),
]);
if (zone === undefined) delete process.env['TZ'];
else process.env['TZ'] = zone;
after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const shared = await realServers();

const FEW = {
  long_transactions: { thresholds: ['1', '3600'], users: 1 },
  lock_waits: { users: 1 },
  index_usage: { limit: 1 },
  table_sizes: { limit: 1 },
  auto_increment_headroom: { limit: 2 },
  memory: { limit: 5 },
  top_statements: { limit: 2 },
  replication_lag: { heartbeat: true, database: 'percona', table: 'beats' },
};
const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: { user: 'exporter', password: 'exporter', query_sets: SETS },
    targets: Object.fromEntries([
      ...servers.flatMap(({ name, port }) => [
        [name, { address: `127.0.0.1:${port}` }],
        [`${name}-few`, { address: `127.0.0.1:${port}`, params: FEW }],
        ...Object.entries({
          text: { top_statements: { limit: 1000, text_length: 20 } },
          odd: { top_statements: { limit: 1000, exclude_schemas: [] }, replication_lag: { heartbeat: true } },
          utc: { replication_lag: { heartbeat: true, database: 'percona', table: 'beats', utc: true } },
        }).map(([kind, params]) => [`${name}-${kind}`, { address: `127.0.0.1:${port}`, params }]),
      ]),
      ...shared.map(({ name, port }) => [`${name}-shared`, { address: `127.0.0.1:${port}` }]),
    ]),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

/** The answer for one set, without an error. */
async function ask(target: string, set: string): Promise<string> {
  const { text } = await exporter.probe(target, 30, `&query_set=${set}`);
  assert.deepEqual(errorsOf(text), []);
  return text;
}

/** `label=value,... number` of each series of a family, sorted. */
function seriesOf(text: string, name: string): string[] {
  return familyOf(text, name)
    .map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`)
    .sort();
}

/** The answer after a pause: InnoDB shows the same transactions until nobody has asked for 0.1 s. */
async function askLater(target: string, set: string): Promise<string> {
  await delay(200);
  return await ask(target, set);
}

const familyOf = (text: string, name: string): readonly Sample[] =>
  parseExposition(text).filter((sample) => sample.name === name);

const sumOf = (text: string, name: string): number =>
  familyOf(text, name).reduce((sum, { value }) => sum + value, 0);

async function connectAs(server: PrivateServer, user: string): Promise<Connection> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port: server.port,
    user,
    password: 'secret',
  });
  // Killed when the test ends in the middle of a wait.
  connection.on('error', () => {});
  return connection;
}

/** More seconds than a busy machine takes from the beginning of a wait to the answer about it. */
const LONGEST = 300;

function near(actual: number | undefined, least: number, most: number): void {
  assert.ok(
    actual !== undefined && actual >= least && actual <= most,
    `${actual} is not in ${least}..${most}`,
  );
}

for (const server of servers) {
  const { name, root } = server;
  const isMysql = server.flavour === 'mysql';

  test(`${name}: long transactions, and who waits for whom`, async () => {
    await root(
      'CREATE DATABASE waits; CREATE TABLE waits.goods (id INT PRIMARY KEY, n INT); INSERT INTO waits.goods VALUES (1, 0), (2, 0), (3, 0)',
    );
    await server.createUser('clerk', 'secret', 'ALL ON waits.*');
    await server.createUser('porter', 'secret', 'ALL ON waits.*');
    const first = await connectAs(server, 'clerk');
    const second = await connectAs(server, 'clerk');
    const third = await connectAs(server, 'porter');
    const changer = await connectAs(server, 'porter');
    try {
      await first.query('BEGIN');
      await first.query('UPDATE waits.goods SET n = 1 WHERE id IN (1, 2)');
      await second.query('BEGIN');
      await second.query('UPDATE waits.goods SET n = 1 WHERE id = 3');
      const waits = [second.query('UPDATE waits.goods SET n = 2 WHERE id = 1').catch(() => {})];
      await delay(100);
      waits.push(third.query('UPDATE waits.goods SET n = 3 WHERE id = 3').catch(() => {}));
      await delay(100);
      waits.push(changer.query('ALTER TABLE waits.goods ADD COLUMN later INT').catch(() => {}));
      await eventually(async () => {
        const text = await askLater(`${name}-few`, 'long_transactions');
        assert.deepEqual(seriesOf(text, 'mysql_long_transactions_above'), ['1 3', '3600 0']);
        assert.equal(metricValue(text, 'mysql_long_transactions_open'), 3);
        near(metricValue(text, 'mysql_long_transactions_oldest_age_seconds'), 1, LONGEST);
        // The first one holds its locks and runs nothing.
        assert.equal(metricValue(text, 'mysql_long_transactions_idle'), 1);
        near(metricValue(text, 'mysql_long_transactions_longest_idle_seconds'), 1, LONGEST);
        // One user is listed; the porter, whose transaction is the youngest, is among the others.
        assert.deepEqual(seriesOf(text, 'mysql_long_transactions_user_open'), ['clerk 2', 'other 1']);
        assert.deepEqual(seriesOf(text, 'mysql_long_transactions_user_modified_rows'), [
          'clerk 3',
          'other 0',
        ]);
        near(
          metricValue(text, 'mysql_long_transactions_user_oldest_age_seconds', { user: 'clerk' }),
          1,
          LONGEST,
        );
      });
      await eventually(async () => {
        const text = await askLater(name, 'lock_waits');
        assert.equal(metricValue(text, 'mysql_lock_waits_waiting_transactions'), 2);
        assert.equal(metricValue(text, 'mysql_lock_waits_blocking_transactions'), 2);
        assert.equal(metricValue(text, 'mysql_lock_waits_root_blocking_transactions'), 1);
        near(metricValue(text, 'mysql_lock_waits_longest_wait_seconds'), 1, LONGEST);
        assert.deepEqual(seriesOf(text, 'mysql_lock_waits_blocked_transactions'), ['clerk 2']);
        near(
          metricValue(text, 'mysql_lock_waits_blocked_longest_wait_seconds', { user: 'clerk' }),
          1,
          LONGEST,
        );
        assert.equal(metricValue(text, 'mysql_lock_waits_metadata_waiting_sessions'), 1);
        near(metricValue(text, 'mysql_lock_waits_metadata_longest_wait_seconds'), 1, LONGEST);
      });
      const sessions = await ask(name, 'sessions');
      const porter = { user: 'porter', command: 'Query' };
      assert.equal(metricValue(sessions, 'mysql_sessions_connected', porter), 2);
      near(metricValue(sessions, 'mysql_sessions_longest_command_seconds', { user: 'porter' }), 1, LONGEST);
      const innodb = await ask(name, 'innodb');
      near(metricValue(innodb, 'mysql_innodb_oldest_transaction_age_seconds'), 1, LONGEST);
      await first.query('ROLLBACK');
      await waits[0];
      await second.query('ROLLBACK');
      await Promise.all(waits);
    } finally {
      for (const connection of [first, second, third, changer]) connection.destroy();
    }
    await eventually(async () => {
      const quiet = await askLater(name, 'lock_waits');
      assert.equal(metricValue(quiet, 'mysql_lock_waits_waiting_transactions'), 0);
      assert.equal(metricValue(quiet, 'mysql_lock_waits_longest_wait_seconds'), 0);
      assert.equal(metricValue(quiet, 'mysql_lock_waits_root_blocking_transactions'), 0);
      assert.deepEqual(seriesOf(quiet, 'mysql_lock_waits_blocked_transactions'), []);
    });
  });

  test(`${name}: connections of the server and of a user with a limit`, async () => {
    await server.createUser('caller', 'secret');
    await root("ALTER USER 'caller'@'%' WITH MAX_USER_CONNECTIONS 4");
    const calls = [await connectAs(server, 'caller'), await connectAs(server, 'caller')];
    try {
      const text = await ask(name, 'connections');
      assert.equal(metricValue(text, 'mysql_connections_user_open', { user: 'caller' }), 2);
      assert.equal(metricValue(text, 'mysql_connections_user_limit', { user: 'caller' }), 4);
      assert.equal(metricValue(text, 'mysql_connections_user_used_ratio', { user: 'caller' }), 0.5);
      assert.equal(metricValue(text, 'mysql_connections_user_limit', { user: 'root' }), undefined);
      assert.equal(metricValue(text, 'mysql_connections_limit'), 500);
      const open = metricValue(text, 'mysql_connections_open') ?? 0;
      near(open, 4, 50);
      assert.equal(metricValue(text, 'mysql_connections_used_ratio'), open / 500);
      near(metricValue(text, 'mysql_connections_most_open'), open, 50);
    } finally {
      for (const call of calls) call.destroy();
    }
  });

  test(`${name}: indexes that nothing uses, and one that another covers`, async () => {
    await root(
      `CREATE DATABASE depot;
       CREATE TABLE depot.goods (id INT PRIMARY KEY, a INT, b INT, c INT, note VARCHAR(500),
         KEY by_a (a), KEY by_a_b (a, b), KEY by_note (note), UNIQUE KEY only_c (c));
       CREATE TABLE depot.\`other\` (id INT PRIMARY KEY);
       INSERT INTO depot.goods VALUES (1, 1, 1, 1, REPEAT('x', 500)), (2, 2, 2, 2, 'y');
       ANALYZE TABLE depot.goods;
       SELECT COUNT(*) FROM depot.goods FORCE INDEX (by_a_b) WHERE a = 1 AND b = 1`,
    );
    const all = await ask(name, 'index_usage');
    assert.deepEqual(seriesOf(all, 'mysql_index_usage_unused_indexes'), ['depot 2']);
    assert.deepEqual(seriesOf(all, 'mysql_index_usage_unused_index_bytes'), [
      'depot goods by_a 16384',
      'depot goods by_note 16384',
    ]);
    assert.deepEqual(seriesOf(all, 'mysql_index_usage_redundant_indexes'), ['depot 1']);
    assert.deepEqual(seriesOf(all, 'mysql_index_usage_redundant_index_info'), ['depot goods by_a by_a_b 1']);
    const few = await ask(`${name}-few`, 'index_usage');
    assert.deepEqual(seriesOf(few, 'mysql_index_usage_unused_indexes'), ['depot 2']);
    assert.deepEqual(seriesOf(few, 'mysql_index_usage_unused_index_bytes'), [
      'depot goods by_a 16384',
      'depot other other 16384',
    ]);
  });

  test(`${name}: redundant indexes are those of the view of sys`, async () => {
    await root(
      `CREATE DATABASE doubles;
       CREATE TABLE doubles.t (id INT PRIMARY KEY, a INT, b INT, c INT, e VARCHAR(50), KEY id_a (id, a),
         KEY a1 (a), KEY a2 (a), KEY ab (a, b), UNIQUE ub (b), KEY ba (b, a), UNIQUE uba (b, a, c), KEY bc (b, c),
         UNIQUE ua (a), KEY e1 (e), KEY ea (e, a), UNIQUE eab (e, a, b), KEY ace (a, c, e), KEY alone (c))`,
    );
    // A target of its own: the result of the other ones is kept.
    const text = await ask(`${name}-odd`, 'index_usage');
    const found = familyOf(text, 'mysql_index_usage_redundant_index_info')
      .filter(({ labels }) => labels['schema'] === 'doubles')
      .map(({ labels }) => labels['index']);
    const view = await root(
      `SELECT DISTINCT redundant_index_name AS name FROM sys.schema_redundant_indexes WHERE table_schema = 'doubles'`,
    );
    assert.deepEqual(found.sort(), view.map((row) => String(row['name'])).sort());
    assert.equal(found.length, 10);
  });

  test(`${name}: AUTO_INCREMENT columns, the fullest first`, async () => {
    await root(
      `CREATE DATABASE numbers;
       CREATE TABLE numbers.tiny (id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY);
       CREATE TABLE numbers.full (id TINYINT AUTO_INCREMENT PRIMARY KEY);
       CREATE TABLE numbers.small (id SMALLINT AUTO_INCREMENT PRIMARY KEY);
       CREATE TABLE numbers.big (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY);
       INSERT INTO numbers.tiny VALUES (203); INSERT INTO numbers.full VALUES (127);
       INSERT INTO numbers.small VALUES (1); INSERT INTO numbers.big VALUES (1)`,
    );
    // MySQL 9 takes whole numbers alone.
    if (!isMysql) await root('CREATE TABLE numbers.odd (id DOUBLE AUTO_INCREMENT PRIMARY KEY)');
    const all = await ask(name, 'auto_increment_headroom');
    const ratio = (table: string) =>
      metricValue(all, 'mysql_auto_increment_headroom_used_ratio', {
        schema: 'numbers',
        table,
        column: 'id',
      });
    assert.equal(ratio('tiny'), 0.8);
    assert.equal(ratio('full'), 1);
    near(ratio('small'), 2 / 32_767 - 1e-9, 2 / 32_767 + 1e-9);
    near(ratio('big'), 1e-20, 1e-18);
    assert.equal(ratio('odd'), undefined);
    const left = { table: 'tiny' };
    assert.equal(metricValue(all, 'mysql_auto_increment_headroom_remaining_numbers', left), 51);
    assert.deepEqual(
      seriesOf(
        await ask(`${name}-few`, 'auto_increment_headroom'),
        'mysql_auto_increment_headroom_used_ratio',
      ),
      ['numbers full id 1', 'numbers tiny id 0.8'],
    );
  });

  test(`${name}: passwords that expire, and accounts that are locked`, async () => {
    await root(
      `CREATE USER soon IDENTIFIED BY 'x' PASSWORD EXPIRE INTERVAL 10 DAY;
       CREATE USER late IDENTIFIED BY 'x' PASSWORD EXPIRE INTERVAL 10 DAY;
       CREATE USER stale IDENTIFIED BY 'x';
       CREATE USER gone IDENTIFIED BY 'x' PASSWORD EXPIRE;
       CREATE USER never IDENTIFIED BY 'x' PASSWORD EXPIRE NEVER;
       CREATE USER closed IDENTIFIED BY 'x' PASSWORD EXPIRE INTERVAL 10 DAY ACCOUNT LOCK;
       CREATE USER usual IDENTIFIED BY 'x';
       CREATE ROLE part;
       SET GLOBAL default_password_lifetime = 100`,
    );
    for (const [user, days] of [
      ['late', 15],
      ['stale', 101],
    ] as const) {
      await root(
        isMysql
          ? 'UPDATE mysql.user SET password_last_changed = NOW() - INTERVAL ? SECOND WHERE user = ?'
          : "UPDATE mysql.global_priv SET priv = JSON_SET(priv, '$.password_last_changed', UNIX_TIMESTAMP() - ?) WHERE user = ?",
        [days * DAY, user],
      );
    }
    const text = await ask(name, 'password_expiry');
    await root('SET GLOBAL default_password_lifetime = 0');
    const of = (what: string, user: string) =>
      metricValue(text, `mysql_password_expiry_${what}`, { user, host: '%' });
    near(of('remaining_seconds', 'soon'), 10 * DAY - 60, 10 * DAY);
    near(of('remaining_seconds', 'late'), -5 * DAY - 60, -5 * DAY + 60);
    near(of('remaining_seconds', 'stale'), -DAY - 60, -DAY + 60);
    near(of('remaining_seconds', 'usual'), 100 * DAY - 60, 100 * DAY);
    assert.equal(of('remaining_seconds', 'never'), undefined);
    assert.equal(of('remaining_seconds', 'closed'), undefined);
    assert.deepEqual(
      ['soon', 'late', 'stale', 'gone', 'never', 'usual', 'closed', 'part'].map((user) =>
        of('expired', user),
      ),
      [0, 1, 1, 1, 0, 0, undefined, undefined],
    );
    assert.deepEqual(
      ['soon', 'gone', 'closed', 'part'].map((user) => of('locked', user)),
      [0, 0, 1, undefined],
    );
    await root('DROP USER soon, late, stale, gone, never, closed, usual; DROP ROLE part');
  });

  test(`${name}: binary logs`, async () => {
    await root('FLUSH BINARY LOGS; FLUSH BINARY LOGS');
    const sizesNow = async () => (await root('SHOW BINARY LOGS')).map((log) => Number(log['File_size']));
    const sumOf = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0);
    const before = await sizesNow();
    const text = await ask(name, 'binlog_space');
    const after = await sizesNow(); // other tests write to the server too
    assert.equal(metricValue(text, 'mysql_binlog_space_files'), before.length);
    near(metricValue(text, 'mysql_binlog_space_largest_file_bytes'), Math.max(...before), Math.max(...after));
    near(metricValue(text, 'mysql_binlog_space_bytes'), sumOf(before), sumOf(after));
    const setting = isMysql ? 'binlog_expire_logs_seconds' : 'expire_logs_days';
    assert.equal(metricValue(text, 'mysql_binlog_space_expire_seconds', { setting }), 2 * DAY);
    assert.equal(metricValue(text, 'mysql_binlog_space_file_limit_bytes'), 2 ** 30);
    near(metricValue(text, 'mysql_binlog_space_cached_transactions_total'), 1, 1e6);
    assert.equal(metricValue(text, 'mysql_binlog_space_spilled_transactions_total'), 0);
  });

  test(`${name}: temporary tablespaces`, async () => {
    const session = await server.connect();
    await session.query('CREATE TEMPORARY TABLE waits.passing (id INT PRIMARY KEY) ENGINE = InnoDB');
    const text = await ask(name, 'temporary_tablespace');
    near(metricValue(text, 'mysql_temporary_tablespace_bytes'), 12 * 2 ** 20, 2 ** 30);
    assert.equal(metricValue(text, 'mysql_temporary_tablespace_limit_bytes'), 2 ** 30);
    const mine = { state: 'active', purpose: 'user' };
    assert.equal(
      metricValue(text, 'mysql_temporary_tablespace_session_tablespaces', mine),
      isMysql ? 1 : undefined,
    );
    if (isMysql) near(metricValue(text, 'mysql_temporary_tablespace_session_bytes', mine), 65_536, 1e7);
    await session.end();
  });

  test(`${name}: memory by event, all of it`, async () => {
    const text = await ask(`${name}-few`, 'memory');
    const [counted] = await root(
      'SELECT SUM(current_number_of_bytes_used) AS bytes FROM performance_schema.memory_summary_global_by_event_name',
    );
    const bytes = Number(counted?.['bytes']);
    assert.equal(familyOf(text, 'mysql_memory_used_bytes').length, 6);
    near(sumOf(text, 'mysql_memory_used_bytes'), bytes * 0.9, bytes * 1.1);
    assert.ok(familyOf(text, 'mysql_memory_used_bytes').some(({ labels }) => labels['event'] === 'other'));
  });

  test(`${name}: statements by digest, sums right below any limit`, async () => {
    await server.createUser('clerk', 'secret', 'ALL ON waits.*');
    const clerk = await connectAs(server, 'clerk');
    await root('TRUNCATE performance_schema.events_statements_summary_by_digest');
    await clerk.query('USE waits');
    for (const n of [7, 8, 9]) await clerk.query(`SELECT n + ${n} FROM goods WHERE n + ${n} > 0`);
    await clerk.query('USE mysql').catch(() => {});
    await clerk.query('SELECT no_such_column FROM waits.goods').catch(() => {});
    clerk.destroy();
    const few = await ask(`${name}-few`, 'top_statements');
    assert.equal(familyOf(few, 'mysql_top_statements_calls_total').length, 3);
    assert.equal(
      sumOf(few, 'mysql_top_statements_calls_total'),
      metricValue(few, 'mysql_top_statements_all_calls_total'),
    );
    near(metricValue(few, 'mysql_top_statements_calls_total', { digest: 'other' }), 1, 1e6);
    near(metricValue(few, 'mysql_top_statements_all_errors_total'), 1, 10);
    const text = await ask(`${name}-text`, 'top_statements');
    const mine = familyOf(text, 'mysql_top_statements_calls_total').filter(
      ({ labels, value }) => labels['schema'] === 'waits' && value === 3,
    );
    assert.deepEqual(
      mine.map(({ labels }) => labels['digest_text']),
      ['SELECT `n` + ? FROM '],
    );
    const digest = mine[0]?.labels['digest'] ?? '';
    assert.equal(metricValue(text, 'mysql_top_statements_full_scans_total', { digest }), 3);
    assert.equal(metricValue(text, 'mysql_top_statements_rows_examined_total', { digest }), 9);
    near(metricValue(text, 'mysql_top_statements_time_seconds_total', { digest }), 1e-6, LONGEST);
    // No schema left out: the statements without one are there too.
    const everything = await ask(`${name}-odd`, 'top_statements');
    assert.ok(
      familyOf(everything, 'mysql_top_statements_calls_total').some(({ labels }) => labels['schema'] === ''),
    );
  });

  test(`${name}: the largest tables, and the others of each schema`, async () => {
    await root(
      `CREATE DATABASE hall; CREATE TABLE hall.large (id INT PRIMARY KEY, filling VARCHAR(4000));
       CREATE TABLE hall.one (id INT PRIMARY KEY); CREATE TABLE hall.two (id INT PRIMARY KEY);
       INSERT INTO hall.large WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
         SELECT i, REPEAT('x', 4000) FROM n;
       INSERT INTO hall.one VALUES (1), (2); INSERT INTO hall.two VALUES (1);
       ANALYZE TABLE hall.large, hall.one, hall.two`,
    );
    const few = await ask(`${name}-few`, 'table_sizes');
    const size = (schema: string, table: string, part: string) =>
      metricValue(few, 'mysql_table_size_bytes', { schema, table, part });
    near(size('hall', 'large', 'data'), 800_000, 4_000_000);
    assert.equal(size('hall', 'other', 'data'), 32_768);
    assert.equal(size('hall', 'one', 'data'), undefined);
    assert.equal(metricValue(few, 'mysql_table_estimated_rows', { schema: 'hall', table: 'other' }), 3);
    assert.equal(metricValue(few, 'mysql_table_tables', { schema: 'hall' }), 3);
    const all = await ask(name, 'table_sizes');
    assert.equal(metricValue(all, 'mysql_table_estimated_rows', { schema: 'hall', table: 'one' }), 2);
    // A table that is called like the rest is a table.
    assert.equal(metricValue(all, 'mysql_table_tables', { schema: 'depot' }), 2);
  });

  test(`${name}: the age of heartbeats, in UTC or in the zone of the server`, async () => {
    await root(
      `CREATE DATABASE percona; CREATE TABLE percona.beats (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY);
       SET time_zone = '+00:00';
       INSERT INTO percona.beats VALUES (DATE_FORMAT(NOW(6) - INTERVAL 30 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 7);
       SET time_zone = 'SYSTEM';
       INSERT INTO percona.beats VALUES (DATE_FORMAT(NOW(6) - INTERVAL 90 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 8)`,
    );
    const age = (text: string, server_id: string) =>
      metricValue(text, 'mysql_replication_lag_heartbeat_seconds', { server_id });
    near(age(await ask(`${name}-utc`, 'replication_lag'), '7'), 30, 30 + LONGEST);
    near(age(await ask(`${name}-few`, 'replication_lag'), '8'), 90, 90 + LONGEST);
    // Off unless wanted, and skipped where the table is not.
    assert.equal(age(await ask(name, 'replication_lag'), '7'), undefined);
    assert.equal(age(await ask(`${name}-odd`, 'replication_lag'), '7'), undefined);
  });

  test(`${name}: the grants that the sets name are enough`, async () => {
    await assertDeclaredGrantsSuffice(server, SETS, [
      'auto_increment_headroom',
      'binlog_space',
      'index_usage',
      'password_expiry',
      'table_sizes',
    ]);
  });
}

for (const server of shared) {
  test(`${server.name}: a deadlock is counted, and its time is known`, async () => {
    const { name, root } = server;
    const before = metricValue(await ask(`${name}-shared`, 'deadlocks'), 'mysql_deadlocks_total') ?? -1;
    await root(
      'DROP DATABASE IF EXISTS deadlocks; CREATE DATABASE deadlocks; CREATE TABLE deadlocks.t (id INT PRIMARY KEY, n INT); INSERT INTO deadlocks.t VALUES (1, 0), (2, 0)',
    );
    const [first, second] = await Promise.all([server.connect(), server.connect()]);
    await first.query('BEGIN');
    await second.query('BEGIN');
    await first.query('UPDATE deadlocks.t SET n = 1 WHERE id = 1');
    await second.query('UPDATE deadlocks.t SET n = 1 WHERE id = 2');
    const since = Math.floor(Date.now() / 1000);
    const refusals: string[] = [];
    const refused = (error: Error) => refusals.push(error.message);
    const waiting = first.query('UPDATE deadlocks.t SET n = 1 WHERE id = 2').catch(refused);
    await delay(100);
    const crossing = second.query('UPDATE deadlocks.t SET n = 1 WHERE id = 1').catch(refused);
    await Promise.race([waiting, crossing]);
    await Promise.all([first, second].map((connection) => connection.query('ROLLBACK')));
    await Promise.all([waiting, crossing]);
    assert.match(refusals.join(), /^Deadlock found[^,]*$/);
    const now = Date.now() / 1000;
    const { text } = await exporter.probe(`${name}-shared`, 30, '&query_set=deadlocks');
    near(metricValue(text, 'mysql_deadlocks_total'), before + 1, before + 10);
    const [zoneRow] = await root('SELECT @@system_time_zone AS zone');
    await Promise.all([first.end(), second.end(), root('DROP DATABASE deadlocks')]);
    // Kept for a minute: the first probe may have been before any deadlock. A target of its own asks anew.
    await using later = await Exporter.start({
      'targets.yml': `targets: {a: {address: "127.0.0.1:${server.port}", user: exporter, password: exporter, query_sets: [deadlocks]}}`,
    });
    const { text: fresh } = await later.probe('a', 30);
    const at = metricValue(fresh, 'mysql_deadlocks_last_timestamp_seconds');
    if (zoneRow?.['zone'] === 'UTC') near(at, since - 1, now + 1);
    else assert.equal(at, undefined);
  });

  test(`${server.name}: a server without replication, binary logs or performance_schema fails nothing`, async () => {
    for (const set of SETS) await ask(`${server.name}-shared`, set);
  });
}
