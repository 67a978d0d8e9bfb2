/**
 * Sessions on real servers: what is set, what is refused, and that nothing of ours runs on after its time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline } from '../../../src/deadline.ts';
import type { MysqlReason } from '../../../src/model/reason.ts';
import type { Connection } from '../../../src/mysql/connect/connection.ts';
import type { ConnectionSpec } from '../../../src/mysql/connect/open-connection.ts';
import { parseVersion, type ServerVersion } from '../../../src/mysql/connect/server-version.ts';
import { timeLimit, timeLimitAssignment } from '../../../src/mysql/connect/session.ts';
import type { TextResult } from '../../../src/mysql/protocol/text-query.ts';
import { stopClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import {
  ask,
  askToEnd,
  ending,
  LIMITS,
  open,
  PATIENCE_MS,
  play,
  poolOf,
  query,
  seen,
} from '../../support/mysql.ts';
import { EXPORTER, privateServer, type RealServer, realServers } from '../../support/real-servers.ts';
import { answering, err, letIn, ok, result } from '../../support/scripted-server.ts';

const USER = 'session_test';
const PASSWORD = "it's \\ secret";
const LOGIN = { user: USER, password: PASSWORD };

/** A connection of a user who may do everything, so that only the session stops a write. */
async function openAs(
  t: Parameters<typeof open>[0],
  server: RealServer,
  changes: Partial<ConnectionSpec> = {},
): Promise<Connection> {
  await server.createUser(USER, PASSWORD, 'ALL ON *.*');
  const opened = await open(t, server, { ...changes, allowPublicKeyRetrieval: true, login: LOGIN });
  assert.ok(opened.ok, opened.ok ? '' : opened.detail);
  return opened.connection;
}

async function value(connection: Connection, expression: string): Promise<string | null | undefined> {
  const answer = await query(connection, `SELECT ${expression}`);
  assert.ok(answer.ok, answer.ok ? '' : answer.detail);
  return answer.rows[0]?.[0];
}

function isMariadb({ flavour }: RealServer): boolean {
  return flavour === 'mariadb';
}

