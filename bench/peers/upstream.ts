/**
 * mysqld_exporter with the collectors that are query sets of ours.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { stopChild } from '../../harness/children.ts';
import type { Service } from '../../harness/exporter.ts';
import { freePort } from '../../harness/free-port.ts';
import { startMysqldExporter } from '../../harness/mysqld-exporter.ts';
import { findMysqldExporter, type Program } from '../../harness/programs.ts';
import { DEFAULT_QUERY_SETS } from '../../src/config/targets-file/precedence.ts';
import { ACCOUNT } from '../server.ts';

export interface Upstream extends Service {
  readonly version: string;
  /** Those that it was started with. */
  readonly collectors: readonly string[];
  readonly stop: () => Promise<void>;
}

/** With these sets and no others, as far as it has a collector of the name. */
export async function startUpstream(folder: string, sets: readonly string[]): Promise<Upstream> {
  const program = await findMysqldExporter();
  const known = await collectorsOf(program);
  const collectors = sets.filter((name) => known.has(name));
  const flags = [
    ...collectors.map((name) => `--collect.${name}`),
    ...DEFAULT_QUERY_SETS.filter((name) => !sets.includes(name)).map((name) => `--no-collect.${name}`),
  ];
  const service = await startMysqldExporter(program, folder, { ...ACCOUNT, port: await freePort(), flags });
  return { ...service, version: program.version, collectors, stop: () => stopChild(service.child) };
}

/** The names that its flags have, those of settings of collectors too. */
async function collectorsOf({ command, prefix }: Program): Promise<ReadonlySet<string>> {
  const { stderr, stdout } = await promisify(execFile)(command, [...prefix, '--help']);
  const flags = `${stdout}${stderr}`.matchAll(/--(?:\[no-\])?collect\.([\w.]+)/g);
  return new Set([...flags].map(([, name = '']) => name));
}
