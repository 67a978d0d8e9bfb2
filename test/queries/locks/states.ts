/**
 * A server in which others hold locks and wait for them. All of it concerns two tables: `locked.goods` of an application,
 * which shipped queries see in information_schema, and `heartbeat.heartbeat`, which two of them read.
 */
import assert from 'node:assert/strict';
import type { Connection } from 'mysql2/promise';
import { eventually } from '../../support/eventually.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';
import type { StateName } from './state-names.ts';

/** As many queries as possible are asked: binary logs, user statistics, performance schema. */
const ARGS = {
  mariadb: ['--performance-schema=ON', '--userstat=ON'],
  mysql: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
} as const;

/** So many that an ALTER which works on each of them for some 10 ms goes on for long. */
const BEATS = 900;

/** A server that notes what each thread waits for, and on which the account of the samples may ask everything. */
export async function lockableServer(flavour: 'mariadb' | 'mysql'): Promise<PrivateServer> {
  const args = ['--log-bin=binlog', '--server-id=1', ...ARGS[flavour]];
  const server = await privateServer(flavour, { args });
  await server.root(
    `UPDATE performance_schema.setup_instruments SET enabled = 'YES', timed = 'YES'
       WHERE name LIKE 'stage/sql/Waiting for %' OR name LIKE 'wait/lock/metadata/%';
     UPDATE performance_schema.setup_consumers SET enabled = 'YES' WHERE name LIKE 'events_stages_%';
     CREATE DATABASE locked; CREATE DATABASE heartbeat;
     CREATE TABLE locked.goods (id INT AUTO_INCREMENT PRIMARY KEY, n INT, KEY by_n (n), KEY again (n));
     INSERT INTO locked.goods (n) VALUES (1), (2);
     CREATE TABLE locked.last LIKE locked.goods; INSERT INTO locked.last (n) VALUES (1);
     CREATE TABLE heartbeat.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY);
     INSERT INTO heartbeat.heartbeat WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < ${BEATS})
       SELECT NOW(6), n FROM numbers;
     GRANT ${flavour === 'mysql' ? 'REPLICATION SLAVE' : 'REPLICATION MASTER ADMIN, BINLOG MONITOR'} ON *.* TO 'exporter'@'%'`,
  );
  return server;
}

/** The sessions of others, of which the last one is ended first: it waits for those before it. */
export class Others implements AsyncDisposable {
  readonly #server: PrivateServer;
  readonly #sessions: Connection[] = [];

  constructor(server: PrivateServer) {
    this.#server = server;
  }

  /** Statements of one session, which keeps what it locks. */
  async hold(...statements: readonly string[]): Promise<void> {
    const session = await this.#open();
    for (const sql of statements) await session.query(sql);
  }

  /** A statement that goes on; resolves when its state on the server is this one. */
  async goOn(sql: string, state: RegExp): Promise<void> {
    const session = await this.#open();
    await session.query('SET SESSION lock_wait_timeout = 600');
    void session.query(sql).catch(() => {});
    await eventually(async () => assert.match(await this.#stateOf(session), state));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions.reverse()) {
      await this.#server.root(`KILL ${session.threadId}`);
      await eventually(async () => assert.equal(await this.#stateOf(session), 'gone'));
      session.destroy();
    }
  }

  async #open(): Promise<Connection> {
    const session = await this.#server.connect();
    this.#sessions.push(session);
    return session;
  }

  async #stateOf({ threadId }: Connection): Promise<string> {
    const [row] = await this.#server.root(
      `SELECT COALESCE(state, '') AS state FROM information_schema.processlist WHERE id = ${threadId}`,
    );
    return row === undefined ? 'gone' : String(row['state']);
  }
}

const FOR_A_TABLE = /^Waiting for table metadata lock$/;
const FOR_A_SERVER = /^Waiting for (?:backup|global read) lock$/;
const IN_TRANSACTION = [
  'BEGIN',
  'UPDATE locked.goods SET n = n + 1',
  'UPDATE heartbeat.heartbeat SET ts = NOW(6)',
] as const;
/** A backup of MariaDB up to where nothing is committed. */
export const STAGES = ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'].map((stage) => `BACKUP STAGE ${stage}`);

/** Brings the state about. */
export const ENTER: Readonly<
  Record<StateName, (others: Others, flavour: PrivateServer['flavour']) => Promise<void>>
> = {
  quiet: async () => {},
  transaction: async (others) => await others.hold(...IN_TRANSACTION),
  ddl_waiting: async (others) => {
    await others.hold(...IN_TRANSACTION);
    await others.goOn('ALTER TABLE locked.goods ADD COLUMN more INT', FOR_A_TABLE);
    await others.goOn('ALTER TABLE heartbeat.heartbeat ADD COLUMN more INT', FOR_A_TABLE);
  },
  ddl_exclusive: async (others) => {
    await others.hold('BEGIN', 'SELECT * FROM locked.last');
    // Locked in the order of their names.
    const names = ['heartbeat.heartbeat', 'locked.goods', 'locked.last'];
    await others.goOn(`RENAME TABLE ${names.map((name) => `${name} TO ${name}_2`).join(', ')}`, FOR_A_TABLE);
  },
  long_alter: async (others) => {
    const slow = 'SHA2(REPEAT(ts, 400000), 256)';
    await others.goOn(
      `ALTER TABLE heartbeat.heartbeat ADD COLUMN slow CHAR(64) AS (${slow}) STORED, ALGORITHM=COPY`,
      /^copy to tmp table$/,
    );
  },
  lock_tables: async (others) =>
    await others.hold('LOCK TABLES locked.goods WRITE, heartbeat.heartbeat WRITE'),
  read_lock: async (others) => {
    await others.hold('FLUSH TABLES WITH READ LOCK');
    await others.goOn('INSERT INTO locked.goods (n) VALUES (3)', FOR_A_SERVER);
    await others.goOn('ALTER TABLE locked.last ADD COLUMN more INT', FOR_A_SERVER);
  },
  backup: async (others, flavour) => {
    await others.hold(...(flavour === 'mysql' ? ['LOCK INSTANCE FOR BACKUP'] : STAGES));
    await others.goOn('ALTER TABLE locked.last ADD COLUMN more INT', FOR_A_SERVER);
  },
  flush_waiting: async (others, flavour) => {
    if (flavour === 'mysql') {
      await others.goOn('SELECT SLEEP(600) FROM locked.goods, heartbeat.heartbeat', /^User sleep$/);
      await others.goOn('FLUSH TABLES WITH READ LOCK', /^Waiting for table flush$/);
    } else {
      await others.hold(...IN_TRANSACTION);
      await others.goOn('FLUSH TABLES heartbeat.heartbeat, locked.goods FOR EXPORT', FOR_A_TABLE);
    }
  },
};
