/**
 * The files behind `query_files`: which there are, and the query sets of each, in our language or in that of
 * query-exporter.
 */
import { basename, dirname, join, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';
import { inputOf } from '../diagnostics/input.ts';
import { parsed } from '../diagnostics/parsed.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { SHIPPED_QUERIES } from '../package.ts';
import { salvage } from './check/salvage.ts';
import { partOf } from './compat/pair.ts';
import { readPathsAsSets } from './compat/query-exporter.ts';
import { looksSimple, readSimpleAsSet } from './compat/simple.ts';
import { preparedSets } from './prepared-library.ts';
import { type LoadedQuerySet, readQueryFile } from './query-file/query-file.ts';
import { BUILTIN } from './targets-file/known-sets.ts';
import { targetsFileSchema } from './targets-file/schema.ts';
import { contentOf, type Located } from './yaml/located.ts';
import { readInput, readText } from './yaml/read-text.ts';
import { readLeniently, readYaml } from './yaml/source.ts';

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

/** The names of the sets that come with the program: each has a file that is called as it is. */
export async function shippedNames(): Promise<readonly string[]> {
  return (await shippedFiles()).files.map((file) => basename(file, '.yml'));
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
    if (pattern === BUILTIN) {
      for (const file of (await shippedFiles()).files) files.add(file);
      continue;
    }
    const look = () => glob(pattern, { cwd: resolve(folder), absolute: true });
    const matches = await look();
    const names = (files: readonly string[]) => parsed([...files].sort().join('\n'));
    diagnostics.noteInput(inputOf(names(matches), async () => names(await look())));
    if (matches.length === 0) {
      complete = false;
      diagnostics
        .at('query_files', i)
        .error(
          `query_files: no file matches "${pattern}" (looked for below ${resolve(folder)})` +
            `${didYouMean(pattern, [BUILTIN, ...(await namesBeside(folder))])}`,
          'value',
        );
    }
    for (const match of matches.sort()) files.add(join(folder, relative(resolve(folder), match)));
  }
  return { files: [...files], complete };
}

/** What a pattern may have been meant to be. */
async function namesBeside(folder: string): Promise<readonly string[]> {
  return await glob(['*.{yml,yaml}', '*/*.{yml,yaml}'], { cwd: resolve(folder) });
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
  /** Of which names there are two. */
  const replaced = new Set<string>();
  let complete = areFound;
  for (const file of files) {
    const read = await readSets(file, found);
    complete &&= read !== undefined;
    for (const set of read ?? []) {
      const { name } = set.definition;
      const first = sets.get(name);
      if (first !== undefined) replaced.add(name);
      if (first === undefined || mayReplace(set, first, found)) sets.set(name, set);
    }
  }
  for (const set of sets.values())
    if (set.overrides && complete && !replaced.has(set.definition.name)) warnOfNothing(set, found);
  return { sets: [...sets.values()], complete };
}

function warnOfNothing(set: LoadedQuerySet, found: DiagnosticList): void {
  found.warn(set, `override: no loaded file of the program has a query set "${set.definition.name}"`);
}

/** Whether the later of two sets of one name is the one to use; reports when it is not said which. */
function mayReplace(later: LoadedQuerySet, first: LoadedQuerySet, found: DiagnosticList): boolean {
  const { name } = later.definition;
  if (isShipped(later.file) === isShipped(first.file)) {
    found.error(later, `the query set "${name}" stands also at ${first.file}:${first.line}: rename one`);
    return false;
  }
  const own = isShipped(later.file) ? first : later;
  if (!own.overrides)
    found.error(
      own,
      `a query set "${name}" comes with the program too: rename this one, or write override: true in it to have it ` +
        'in place of that one',
    );
  return own === later;
}

const isShipped = (file: string): boolean => dirname(resolve(file)) === SHIPPED_FOLDER;

/** The sets of one file, ours or query-exporter's; undefined, and reported, when its format is not known. */
async function readSets(file: string, found: DiagnosticList): Promise<readonly LoadedQuerySet[] | undefined> {
  // Found by the program itself: they are those of its version, and no input of a reload.
  const isOurs = dirname(file) === SHIPPED_FOLDER;
  const text = isOurs ? await readText(file) : await readInput(file, found);
  if (!text.ok) {
    found.in(file).error(text.message);
    return undefined;
  }
  const known = shippedSets.get(file);
  if (known?.text === text.value) return known.sets;
  const before = found.all.length;
  const sets = (isOurs ? preparedSets(file, text.value) : undefined) ?? readSetsOf(file, text.value, found);
  if (isOurs && sets !== undefined && found.all.length === before)
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
