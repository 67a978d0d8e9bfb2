/**
 * mysqld_exporter as a child process that answers /probe for the servers of the lab or a test.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './children.ts';
import type { Service } from './exporter.ts';
import { httpReady } from './http-ready.ts';
import type { Program } from './programs.ts';

export interface MysqldExporterOptions {
  /** An account that all servers know. */
  readonly user: string;
  readonly password: string;
  readonly port: number;
  /** Flags such as `--collect.heartbeat`. */
  readonly flags: readonly string[];
}

/** Its configuration and its log are written into `folder`. */
export async function startMysqldExporter(
  program: Program,
  folder: string,
  { user, password, port, flags }: MysqldExporterOptions,
): Promise<Service> {
  const log = join(folder, 'mysqld-exporter.log');
  const config = join(folder, 'mysqld-exporter.cnf');
  const address = `127.0.0.1:${port}`;
  await writeFile(config, `[client]\nuser = ${user}\npassword = ${password}\n`);
  const child = await startChild({
    command: program.command,
    args: [...program.prefix, `--config.my-cnf=${config}`, `--web.listen-address=${address}`, ...flags],
    log,
  });
  const url = `http://${address}`;
  await httpReady(child, `${url}/`, log);
  return { child, url, log };
}
