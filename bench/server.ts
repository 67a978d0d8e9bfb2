/**
 * The one real server of a run. It listens on every loopback address, so that each target has one of its own.
 */
import { startMariadb } from '../harness/mariadb.ts';
import { startMysql } from '../harness/mysql.ts';
import { loadSamples } from '../harness/samples.ts';
import type { DatabaseServer, Flavour } from '../harness/server-process.ts';
import { openFilesLimit } from '../src/commands/serve/open-files.ts';

/** The account of the sample data. */
export const ACCOUNT = { user: 'exporter', password: 'exporter' } as const;

/** Files besides connections: tables, logs, programs. */
const OTHER_FILES = 1_000;

/**
 * @param connections the most that all clients of the run may hold at once
 * @param more arguments of the server
 */
export async function startDatabase(
  flavour: Flavour,
  connections: number,
  more: readonly string[] = [],
): Promise<DatabaseServer> {
  const files = connections + OTHER_FILES;
  const most = openFilesLimit() ?? Number.POSITIVE_INFINITY;
  if (most < files) {
    throw new Error(
      `${connections} connections need ${files} open files, and ${most} are allowed here. ` +
        `What to do: "ulimit -n ${files}" before it starts, fewer --targets, or --only other lines.`,
    );
  }
  const args = [`--max-connections=${connections}`, `--open-files-limit=${files}`, ...more];
  const server = await (flavour === 'mariadb' ? startMariadb({ args }) : startMysql({ args }));
  const [row] = await server.query('SELECT @@max_connections AS connections');
  if (Number(row?.['connections']) < connections) {
    throw new Error(`the server allows ${row?.['connections']} connections only, ${connections} are needed`);
  }
  await loadSamples((sql) => server.query(sql), { except: ['03-writer.sql', '04-fleet.sql'] });
  // The account's limit is for one target; here all targets are one server.
  await server.query(`ALTER USER '${ACCOUNT.user}'@'%' WITH MAX_USER_CONNECTIONS 0`);
  return server;
}

/** The address of a target, counted from 0. */
export const addressOf = (index: number) => `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;

/** How many connections of the account there are. */
export async function connectionsOf(server: DatabaseServer): Promise<number> {
  const [row] = await server.query(
    `SELECT COUNT(*) AS connections FROM information_schema.processlist WHERE user = '${ACCOUNT.user}'`,
  );
  return Number(row?.['connections']);
}

/** What `account` asks while `work` runs, in the order in which the server got it. */
export async function statementsDuring(
  server: DatabaseServer,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  await server.query(
    "SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON",
  );
  await work();
  await server.query("SET GLOBAL general_log = OFF; SET GLOBAL log_output = 'FILE'");
  const rows = await server.query(
    `SELECT CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log
     WHERE command_type = 'Query' AND user_host LIKE '${ACCOUNT.user}[%' ORDER BY event_time`,
  );
  return rows.map((row) => String(row['statement']));
}