for (const server of await realServers()) {
  const limitOf = (connection: Connection) =>
    value(connection, isMariadb(server) ? '@@max_statement_time' : '@@max_execution_time');

  test(`${server.name}: a new session is read-only, in UTC, and limited`, async (t) => {
    const connection = await openAs(t, server, { idleTimeoutMs: 90_500, queryTimeoutMs: 7_000 });
    assert.equal(await value(connection, '@@time_zone'), '+00:00');
    assert.equal(await value(connection, '@@lock_wait_timeout'), '2');
    assert.equal(await value(connection, '@@wait_timeout'), '151');
    assert.equal(Number(await limitOf(connection)), isMariadb(server) ? 6.9 : 6_900);
    const write = await query(connection, "INSERT INTO shop.customers (name) VALUES ('nobody')");
    assert.equal(seen(write), 'sql');
    assert.match(write.ok ? '' : write.detail, /READ ONLY transaction.*\(1792\)/i);
    assert.equal(connection.version.flavour, server.flavour);
    assert.ok(connection.version.major >= 8);
  });

  test(`${server.name}: the target's own session variables are set, text with quotes too`, async (t) => {
    const connection = await openAs(t, server, {
      session: { sql_mode: 'ANSI', max_sort_length: 64, time_zone: '+02:00' },
    });
    assert.match(String(await value(connection, '@@sql_mode')), /ANSI/);
    assert.equal(await value(connection, '@@max_sort_length'), '64');
    assert.equal(await value(connection, '@@time_zone'), '+02:00'); // stronger than ours
  });

  test(`${server.name}: numbers above 2^53, and numbers that came as text, arrive as they are`, async (t) => {
    const connection = await openAs(t, server, {
      session: { max_join_size: '9223372036854775809', max_sort_length: '65' },
    });
    assert.equal(await value(connection, '@@max_join_size'), '9223372036854775809');
    assert.equal(await value(connection, '@@max_sort_length'), '65');
  });

  test(`${server.name}: no session variable of the target makes it writable`, async (t) => {
    const name = isMariadb(server) ? 'tx_read_only' : 'transaction_read_only';
    const connection = await openAs(t, server, { session: { [name]: 0 } });
    assert.equal(await value(connection, `@@${name}`), '1');
  });

  test(`${server.name}: a session variable that does not exist refuses the connection, and is named`, async (t) => {
    await server.createUser(USER, PASSWORD);
    const opened = await open(t, server, {
      session: { no_such_variable: 1 },
      allowPublicKeyRetrieval: true,
      login: LOGIN,
    });
    assert.ok(!opened.ok);
    assert.equal(opened.reason, 'sql');
    assert.match(opened.detail, /no_such_variable/);
  });

  test(`${server.name}: a value cannot break out of its quotes`, async (t) => {
    const value = "x', GLOBAL max_connections='1";
    await server.createUser(USER, PASSWORD, 'ALL ON *.*');
    const before = await server.root('SELECT @@GLOBAL.max_connections AS n');
    const spec = { session: { time_zone: value }, allowPublicKeyRetrieval: true, login: LOGIN };
    assert.equal((await open(t, server, spec)).ok, false);
    assert.deepEqual(await server.root('SELECT @@GLOBAL.max_connections AS n'), before);
  });

  test(`${server.name}: the time limit follows what is left, without a round trip for the same`, async (t) => {
    stopClock(t); // what is left shall not depend on how long the machine takes
    const connection = await openAs(t, server);
    using until = Deadline.after(2_000);
    const one = await connection.queryWithin({ sql: 'SELECT 1', limits: LIMITS }, until);
    assert.deepEqual(seen(one), [['1']]);
    const limit = Number(await limitOf(connection)) * (isMariadb(server) ? 1_000 : 1);
    assert.equal(limit, 1_900);
    const questions = async () => {
      const status = await query(connection, "SHOW SESSION STATUS LIKE 'Questions'");
      return Number(status.ok ? status.rows[0]?.[1] : Number.NaN);
    };
    const asked = await questions();
    using same = Deadline.after(1_990);
    await connection.queryWithin({ sql: 'SELECT 1', limits: LIMITS }, same);
    assert.equal(await questions(), asked + 2);
  });

  test(`${server.name}: we are named in the server's list of connections`, async (t) => {
    const connection = await openAs(t, server);
    if (isMariadb(server)) return assert.ok((connection.threadId ?? 0) > 0); // no performance_schema by default
    const name = `SELECT attr_value FROM performance_schema.session_connect_attrs
                  WHERE processlist_id = CONNECTION_ID() AND attr_name = 'program_name'`;
    assert.deepEqual(seen(await query(connection, name)), [['mysql-query-exporter']]);
  });

  const endless: readonly { readonly name: string; readonly sql: string; readonly deadlineMs: number }[] = [
    { name: 'SLEEP', sql: 'SELECT SLEEP(60)', deadlineMs: 1_000 },
    { name: 'BENCHMARK', sql: "SELECT BENCHMARK(2000000000, SHA2('x', 256))", deadlineMs: 1_000 },
    { name: 'DO SLEEP, which MySQL does not limit', sql: 'DO SLEEP(60)', deadlineMs: 500 },
    {
      name: 'a join of everything with everything',
      sql: `SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, shop.orders c,
            shop.orders d WHERE a.column_name <> d.id AND b.column_name <> c.id`,
      deadlineMs: 800,
    },
  ];
  for (const { name, sql, deadlineMs } of endless)
    test(`${server.name}: ${name} ends with its time for us, and soon on the server`, async (t) => {
      await server.createUser(USER, PASSWORD, 'SELECT ON shop.*');
      const pool = poolOf(t, server, {
        login: async () => ({ ok: true, ...LOGIN }),
        spec: { allowPublicKeyRetrieval: true },
      });
      assert.deepEqual(seen(await ask(pool, 'SELECT 0')), [['0']]); // the login has no part in it
      const { value: answer, turnsLate = 0 } = await askToEnd(pool, sql, deadlineMs);
      assert.equal(seen(answer), 'timeout', answer.ok ? '' : answer.detail);
      assert.equal(turnsLate, 0);
      await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
      assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
    });

  test(`${server.name}: a canceled query is killed on the server`, async (t) => {
    await server.createUser(USER, PASSWORD);
    const pool = poolOf(t, server, {
      login: async () => ({ ok: true, ...LOGIN }),
      spec: { allowPublicKeyRetrieval: true },
    });
    using until = Deadline.after(60_000);
    const acquired = await pool.acquire(until);
    assert.ok(acquired.ok);
    const sleeping = acquired.lease.connection.queryWithin(
      { sql: 'SELECT SLEEP(60)', limits: LIMITS },
      until,
    );
    await eventually(async () => {
      const statements = await server.statementsRunning(USER);
      assert.deepEqual(
        statements.map(({ sql: asked }) => asked),
        ['SELECT SLEEP(60)'],
      );
    });
    until.cancel();
    assert.equal(seen(await sleeping), 'canceled');
    acquired.lease[Symbol.dispose]();
    await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
  });

  test(`${server.name}: a query that somebody else kills is canceled, a killed connection is replaced`, async (t) => {
    await server.createUser(USER, PASSWORD);
    const pool = poolOf(t, server, {
      login: async () => ({ ok: true, ...LOGIN }),
      spec: { allowPublicKeyRetrieval: true },
    });
    const asking = ask(
      pool,
      'SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c',
      60_000,
    );
    const { id } = await eventually(async () => {
      const [statement] = await server.statementsRunning(USER);
      assert.ok(statement !== undefined, 'nothing runs');
      assert.match(statement.sql ?? '', /^SELECT COUNT/);
      return statement;
    });
    await server.root(`KILL QUERY ${id}`);
    assert.equal(seen(await asking), 'canceled');
    await server.root(`KILL ${id}`);
    await eventually(async () => assert.equal(await server.connections(USER), 0));
    assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  });

  interface Refusal {
    readonly name: string;
    readonly login: { readonly user: string; readonly password: string };
    readonly spec?: Partial<ConnectionSpec>;
    readonly reason: MysqlReason;
    readonly detail: RegExp;
  }
  const refusals: readonly Refusal[] = [
    {
      name: 'a wrong password',
      login: { ...EXPORTER, password: 'wrong' },
      reason: 'auth',
      detail: /Access denied.*\(1045\)/,
    },
    { name: 'an unknown user', login: { user: 'nobody', password: 'x' }, reason: 'auth', detail: /\(1045\)/ },
    {
      name: 'an unknown database',
      login: { user: 'refusal_test', password: PASSWORD },
      spec: { database: 'no_such_database' },
      reason: 'sql',
      detail: /no_such_database.*\(1049\)/,
    },
    {
      name: 'a database that is not ours',
      login: EXPORTER,
      spec: { database: 'no_such_database' },
      reason: 'sql',
      detail: /no_such_database/,
    },
  ];
  for (const { name, login, spec, reason, detail } of refusals)
    test(`${server.name}: ${name} is ${reason}`, async (t) => {
      if (login.user === 'refusal_test') await server.createUser('refusal_test', PASSWORD, 'ALL ON *.*');
      const opened = await open(t, server, { ...spec, allowPublicKeyRetrieval: true, login });
      assert.ok(!opened.ok);
      assert.equal(opened.reason, reason, opened.detail);
      assert.match(opened.detail, detail);
    });

  const failing: readonly { readonly name: string; readonly sql: string; readonly errno: number }[] = [
    { name: 'a table that we may not read', sql: 'SELECT * FROM mysql.user', errno: 1142 },
    { name: 'a table that does not exist', sql: 'SELECT * FROM shop.no_such_table', errno: 1146 },
    { name: 'a syntax error', sql: 'SELEC 1', errno: 1064 },
    { name: 'two statements in one', sql: 'SELECT 1; SELECT 2', errno: 1064 },
    {
      name: 'a file of ours',
      sql: "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE shop.customers",
      errno: 0,
    },
  ];
  for (const { name, sql, errno } of failing)
    test(`${server.name}: ${name} is sql, and the connection goes on`, async (t) => {
      await server.createUser('failing_test', PASSWORD, 'SELECT ON shop.*');
      const login = { user: 'failing_test', password: PASSWORD };
      const opened = await open(t, server, { login, allowPublicKeyRetrieval: true });
      assert.ok(opened.ok, opened.ok ? '' : opened.detail);
      const answer = await query(opened.connection, sql);
      assert.ok(!answer.ok);
      assert.equal(answer.reason, 'sql', answer.detail);
      if (errno > 0) assert.match(answer.detail, new RegExp(`\\(${errno}\\)$`));
      assert.deepEqual(seen(await query(opened.connection, 'SELECT 1')), [['1']]);
    });

  test(`${server.name}: a lock is waited for two seconds, not for a DDL of an hour`, async (t) => {
    const connection = await openAs(t, server, { queryTimeoutMs: 60_000 });
    const locker = await server.connect();
    t.after(() => locker.end());
    await locker.query(
      'CREATE DATABASE IF NOT EXISTS locks; CREATE TABLE IF NOT EXISTS locks.locked (id INT)',
    );
    await locker.query('LOCK TABLES locks.locked WRITE');
    const answer = await query(connection, 'SELECT * FROM locks.locked', 60_000);
    await locker.query('UNLOCK TABLES');
    assert.equal(seen(answer), 'timeout');
    assert.match(answer.ok ? '' : answer.detail, /\(1205\)$/); // the server's limit for locks, and no other
  });

  const values: readonly { readonly sql: string; readonly rows: TextResult['rows'] }[] = [
    {
      sql: 'SELECT NULL, 1, 1.50, -1e-20, 18446744073709551615',
      rows: [[null, '1', '1.50', '-1e-20', '18446744073709551615']],
    },
    { sql: "SELECT CAST('x' AS BINARY), '', 'ä€🔑'", rows: [['x', '', 'ä€🔑']] },
    { sql: 'SELECT 1 AS a, 2 AS a', rows: [['1', '2']] },
    { sql: 'SELECT 1 AS __proto__', rows: [['1']] },
    { sql: 'SELECT id FROM shop.orders WHERE FALSE', rows: [] },
    { sql: "SELECT REPEAT('x', 300000)", rows: [['x'.repeat(300_000)]] },
    { sql: 'SET @a = 1', rows: [] },
  ];
  for (const { sql, rows } of values)
    test(`${server.name}: reads ${sql}`, async (t) => {
      const opened = await open(t, server, { login: EXPORTER, allowPublicKeyRetrieval: true });
      assert.ok(opened.ok);
      assert.deepEqual(seen(await query(opened.connection, sql)), rows);
    });

  test(`${server.name}: BIT columns are numbers`, async (t) => {
    const admin = await server.connect();
    t.after(() => admin.end());
    await admin.query(
      `CREATE DATABASE IF NOT EXISTS bits; DROP TABLE IF EXISTS bits.bits;
       CREATE TABLE bits.bits (flag BIT(1), wide BIT(64));
       INSERT INTO bits.bits VALUES (b'1', ~0), (b'0', 5), (NULL, NULL)`,
    );
    const connection = await openAs(t, server);
    const answer = await query(connection, 'SELECT flag, wide FROM bits.bits ORDER BY wide DESC');
    assert.deepEqual(seen(answer), [
      ['1', '18446744073709551615'],
      ['0', '5'],
      [null, null],
    ]);
  });

  test(`${server.name}: more rows than allowed is a limit, and nothing runs on`, async (t) => {
    await server.createUser(USER, PASSWORD, 'SELECT ON shop.*');
    const pool = poolOf(t, server, {
      login: async () => ({ ok: true, ...LOGIN }),
      spec: { allowPublicKeyRetrieval: true },
    });
    const endless = 'SELECT a.* FROM shop.orders a, shop.orders b, shop.orders c';
    assert.equal(seen(await ask(pool, endless, 60_000)), 'limit');
    await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
  });

  test(`${server.name}: opening, asking and closing aborts nothing`, async (t) => {
    const own = await privateServer(server.flavour);
    t.after(own.stop);
    const aborted = () =>
      Promise.all(['Aborted_clients', 'Aborted_connects'].map((name) => own.globalStatus(name)));
    const before = await aborted();
    const pool = poolOf(t, own, {
      maxConnections: 3,
      login: async () => ({ ok: true, ...EXPORTER }),
      spec: { allowPublicKeyRetrieval: true },
    });
    await Promise.all(Array.from({ length: 9 }, () => ask(pool, 'SELECT SLEEP(0.3)')));
    await eventually(async () => assert.equal(await own.connections(EXPORTER.user), 3));
    await eventually(() => assert.equal(pool.stats.idle, 3));
    pool.reap(performance.now());
    await eventually(async () => assert.equal(await own.connections(EXPORTER.user), 0));
    assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
    const address = { kind: 'unix', path: own.process.socketPath } as const;
    const local = await open(t, own, { address, login: EXPORTER });
    assert.ok(local.ok, local.ok ? '' : local.detail);
    using goodbye = Deadline.after(PATIENCE_MS);
    await local.connection.end(goodbye);
    await pool.close();
    await eventually(async () => assert.equal(await own.connections(EXPORTER.user), 0));
    assert.deepEqual(await aborted(), before);
  });

  test(`${server.name}: full, shut down, paused and gone: each with its reason`, async (t) => {
    const own = await privateServer(server.flavour, { args: ['--max-connections=10'] });
    t.after(own.stop);
    const login = EXPORTER;
    const spec = { login, allowPublicKeyRetrieval: true } as const;
    const holders: Connection[] = [];
    let refused: Awaited<ReturnType<typeof open>> | undefined;
    while (refused === undefined && holders.length < 20) {
      const opened = await open(t, own, spec);
      if (opened.ok) holders.push(opened.connection);
      else refused = opened;
    }
    assert.ok(refused !== undefined && !refused.ok);
    assert.equal(refused.reason, 'refused', refused.detail);
    assert.match(refused.detail, /Too many connections \(1040\)/);
    const [first, ...others] = holders;
    for (const holder of others) holder.destroy();

    await own.process.pause();
    assert.ok(first);
    const hung = await ending(300, (until) => first.query({ sql: 'SELECT 1', limits: LIMITS }, until));
    assert.deepEqual([seen(hung.value), hung.turnsLate], ['timeout', 0]);
    const silent = await open(t, own, spec, 300);
    assert.equal(silent.ok ? 'open' : silent.reason, 'connect_timeout');
    own.process.resume();
    await first.whenFree();
    assert.deepEqual(seen(await query(first, 'SELECT 1')), [['1']]);

    await own.process.kill();
    assert.equal(seen(await query(first, 'SELECT 1')), 'lost');
    const gone = await open(t, own, spec);
    assert.equal(gone.ok ? 'open' : gone.reason, 'refused');
  });
}

