/** CALL on real servers: which result counts, what becomes of the others, and in what state the connection is left. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { Deadline } from '../../../src/deadline.ts';
import type { Connection } from '../../../src/mysql/connect/connection.ts';
import type { MysqlFailure } from '../../../src/mysql/failure.ts';
import type { Pool } from '../../../src/mysql/pool/pool.ts';
import type { ResultLimits, TextResult } from '../../../src/mysql/protocol/text-query.ts';
import { eventually } from '../../support/eventually.ts';
import {
  ending,
  LIMITS,
  open,
  PASSWORD,
  PATIENCE_MS,
  poolOf,
  query,
  seen,
  whole,
} from '../../support/mysql.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';

const USER = 'calling';
const LOGIN = { user: USER, password: PASSWORD };
const DATABASE = 'calling_test';

const PROCEDURES: Readonly<Record<string, string>> = {
  nothing: 'BEGIN END',
  one: 'SELECT 1 AS a, NULL AS b',
  three:
    "BEGIN SELECT 'first' AS a; SELECT name FROM no_rows; SELECT 3 AS c UNION ALL SELECT 4; SET @done = 1; END",
  empty_first: "BEGIN SELECT name FROM no_rows; SELECT 'second' AS b; END",
  fails_late: 'BEGIN SELECT 1 AS a; SELECT x FROM no_such_table; END',
  writes: 'BEGIN SELECT 1 AS a; INSERT INTO no_rows VALUES (1); END',
  writes_in_transaction:
    "BEGIN START TRANSACTION; SELECT COUNT(*) AS a FROM no_rows; INSERT INTO no_rows VALUES ('x'); COMMIT; END",
  forgets_commit: 'BEGIN START TRANSACTION; SELECT COUNT(*) AS a FROM no_rows; END',
  lets_write: 'BEGIN SET SESSION TRANSACTION READ WRITE; SELECT 0 AS a; END',
  many_rows: 'BEGIN SELECT 1 AS a; SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4; END',
  many_bytes: "BEGIN SELECT 1 AS a; SELECT REPEAT('x', 100000); END",
  endless_results: 'BEGIN WHILE TRUE DO SELECT 1 AS a; END WHILE; END',
  sleeps: 'BEGIN SELECT 1 AS a; SELECT SLEEP(60) AS b; END',
  // The interruption of one statement is no end of the loop, and no handler may swallow the KILL.
  loops:
    'BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; SET @n = 0; WHILE TRUE DO SET @n = @n + SLEEP(0.1); END WHILE; END',
};

const servers = await realServers();
for (const server of servers) {
  before(async () => {
    await server.root(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}`);
    await server.root(`CREATE TABLE ${DATABASE}.no_rows (name VARCHAR(10))`);
    for (const [name, body] of Object.entries(PROCEDURES)) {
      await server.root(`CREATE PROCEDURE ${DATABASE}.${name}() ${body}`);
    }
    await server.root(
      `CREATE PROCEDURE ${DATABASE}.adds(IN n INT, OUT m INT) BEGIN SET m = n + 1; SELECT m AS a; END`,
    );
    await server.createUser(USER, PASSWORD, `EXECUTE ON ${DATABASE}.*`, `INSERT ON ${DATABASE}.*`);
  });
  after(async () => {
    await server.root(`DROP DATABASE ${DATABASE}`);
    await server.dropUser(USER);
  });
}

const spec = { database: DATABASE, allowPublicKeyRetrieval: true };

async function connect(t: TestContext, server: RealServer): Promise<Connection> {
  const opened = await open(t, server, { ...spec, login: LOGIN });
  assert.ok(opened.ok, opened.ok ? '' : opened.detail);
  return opened.connection;
}

async function call(
  connection: Connection,
  sql: string,
  ms = PATIENCE_MS,
  limits: ResultLimits = LIMITS,
): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(ms);
  return await connection.queryWithin({ sql, limits, mayCall: true }, until);
}

/** As a probe does it. */
async function askIn(pool: Pool, sql: string): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(PATIENCE_MS);
  const acquired = await pool.acquire(until);
  if (!acquired.ok) return acquired;
  using lease = acquired.lease;
  const isCall = sql.startsWith('CALL');
  const statement = { sql, limits: LIMITS, mayCall: isCall, endsSession: isCall };
  return await lease.connection.queryWithin(statement, until);
}

const READ_ONLY = { mariadb: '@@tx_read_only', mysql: '@@transaction_read_only' } as const;

const answers: readonly {
  readonly sql: string;
  readonly columns: readonly string[];
  readonly rows: TextResult['rows'];
}[] = [
  { sql: 'CALL nothing()', columns: [], rows: [] },
  { sql: 'CALL one()', columns: ['a', 'b'], rows: [['1', null]] },
  { sql: 'CALL one', columns: ['a', 'b'], rows: [['1', null]] },
  { sql: 'CALL three()', columns: ['a'], rows: [['first']] },
  { sql: 'CALL empty_first()', columns: ['name'], rows: [] },
  { sql: 'CALL adds(41, @m)', columns: ['a'], rows: [['42']] },
  { sql: 'CALL forgets_commit()', columns: ['a'], rows: [['0']] },
];

