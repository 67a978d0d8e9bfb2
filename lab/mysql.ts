/**
 * MySQL of our own: the arguments it needs and its empty data directory, made once per version.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from './children.ts';
import { findMysql, type Program } from './programs.ts';
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
  const engine = { flavour: 'mysql', program, args: argsFor(program) } as const;
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
    ...(program.prefix.length > 0 ? unpackedArgs(program) : []),
    '--secure-file-priv=NULL',
    '--mysqlx=OFF',
    '--innodb-redo-log-capacity=8M',
    ...SHARED_ARGS,
  ];
}
