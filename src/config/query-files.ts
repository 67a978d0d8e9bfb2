/**
 * The files behind `query_files`: which there are, and the query sets of each, in our language or an ancestor's.
 */
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { reporter, salvage } from './check/zod-issues.ts';
import { partOf } from './compat/pair.ts';
import { readPathsAsSets } from './compat/query-exporter.ts';
import { looksSimple, readSimpleAsSet } from './compat/simple.ts';
import { type LoadedQuerySet, readQueryFile } from './query-file/query-file.ts';
import { targetsFileSchema } from './targets-file/schema.ts';
import { readText } from './yaml/read-text.ts';
import { readYaml, type YamlSource } from './yaml/source.ts';

/** The query sets that come with the program; src/config and dist/config are equally deep. */
const SHIPPED_QUERIES = fileURLToPath(new URL('../../queries/', import.meta.url));

export interface QueryFiles {
  readonly files: readonly string[];
  /** Whether every pattern was understood and found something. */
  readonly complete: boolean;
}

/** The files of the sets that come with the program. */
export async function shippedFiles(): Promise<QueryFiles> {
  const names = await glob('*.yml', { cwd: SHIPPED_QUERIES });
  return { files: names.sort().map((name) => join(SHIPPED_QUERIES, name)), complete: true };
}

/** The files behind `query_files`, named as the targets file is: relative or absolute. */
export async function findQueryFiles(source: YamlSource, findings: Diagnostic[]): Promise<QueryFiles> {
  const { value, faulty } = salvage(targetsFileSchema, source.value);
  if (value.query_files === undefined && !faulty.has('query_files')) return await shippedFiles();
  const report = reporter(source, findings);
  const folder = dirname(source.file);
  const files = new Set<string>();
  let complete = !faulty.has('query_files');
  for (const [i, pattern] of (value.query_files ?? []).entries()) {
    const matches = await glob(pattern, { cwd: resolve(folder), absolute: true });
    if (matches.length === 0) {
      complete = false;
      report(
        ['query_files', i],
        `query_files: no file matches "${pattern}" (looked for below ${resolve(folder)})`,
      );
    }
    for (const match of matches.sort()) files.add(join(folder, relative(resolve(folder), match)));
  }
  return { files: [...files], complete };
}

/** The sets of all files, each name once. When findings has an error afterwards they may be incomplete. */
export async function readQueryFiles(
  { files, complete: found }: QueryFiles,
  findings: Diagnostic[],
): Promise<{ sets: LoadedQuerySet[]; complete: boolean }> {
  const sets = new Map<string, LoadedQuerySet>();
  let complete = found;
  for (const file of files) {
    const text = await readText(file);
    if (!text.ok) {
      findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
      complete = false;
      continue;
    }
    const read = readSets(file, text.value, findings);
    complete &&= read !== undefined;
    for (const set of read ?? []) {
      const { name } = set.definition;
      const first = sets.get(name);
      if (!first) {
        sets.set(name, set);
        continue;
      }
      const { line, column } = set;
      const message = `the query set "${name}" stands also at ${first.file}:${first.line}: rename one`;
      findings.push({ severity: 'error', file, line, column, message });
    }
  }
  return { sets: [...sets.values()], complete };
}

/** The sets of one file, ours or an ancestor's; undefined, and reported, when it cannot be understood at all. */
function readSets(file: string, text: string, findings: Diagnostic[]): readonly LoadedQuerySet[] | undefined {
  const source = readYaml(file, text);
  const theirs = () => readYaml(file, text, undefined, 'lenient');
  if (looksSimple(source.value)) return readSimpleAsSet(theirs(), findings);
  const part = partOf(source.value);
  if (part === 'metrics') return readPathsAsSets(theirs(), findings);
  if (part === 'database') {
    const message =
      'this is the database file of query-exporter, which has no queries: name its metrics file';
    reporter(source, findings)([], message);
    return undefined;
  }
  const sets = readQueryFile(source, findings);
  return source.value === undefined ? undefined : sets;
}
