/**
 * Test files that need no server, joined: Node's runner starts a process for each file, and most of the time would go into
 * loading the same modules again.
 */
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UNIT = 'test/unit/';
/** What else `npm run test:unit` runs. */
const BESIDE = [
  'test/repo/architecture.test.ts',
  'test/repo/architecture-map.test.ts',
  'test/repo/named-files.test.ts',
];

/** All of test/**\/*.test.ts whose path contains one of the words, or all where there is none. */
export async function testFiles(words: readonly string[]): Promise<readonly string[]> {
  const paths = (await readdir(join(ROOT, 'test'), { recursive: true }))
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .sort();
  return paths.filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
}

export const isUnit = (path: string): boolean => path.startsWith(UNIT) || BESIDE.includes(path);

/** Modules that each run many of the files, for a process each. Many tests wait for timers: there are more than processors. */
export function unitGroups(files: readonly string[]): readonly string[] {
  const groups = Math.min(files.length, 3 * availableParallelism());
  return Array.from({ length: groups }, (_, group) =>
    files
      .filter((_file, i) => i % groups === group)
      .map((file) => `await import(${JSON.stringify(pathToFileURL(join(ROOT, file)).href)});\n`)
      .join(''),
  );
}