test('a server that knows not all variables gets those that it knows', async (t) => {
  const server = await play(t, async (peer) => {
    await letIn(peer, { version: '5.5.5-10.0.38-MariaDB' });
    for (;;) {
      const sql = await peer.question();
      const tooMuch = sql.includes(',') || sql.includes('lock_wait_timeout');
      peer.send(tooMuch ? err(1193, 'Unknown system variable', 'HY000') : ok());
    }
  });
  const opened = await open(t, server, { session: { sql_mode: '' } });
  assert.ok(opened.ok);
  assert.deepEqual(server.peers[0]?.asked.slice(1), [
    'SET NAMES utf8mb4',
    'SET SESSION autocommit=1',
    "SET SESSION sql_mode=''",
    'SET SESSION sql_select_limit=18446744073709551615',
    'SET SESSION sql_big_selects=1',
    'SET SESSION wsrep_sync_wait=0',
    'SET SESSION wsrep_dirty_reads=1',
    'SET SESSION lock_wait_timeout=2',
    "SET SESSION time_zone='+00:00'",
    'SET SESSION wait_timeout=360',
    "SET SESSION sql_mode=''",
    'SET SESSION TRANSACTION READ ONLY',
  ]);
});

test('a server without a replication plugin is asked for its variables once', async (t) => {
  const server = await play(t, async (peer) => {
    await letIn(peer, { version: '8.4.3' });
    for (;;) {
      const sql = await peer.question();
      const unknown = sql.includes('group_replication_consistency');
      peer.send(unknown ? err(1193, "Unknown system variable 'group_replication_consistency'") : ok());
    }
  });
  const memory = { unknownVariables: new Set<string>() };
  for (const asked of [2, 1]) {
    const opened = await open(t, server, { memory });
    assert.ok(opened.ok);
    assert.equal(server.peers.at(-1)?.asked.filter((sql) => sql.startsWith('SET NAMES')).length, asked);
  }
});

