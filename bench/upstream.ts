/**
 * mysqld_exporter as it is compared: with the collectors that are our query sets, and no other.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { stopChild } from '../harness/children.ts';
import type { Service } from '../harness/exporter.ts';
import { freePort } from '../harness/free-port.ts';
import { startMysqldExporter } from '../harness/mysqld-exporter.ts';
import { findMysqldExporter } from '../harness/programs.ts';
import { DEFAULT_QUERY_SETS } from '../src/config/targets-file/precedence.ts';
import { ACCOUNT } from './server.ts';

/** Those that it has. */
export async function collectorNames(): Promise<ReadonlySet<string>> {
  const { command, prefix } = await findMysqldExporter();
  const { stderr, stdout } = await promisify(execFile)(command, [...prefix, '--help']);
  return new Set(
    [...`${stdout}${stderr}`.matchAll(/--(?:\[no-\])?collect\.([\w.]+)/g)].map(([, name = '']) => name),
  );
}

export interface Upstream extends Service {
  readonly version: string;
  readonly stop: () => Promise<void>;
}

/** @param sets names of collectors */
export async function startUpstream(folder: string, sets: readonly string[]): Promise<Upstream> {
  const program = await findMysqldExporter();
  const flags = [
    ...sets.map((name) => `--collect.${name}`),
    ...DEFAULT_QUERY_SETS.filter((name) => !sets.includes(name)).map((name) => `--no-collect.${name}`),
  ];
  const port = await freePort();
  const service = await startMysqldExporter(program, folder, { ...ACCOUNT, port, flags });
  return { ...service, version: program.version, stop: () => stopChild(service.child) };
}
