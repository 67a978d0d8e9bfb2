/**
 * One file of any kind, judged: people run `check` on the file that they have just written, and a pipeline on all that
 * it finds.
 */

import { isMap } from '../../config/check/maps.ts';
import { type ConfigFiles, loadConfig, loadQueryFile } from '../../config/load.ts';
import { readWebFile } from '../../config/web-file/web-file.ts';
import { readText } from '../../config/yaml/read-text.ts';
import { readYaml } from '../../config/yaml/source.ts';
import { guessFormat } from '../../convert/formats.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import type { Config } from '../../model/config.ts';
import { filesText } from '../options/config-files.ts';
import { pluralize } from '../printable.ts';

export interface JudgedFile {
  /** For people. */
  readonly name: string;
  readonly kind: 'configuration' | 'query file' | 'web file' | 'to convert';
  readonly diagnostics: readonly Diagnostic[];
  /** What is in it, such as `2 targets`; empty when that is not known. */
  readonly things: readonly string[];
  /** Of a configuration without errors. */
  readonly config?: Config;
}

const THEIRS: ReadonlyMap<string | undefined, string> = new Map([
  ['sql_exporter', 'a file of sql_exporter'],
  ['percona', "a file of custom queries of Percona's mysqld_exporter"],
  ['my.cnf', 'an option file of MySQL, such as .my.cnf'],
]);

const OF_WEB_FILES = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];

/** Judges a file by its own kind; what is of no other kind is a configuration. */
export async function judgeFile(files: ConfigFiles): Promise<JudgedFile> {
  const other = typeof files === 'string' ? await judgeOther(files) : undefined;
  return other ?? (await judgeConfig(files));
}

/** Judges a file that is meant as a web file, whatever is in it. */
export async function judgeWebFile(name: string): Promise<JudgedFile> {
  const { diagnostics } = await readWebFile(name);
  return { name, kind: 'web file', diagnostics, things: [] };
}

async function judgeConfig(files: ConfigFiles): Promise<JudgedFile> {
  const about = { name: filesText(files), kind: 'configuration' } as const;
  const loaded = await loadConfig(files, process.env);
  if (!loaded.ok) return { ...about, diagnostics: loaded.diagnostics, things: [] };
  const { config, warnings: diagnostics } = loaded;
  const { patterns, querySets, targets } = config;
  const things = [
    pluralize(targets.size, 'target'),
    ...(patterns.length === 0 ? [] : [pluralize(patterns.length, 'pattern')]),
    pluralize(querySets.size, 'query set'),
  ];
  return { ...about, diagnostics, things, config };
}

/** Undefined for a configuration, and for what cannot be read as anything. */
async function judgeOther(name: string): Promise<JudgedFile | undefined> {
  const text = await readText(name);
  if (!text.ok) return undefined;
  const { value } = readYaml(name, text.value);
  const has = (key: string) => isMap(value) && Object.hasOwn(value, key);
  if (has('targets')) return undefined;
  if (has('query_sets')) {
    const { diagnostics, sets } = await loadQueryFile(name);
    const things = sets === 0 ? [] : [pluralize(sets, 'query set')];
    return { name, kind: 'query file', diagnostics, things };
  }
  if (OF_WEB_FILES.some(has)) return await judgeWebFile(name);
  const theirs = THEIRS.get(guessFormat({ file: name, text: text.value }));
  if (theirs === undefined) return undefined;
  const found = new DiagnosticList();
  found.in(name).error(`this is ${theirs}: mysql-query-exporter convert ${name}`);
  return { name, kind: 'to convert', diagnostics: found.all, things: [] };
}