test('a server that takes no read-only session is not used', async (t) => {
  const server = await play(t, async (peer) => {
    await letIn(peer);
    for (;;) {
      await peer.question();
      peer.send(err(1193, 'Unknown system variable'));
    }
  });
  const opened = await open(t, server);
  assert.ok(!opened.ok);
  assert.equal(opened.reason, 'sql');
  assert.match(opened.detail, /^SET SESSION TRANSACTION READ ONLY: /);
});

test('a server without time limits is asked for one once', async (t) => {
  const server = await play(t, async (peer) => {
    await letIn(peer);
    for (;;) {
      const sql = await peer.question();
      if (sql.includes('max_execution_time')) peer.send(err(1193, 'Unknown system variable'));
      else peer.send(...(sql.startsWith('SET') ? [ok()] : result(['one'], [['1']])));
    }
  });
  const pool = poolOf(t, server);
  for (const ms of [9_000, 19_000, 29_000]) assert.deepEqual(seen(await ask(pool, 'SELECT 1', ms)), [['1']]);
  const asked = server.peers[0]?.asked.filter((sql) => /^SET SESSION max_execution_time=\d+$/.test(sql));
  assert.equal(asked?.length, 1);
});

test('an answer after the limit of the server is a timeout, before it an answer', async (t) => {
  const server = await play(
    t,
    answering(async (peer, sql) => {
      await new Promise((resolve) => setTimeout(resolve, sql === 'SELECT late' ? 270 : 20));
      peer.send(...result(['SLEEP(60)'], [['1']]));
    }),
  );
  const pool = poolOf(t, server);
  assert.deepEqual(seen(await ask(pool, 'SELECT early', 300)), [['1']]);
  assert.equal(seen(await ask(pool, 'SELECT late', 300)), 'timeout');
});

