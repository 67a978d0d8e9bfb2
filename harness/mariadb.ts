/**
 * MariaDB of our own: the arguments it needs, its empty data directory, made once per version, and a replica.
 */
import { access, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFolder, runToEnd, temporaryFolder } from './children.ts';
import { findMariadb, type Program } from './programs.ts';
import { waitForReplica } from './replication.ts';
import {
  type DatabaseServer,
  type ServerOptions,
  SHARED_ARGS,
  startServer,
  unpackedArgs,
} from './server-process.ts';
import { datadirTemplate } from './template.ts';

/** Root@localhost has no password, also over TCP from 127.0.0.1. No TLS unless `args` names certificates. */
export async function startMariadb(options: ServerOptions = {}, found?: Program): Promise<DatabaseServer> {
  const program = found ?? (await findMariadb());
  const engine = {
    flavour: 'mariadb',
    program,
    args: [...(await argsFor(program)), ...(options.initialArgs ?? [])],
  } as const;
  const template = await datadirTemplate(engine, async (datadir) => {
    const folder = temporaryFolder('bootstrap');
    const input = join(folder, 'bootstrap.sql');
    await writeFile(input, await bootstrapSql(await shareFolder(program)));
    const args = [
      ...program.prefix,
      '--no-defaults',
      ...engine.args,
      '--bootstrap',
      '--log-warnings=0',
      '--max-allowed-packet=8M',
      `--datadir=${datadir}`,
      // Its own: a MariaDB that starts deletes the temporary tables of every other one in a shared folder.
      `--tmpdir=${folder}`,
    ];
    await runToEnd({ command: program.command, args, input }, 'initialising MariaDB');
    removeFolder(folder);
  });
  return await startServer(engine, template, options);
}

/** Arguments of a server that others replicate from. */
export const PRIMARY_ARGS: readonly string[] = ['--log-bin=binlog', '--server-id=1', '--gtid-strict-mode=ON'];

export const REPLICA_ARGS: readonly string[] = [
  '--log-bin=binlog',
  '--log-slave-updates=ON',
  '--server-id=2',
  '--gtid-strict-mode=ON',
  '--read-only=ON',
];

/** Makes a server, still empty, follow a primary from its first event on. */
export async function replicate(primary: DatabaseServer, replica: DatabaseServer): Promise<void> {
  await primary.query(
    `CREATE USER IF NOT EXISTS 'replica'@'%' IDENTIFIED BY 'replica';
     GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'`,
  );
  await replica.query(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = 'replica',
       MASTER_PASSWORD = 'replica', MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos;
     START SLAVE`,
  );
}

/** Resolves when the replica has executed all that the primary has written so far. */
export async function caughtUp(primary: DatabaseServer, replica: DatabaseServer): Promise<void> {
  await waitForReplica(primary, replica, {
    written: 'SELECT @@gtid_binlog_pos AS position',
    wait: 'SELECT MASTER_GTID_WAIT(?, 30) AS missed',
    status: 'SHOW SLAVE STATUS',
  });
}

async function argsFor(program: Program): Promise<readonly string[]> {
  return [
    ...(program.prefix.length > 0 ? unpackedArgs(program, await shareFolder(program)) : []),
    '--innodb-log-file-size=8M',
    ...SHARED_ARGS,
  ];
}

/**
 * What the script mariadb-install-db feeds the server. Done here because the script cannot start a server
 * through a loader of its own.
 */
async function bootstrapSql(share: string): Promise<string> {
  const scripts = [
    'system_tables.sql',
    'performance_tables.sql',
    'system_tables_data.sql',
    'fill_help_tables.sql',
    'maria_add_gis_sp_bootstrap.sql',
  ];
  const texts = await Promise.all(scripts.map((script) => neededScript(share, script)));
  return [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    'SET @auth_root_socket = NULL;',
    ...texts,
    // Since MariaDB 10.6.
    (await readScript(share, 'sys_schema.sql')) ?? '',
    // Anonymous users shadow accounts of '%' for connections from localhost.
    "DELETE FROM mysql.global_priv WHERE User = '';",
  ].join('\n');
}

/** Named mysql_* before MariaDB 11 and mariadb_* since, except for two that never had a prefix. */
async function readScript(share: string, script: string): Promise<string | undefined> {
  for (const prefix of ['', 'mariadb_', 'mysql_']) {
    const text = await readFile(join(share, prefix + script), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

async function neededScript(share: string, script: string): Promise<string> {
  const text = await readScript(share, script);
  if (text === undefined) throw new Error(`${script} of MariaDB is missing in ${share}`);
  return text;
}

/** Packages have them in /usr/share/mysql or /usr/share/mariadb, the tarball in share. */
async function shareFolder(program: Program): Promise<string> {
  const base = dirname(dirname(program.path));
  for (const folder of ['share/mysql', 'share/mariadb', 'share']) {
    const script = join(base, folder, 'fill_help_tables.sql');
    const isThere = await access(script).then(
      () => true,
      () => false,
    );
    if (isThere) return join(base, folder);
  }
  throw new Error(`the SQL scripts of MariaDB were not found under ${base}/share`);
}
