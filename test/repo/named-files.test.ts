/** What the pages for contributors name is there: files, and scripts of package.json. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/guides/versions.md'];
/** What begins with one of these, or with a room of src, is the path of a file or folder. */
const TOPS = [
  'src',
  'bench',
  'deploy',
  'docs',
  'findings',
  'harness',
  'lab',
  'queries',
  'schemas',
  'test',
  'tools',
];

async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true });
  return [folder, ...entries.map((entry) => join(folder, entry))];
}

const rooms = await readdir(join(ROOT, 'src'));
const paths = new Set((await Promise.all(TOPS.map(below))).flat());
const names = new Set([...paths].map((path) => path.split('/').at(-1)));
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** A name alone, such as `dial.ts` where its folder was named before, must be that of some file. */
function isThere(path: string): boolean {
  const bare = path.replace(/\/$/, '');
  return paths.has(bare) || paths.has(`src/${bare}`) || (!bare.includes('/') && names.has(bare));
}

for (const page of PAGES) {
  const text = await readFile(join(ROOT, page), 'utf8');

  test(`${page}: every file that it names is there`, () => {
    const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
    const named = spans.filter(
      (span) => /^[\w.-]+(?:\/[\w.-]+)*\.ts$/.test(span) || /^[\w.-]+(?:\/[\w.-]+)+\/?$/.test(span),
    );
    const isOurs = (span: string) =>
      span.endsWith('.ts') || [...TOPS, ...rooms].includes(span.split('/')[0] ?? '');
    assert.deepEqual(
      named.filter((span) => isOurs(span) && !isThere(span)),
      [],
    );
  });

  test(`${page}: every npm script that it names is there`, () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    assert.deepEqual(
      named.filter((name) => scripts[name] === undefined),
      [],
    );
  });
}

test('there is something to check', () => {
  assert.ok(paths.size > 300 && names.has('pool.ts'));
  assert.ok(!isThere('src/cellar.ts') && !isThere('cellar.ts') && !isThere('probe/pool.ts'));
});