const limits: readonly [leftMs: number, limit: number][] = [
  [10_000, 9_900],
  [5_000, 4_900],
  [4_999, 4_900],
  [1_001, 900],
  [1_000, 950],
  [300, 250],
  [60, 10],
  [0, 10],
];
for (const [leftMs, limit] of limits)
  test(`with ${leftMs} ms left the server's limit is ${limit} ms`, () =>
    assert.equal(timeLimit(leftMs), limit));

const versions: readonly [string, ServerVersion, string | undefined][] = [
  ['8.4.3', { flavour: 'mysql', major: 8, minor: 4, patch: 3 }, 'SESSION max_execution_time=1500'],
  ['9.7.0-log', { flavour: 'mysql', major: 9, minor: 7, patch: 0 }, 'SESSION max_execution_time=1500'],
  ['5.7.7-rc', { flavour: 'mysql', major: 5, minor: 7, patch: 7 }, undefined],
  ['5.7.8', { flavour: 'mysql', major: 5, minor: 7, patch: 8 }, 'SESSION max_execution_time=1500'],
  ['5.6.51', { flavour: 'mysql', major: 5, minor: 6, patch: 51 }, undefined],
  [
    '5.5.5-10.6.12-MariaDB-log',
    { flavour: 'mariadb', major: 10, minor: 6, patch: 12 },
    'SESSION max_statement_time=1.5',
  ],
  ['11.4.2-MariaDB', { flavour: 'mariadb', major: 11, minor: 4, patch: 2 }, 'SESSION max_statement_time=1.5'],
  ['10.1.0-MariaDB', { flavour: 'mariadb', major: 10, minor: 1, patch: 0 }, undefined],
  [
    '8.0.33-25 Percona',
    { flavour: 'mysql', major: 8, minor: 0, patch: 33 },
    'SESSION max_execution_time=1500',
  ],
  ['', { flavour: 'mysql', major: 0, minor: 0, patch: 0 }, undefined],
];
for (const [text, version, assignment] of versions)
  test(`the version ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseVersion(text), version);
    assert.equal(timeLimitAssignment(version, 1_500), assignment);
  });
