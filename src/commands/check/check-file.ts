/**
 * Recognises files that are not a configuration: people run `check` on the file that they have just written, of
 * whatever kind.
 */

import { isMap } from '../../config/check/maps.ts';
import { loadQueryFile } from '../../config/load.ts';
import { readText } from '../../config/yaml/read-text.ts';
import { readYaml } from '../../config/yaml/source.ts';
import { guessFormat } from '../../convert/formats.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../../diagnostics/diagnostics.ts';

export interface CheckedFile {
  readonly diagnostics: readonly Diagnostic[];
  /** Of a query file. */
  readonly sets: number;
}

const THEIRS: ReadonlyMap<string | undefined, string> = new Map([
  ['sql_exporter', 'a file of sql_exporter'],
  ['percona', "a file of custom queries of Percona's mysqld_exporter"],
  ['my.cnf', 'an option file of MySQL, such as .my.cnf'],
]);

/** A query file checked by itself, or what to do with a file to convert; undefined for a configuration. */
export async function checkFile(file: string): Promise<CheckedFile | undefined> {
  const text = await readText(file);
  if (!text.ok) return undefined;
  const { value } = readYaml(file, text.value);
  const has = (key: string) => isMap(value) && Object.hasOwn(value, key);
  if (has('targets')) return undefined;
  if (has('query_sets')) return await loadQueryFile(file);
  const theirs = THEIRS.get(guessFormat({ file, text: text.value }));
  if (theirs === undefined) return undefined;
  const found = new DiagnosticList();
  found.in(file).error(`this is ${theirs}: mysql-query-exporter convert ${file}`);
  return { sets: 0, diagnostics: found.all };
}
