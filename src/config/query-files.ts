/**
 * The files behind `query_files`: which there are, and the query sets of each, in our language or in that of
 * query-exporter.
 */
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';
import { inputOf } from '../diagnostics/input.ts';
import { parsed } from '../diagnostics/parsed.ts';
import { salvage } from './check/salvage.ts';
import { partOf } from './compat/pair.ts';
import { readPathsAsSets } from './compat/query-exporter.ts';
import { looksSimple, readSimpleAsSet } from './compat/simple.ts';
import { type LoadedQuerySet, readQueryFile } from './query-file/query-file.ts';
import { targetsFileSchema } from './targets-file/schema.ts';
import { contentOf, type Located } from './yaml/located.ts';
import { readInput, readText } from './yaml/read-text.ts';
import { readLeniently, readYaml } from './yaml/source.ts';

/** The query sets that come with the program; src/config and dist/config are equally deep. */
const SHIPPED_QUERIES = fileURLToPath(new URL('../../queries/', import.meta.url));

const SHIPPED_FOLDER = join(SHIPPED_QUERIES, '.');

/**
 * What the shipped files were read as, by path: most configurations have all of them, and they are nine tenths of the
 * time that loading takes. They are no more than there are files in that folder.
 */
const shippedSets = new Map<string, { readonly text: string; readonly sets: readonly LoadedQuerySet[] }>();

export interface QueryFiles {
  readonly files: readonly string[];
  /** Whether every pattern is valid and matches a file. */
  readonly complete: boolean;
}

/** The files of the sets that come with the program. */
export async function shippedFiles(): Promise<QueryFiles> {
  const names = await glob('*.yml', { cwd: SHIPPED_QUERIES });
  return { files: names.sort().map((name) => join(SHIPPED_QUERIES, name)), complete: true };
}

/** The files behind `query_files`. Their paths are relative or absolute as that of the targets file is. */
export async function findQueryFiles({ diagnostics, value: file }: Located): Promise<QueryFiles> {
  const { value, faulty } = salvage(targetsFileSchema, file);
  if (value.query_files === undefined && !faulty.has('query_files')) return await shippedFiles();
  const folder = dirname(diagnostics.file);
  const files = new Set<string>();
  let complete = !faulty.has('query_files');
  for (const [i, pattern] of (value.query_files ?? []).entries()) {
    const look = () => glob(pattern, { cwd: resolve(folder), absolute: true });
    const matches = await look();
    const names = (files: readonly string[]) => parsed([...files].sort().join('\n'));
    diagnostics.noteInput(inputOf(names(matches), async () => names(await look())));
    if (matches.length === 0) {
      complete = false;
      diagnostics
        .at('query_files', i)
        .error(`query_files: no file matches "${pattern}" (looked for below ${resolve(folder)})`);
    }
    for (const match of matches.sort()) files.add(join(folder, relative(resolve(folder), match)));
  }
  return { files: [...files], complete };
}

export interface LoadedQuerySets {
  readonly sets: readonly LoadedQuerySet[];
  /** Whether every file was found and could be read. */
  readonly complete: boolean;
}

/** The sets of all files, each name once. When an error was reported they may be incomplete. */
export async function readQueryFiles(
  { files, complete: areFound }: QueryFiles,
  found: DiagnosticList,
): Promise<LoadedQuerySets> {
  const sets = new Map<string, LoadedQuerySet>();
  let complete = areFound;
  for (const file of files) {
    const read = await readSets(file, found);
    complete &&= read !== undefined;
    for (const set of read ?? []) {
      const { name } = set.definition;
      const first = sets.get(name);
      if (first)
        found.error(set, `the query set "${name}" stands also at ${first.file}:${first.line}: rename one`);
      else sets.set(name, set);
    }
  }
  return { sets: [...sets.values()], complete };
}

/** The sets of one file, ours or query-exporter's; undefined, and reported, when its format is not known. */
async function readSets(file: string, found: DiagnosticList): Promise<readonly LoadedQuerySet[] | undefined> {
  const isShipped = dirname(file) === SHIPPED_FOLDER;
  const text = isShipped ? await readText(file) : await readInput(file, found);
  if (!text.ok) {
    found.in(file).error(text.message);
    return undefined;
  }
  const known = shippedSets.get(file);
  if (known?.text === text.value) return known.sets;
  const before = found.all.length;
  const sets = readSetsOf(file, text.value, found);
  if (isShipped && sets !== undefined && found.all.length === before)
    shippedSets.set(file, { text: text.value, sets });
  return sets;
}

function readSetsOf(
  file: string,
  text: string,
  found: DiagnosticList,
): readonly LoadedQuerySet[] | undefined {
  const source = readYaml(file, text);
  const theirs = () => readLeniently(file, text);
  if (looksSimple(source.value)) return readSimpleAsSet(theirs(), found);
  const part = partOf(source.value);
  if (part === 'metrics') return readPathsAsSets(theirs(), found);
  if (part === 'database') {
    found
      .in(file)
      .error('this is the database file of query-exporter, which has no queries: name its metrics file');
    return undefined;
  }
  const content = contentOf(source, found);
  return content && readQueryFile(content.value, content.diagnostics);
}
