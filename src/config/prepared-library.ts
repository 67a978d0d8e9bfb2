/**
 * The query files that come with the program as the build has read them, in library.json beside the built program: reading
 * them from YAML would be half of the time that `check` takes. Sources have no such file, and read YAML.
 *
 * What is in it is used for a file only whose text is the one that was read.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LoadedQuerySet } from './query-file/query-file.ts';

/** By the name of the file. */
export type PreparedLibrary = Readonly<Record<string, PreparedFile>>;

interface PreparedFile {
  /** SHA-256 of its text. */
  readonly digest: string;
  /** Their places are in the folder {@link ANY_FOLDER}. */
  readonly sets: readonly LoadedQuerySet[];
}

export const LIBRARY_FILE = 'library.json';

/** In place of the folder of the query files, which only the running program knows. */
const ANY_FOLDER = '{queries}';

let library: PreparedLibrary | undefined;

/** The sets of a file of that text; undefined when the build has not read it. */
export function preparedSets(file: string, text: string): readonly LoadedQuerySet[] | undefined {
  library ??= readLibrary(dirname(file));
  const name = basename(file);
  const prepared = Object.hasOwn(library, name) ? library[name] : undefined;
  return prepared?.digest === digestOf(text) ? prepared.sets : undefined;
}

/** What the build writes. @param folder of the files */
export function libraryText(
  files: readonly {
    readonly file: string;
    readonly text: string;
    readonly sets: readonly LoadedQuerySet[];
  }[],
  folder: string,
): string {
  const entries = files.map(({ file, sets, text }) => [basename(file), { digest: digestOf(text), sets }]);
  return JSON.stringify(Object.fromEntries(entries)).replaceAll(
    inJson(`${folder}/`),
    inJson(`${ANY_FOLDER}/`),
  );
}

function readLibrary(folder: string): PreparedLibrary {
  try {
    const text = readFileSync(new URL(LIBRARY_FILE, import.meta.url), 'utf8');
    return JSON.parse(text.replaceAll(inJson(`${ANY_FOLDER}/`), inJson(`${folder}/`))) as PreparedLibrary;
  } catch {
    return {};
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
