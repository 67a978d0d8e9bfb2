/**
 * MySQL of our own: the arguments it needs and its empty data directory, made once per version.
 */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runToEnd } from './children.ts';
import { findMysql, type Program } from './programs.ts';
import { waitForReplica } from './replication.ts';
import {
  type DatabaseServer,
  type ServerOptions,
  SHARED_ARGS,
  startServer,
  unpackedArgs,
} from './server-process.ts';
import { datadirTemplate } from './template.ts';

/** Root@localhost has no password, also over TCP from 127.0.0.1; TLS with certificates MySQL made itself. */
export async function startMysql(options: ServerOptions = {}): Promise<DatabaseServer> {
  const program = await findMysql();
  const engine = {
    flavour: 'mysql',
    program,
    args: [...argsFor(program), ...(options.initialArgs ?? [])],
  } as const;
  const template = await datadirTemplate(engine, async (datadir) => {
    await runToEnd(
      {
        command: program.command,
        args: [
          ...program.prefix,
          '--no-defaults',
          ...engine.args,
          '--initialize-insecure',
          `--datadir=${datadir}`,
        ],
      },
      'initialising MySQL',
    );
    // The first start makes the TLS certificates, which is slow; the copies share them.
    await (await startServer(engine, datadir, { datadir })).stop();
    // Servers with the same UUID could not replicate from one another; each copy makes its own.
    await rm(join(datadir, 'auto.cnf'));
  });
  return await startServer(engine, template, options);
}

function argsFor(program: Program): readonly string[] {
  return [
    ...(program.prefix.length > 0 ? unpackedArgs(program, shareFolder(program)) : []),
    '--secure-file-priv=NULL',
    '--mysqlx=OFF',
    '--innodb-redo-log-capacity=8M',
    ...SHARED_ARGS,
  ];
}

const shareFolder = (program: Program) => join(dirname(dirname(program.path)), 'share/mysql');

/** Arguments that source and replica share; each needs a `--server-id` of its own besides. */
export const GTID_ARGS: readonly string[] = [
  '--log-bin=binlog',
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
];

/** Makes a server, still empty, follow another from its first event on. */
export async function replicateMysql(source: DatabaseServer, replica: DatabaseServer): Promise<void> {
  await source.query(
    `CREATE USER 'replica'@'%' IDENTIFIED BY 'replica';
     GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'`,
  );
  // Without TLS the password of caching_sha2_password goes encrypted by the source's own key.
  await replica.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${source.port},
       SOURCE_USER = 'replica', SOURCE_PASSWORD = 'replica', SOURCE_CONNECT_RETRY = 1,
       SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1;
     START REPLICA`,
  );
}

/** Resolves when the replica has executed all that the source has written so far. */
export async function caughtUpMysql(source: DatabaseServer, replica: DatabaseServer): Promise<void> {
  await waitForReplica(source, replica, {
    written: 'SELECT @@GLOBAL.gtid_executed AS position',
    wait: 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 30) AS missed',
    status: 'SHOW REPLICA STATUS',
  });
}