const failures: readonly {
  readonly sql: string;
  readonly reason: MysqlFailure['reason'];
  readonly detail: RegExp;
  readonly limits?: ResultLimits;
}[] = [
  { sql: 'CALL fails_late()', reason: 'sql', detail: /no_such_table.* \(1146\)/ },
  { sql: 'CALL writes()', reason: 'sql', detail: /READ ONLY.* \(1792\)/ },
  { sql: 'CALL writes_in_transaction()', reason: 'sql', detail: /READ ONLY.* \(1792\)/ },
  { sql: 'CALL no_such_procedure()', reason: 'sql', detail: /no_such_procedure/ },
  {
    sql: 'CALL many_rows()',
    reason: 'limit',
    detail: /more than 3 rows/,
    limits: { maxRows: 3, maxBytes: 1 << 20 },
  },
  {
    sql: 'CALL many_bytes()',
    reason: 'limit',
    detail: /larger than 50000 bytes/,
    limits: { maxRows: 10, maxBytes: 50_000 },
  },
];

for (const server of servers) {
  for (const { sql, columns, rows } of answers)
    test(`${server.name}: ${sql} answers with its first result, and the connection can be used`, async (t) => {
      const connection = await connect(t, server);
      assert.deepEqual(whole(await call(connection, sql)), { columns, rows });
      assert.deepEqual(seen(await query(connection, "SELECT 'after'")), [['after']]);
      assert.deepEqual(whole(await call(connection, sql)), { columns, rows });
    });

  for (const { sql, reason, detail, limits } of failures)
    test(`${server.name}: ${sql} fails with ${reason}, and the connection can be used`, async (t) => {
      const connection = await connect(t, server);
      const answer = await call(connection, sql, PATIENCE_MS, limits);
      assert.equal(seen(answer), reason);
      assert.match(answer.ok ? '' : answer.detail, detail);
      await connection.whenFree();
      assert.deepEqual(seen(await query(connection, "SELECT 'after'")), [['after']]);
    });

  for (const procedure of ['forgets_commit', 'writes_in_transaction'])
    test(`${server.name}: ${procedure} leaves no transaction behind`, async (t) => {
      const pool = poolOf(t, server, { login: async () => ({ ok: true, ...LOGIN }), spec });
      await askIn(pool, `CALL ${procedure}()`);
      // An open transaction would hold its lock on the table, and this wait for it.
      const root = await server.connect();
      t.after(() => root.end());
      await root.query('SET lock_wait_timeout = 20');
      await root.query(`RENAME TABLE ${DATABASE}.no_rows TO ${DATABASE}.moved`);
      await root.query(`RENAME TABLE ${DATABASE}.moved TO ${DATABASE}.no_rows`);
    });

  test(`${server.name}: what a procedure sets holds for no other statement`, async (t) => {
    const pool = poolOf(t, server, { login: async () => ({ ok: true, ...LOGIN }), spec });
    const id = 'SELECT CONNECTION_ID()';
    const [before] = seen(await askIn(pool, id)) as TextResult['rows'];
    assert.deepEqual(seen(await askIn(pool, id)), [before]);
    assert.deepEqual(seen(await askIn(pool, 'CALL lets_write()')), [['0']]);
    assert.deepEqual(seen(await askIn(pool, `SELECT ${READ_ONLY[server.flavour]}`)), [['1']]);
    assert.notDeepEqual(seen(await askIn(pool, id)), [before]);
  });

  for (const procedure of ['sleeps', 'loops', 'endless_results'])
    test(`${server.name}: ${procedure} ends with its time for us, and soon on the server`, async (t) => {
      const pool = poolOf(t, server, { login: async () => ({ ok: true, ...LOGIN }), spec });
      const ask = (sql: string, ms: number) =>
        ending(ms, async (until) => {
          const acquired = await pool.acquire(until);
          if (!acquired.ok) return acquired;
          using lease = acquired.lease;
          return await lease.connection.queryWithin({ sql, limits: LIMITS, mayCall: true }, until);
        });
      // The login has no part in it.
      assert.deepEqual(seen((await ask("SELECT 'before'", PATIENCE_MS)).value), [['before']]);
      const isEndless = procedure === 'endless_results';
      const called = await ask(`CALL ${procedure}()`, isEndless ? PATIENCE_MS : 700);
      assert.equal(seen(called.value), isEndless ? 'limit' : 'timeout');
      assert.equal(called.turnsLate ?? 0, 0);
      await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
      assert.deepEqual(seen((await ask("SELECT 'after'", PATIENCE_MS)).value), [['after']]);
    });
}
