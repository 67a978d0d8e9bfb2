/**
 * The real servers that tests run against: MariaDB and MySQL, both or an Error, never fewer.
 *
 * Under `npm test` all test files share two servers (test/run.ts); a test file run by itself starts its own,
 * which end with its process. Who wants to kill or pause a server takes a private one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { startMariadb } from '../../harness/mariadb.ts';
import { startMysql } from '../../harness/mysql.ts';
import type { Program } from '../../harness/programs.ts';
import { connectAsRoot, RootSession, type Value } from '../../harness/root-session.ts';
import { loadSamples } from '../../harness/samples.ts';
import type { DatabaseServer, Flavour, ServerOptions } from '../../harness/server-process.ts';

export interface RealServer {
  readonly name: 'MariaDB' | 'MySQL';
  readonly flavour: Flavour;
  /** `SELECT VERSION()`. */
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Runs SQL as root, several statements too; the rows of the last one that has rows. */
  root(sql: string, values?: readonly Value[]): Promise<RowDataPacket[]>;
  /** A root connection of the caller's own, for locks and long statements. The caller ends it. */
  connect(): Promise<Connection>;
  /** Makes `name`@`%` anew; grants as `SELECT ON shop.*`. */
  createUser(name: string, password: string, ...grants: readonly string[]): Promise<void>;
  dropUser(name: string): Promise<void>;
  /** What the server is working on for this user at this moment. It lists a statement a little longer than the
   * answer takes to arrive, so who wants to see none asks untilIdle(). */
  statementsRunning(user: string): Promise<readonly RunningStatement[]>;
  /** Waits until nothing runs for this user; what still does after that time, hopefully []. A statement that must be
   * ended is one that would go on for longer. */
  untilIdle(user: string, withinMs?: number): Promise<readonly RunningStatement[]>;
  /** How many connections of this user the server sees, idle ones too. */
  connections(user: string): Promise<number>;
  /** A number of SHOW GLOBAL STATUS; an Error when there is none of that name. */
  globalStatus(name: string): Promise<number>;
}

export interface RunningStatement {
  readonly id: number;
  readonly command: string;
  readonly state: string | null;
  readonly sql: string | null;
}

/** A server of one test's own, with the account `exporter` and nothing else. */
export interface PrivateServer extends RealServer {
  readonly process: DatabaseServer;
  /** To be called by the test's `after`; otherwise the end of the test file does it. */
  stop(): Promise<void>;
}

/** What test/run.ts hands to the test files, as JSON in the variable TEST_SERVERS. */
export interface SharedServers {
  readonly mariadb: number;
  readonly mysql: number;
}

export const EXPORTER = { user: 'exporter', password: 'exporter' } as const;

/** Longer than a busy machine takes to end a statement. */
const PATIENCE_MS = 20_000;

let once: Promise<readonly RealServer[]> | undefined;

export function realServers(): Promise<readonly RealServer[]> {
  once ??= attachOrStart();
  return once;
}

async function attachOrStart(): Promise<readonly RealServer[]> {
  const handed = process.env['TEST_SERVERS'];
  const ports = handed ? (JSON.parse(handed) as SharedServers) : await startSharedServers();
  return await Promise.all([attach('mariadb', ports.mariadb), attach('mysql', ports.mysql)]);
}

/** Both servers with the sample accounts and the sample shop, which stands still: no events write to it. */
export async function startSharedServers(): Promise<SharedServers> {
  const [mariadb, mysql] = await Promise.all([startMariadb(), startMysql()]);
  await Promise.all(
    [mariadb, mysql].map((server) => loadForTests(server, ['03-writer.sql', '04-fleet.sql'])),
  );
  return { mariadb: mariadb.port, mysql: mysql.port };
}

/** @param program another MariaDB than the machine's own */
export async function privateServer(
  flavour: Flavour,
  options: ServerOptions = {},
  program?: Program,
): Promise<PrivateServer> {
  const server = await (flavour === 'mariadb' ? startMariadb(options, program) : startMysql(options));
  await loadForTests(server, ['02-shop.sql', '03-writer.sql', '04-fleet.sql']);
  const real = await attach(flavour, server.port);
  return { ...real, process: server, stop: async () => await server.stop() };
}

/** Two private servers of each flavour, which end with the test file. */
export async function serverPairs() {
  return await Promise.all(
    (['mariadb', 'mysql'] as const).map(async (flavour) => {
      const [one, other] = await Promise.all([privateServer(flavour), privateServer(flavour)]);
      return { flavour, one, other, stop: () => Promise.all([one.stop(), other.stop()]) };
    }),
  );
}

async function loadForTests(server: DatabaseServer, except: readonly string[]): Promise<void> {
  await loadSamples((sql) => server.query(sql), { except });
  // The account's limit is meant for one exporter; test files run several side by side.
  await server.query(`ALTER USER '${EXPORTER.user}'@'%' WITH MAX_USER_CONNECTIONS 0`);
}

async function attach(flavour: Flavour, port: number): Promise<RealServer> {
  const session = new RootSession(port);
  const root = (sql: string, values: readonly Value[] = []) => session.query(sql, values);
  const [row] = await root('SELECT VERSION() AS version');
  const statementsRunning = async (user: string) =>
    (await root(
      // Aliases: MySQL names the columns of information_schema in capitals.
      `SELECT id AS id, command AS command, state AS state, info AS \`sql\` FROM information_schema.processlist
       WHERE user = ? AND command <> 'Sleep' AND id <> CONNECTION_ID() ORDER BY id`,
      [user],
    )) as (RunningStatement & RowDataPacket)[];
  return {
    name: flavour === 'mariadb' ? 'MariaDB' : 'MySQL',
    flavour,
    version: String(row?.['version']),
    host: '127.0.0.1',
    port,
    root,
    connect: () => connectAsRoot(port),
    createUser: async (name, password, ...grants) => {
      await root("DROP USER IF EXISTS ?@'%'; CREATE USER ?@'%' IDENTIFIED BY ?", [name, name, password]);
      for (const grant of grants) await root(`GRANT ${grant} TO ?@'%'`, [name]);
    },
    dropUser: async (name) => {
      await root("DROP USER IF EXISTS ?@'%'", [name]);
    },
    statementsRunning,
    untilIdle: async (user, withinMs = PATIENCE_MS) => {
      const giveUp = performance.now() + withinMs;
      for (;;) {
        const running = await statementsRunning(user);
        if (running.length === 0 || performance.now() > giveUp) return running;
        await delay(5);
      }
    },
    connections: async (user) => {
      const [counted] = await root(
        'SELECT COUNT(*) AS connections FROM information_schema.processlist WHERE user = ? AND id <> CONNECTION_ID()',
        [user],
      );
      return Number(counted?.['connections']);
    },
    globalStatus: async (name) => {
      const [status] = await root('SHOW GLOBAL STATUS WHERE Variable_name = ?', [name]);
      if (status === undefined) throw new Error(`no global status ${name}`);
      return Number(status['Value']);
    },
  };
}
