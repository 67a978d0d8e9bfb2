/** Every relative link of every page leads to a file that is there, and its anchor to a heading of that file. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { anchorsOf, linesOutsideBlocks } from '../../../tools/docs/markdown.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Made or fetched, and not in the repository. */
const NOT_OURS = /^(?:node_modules|dist|\.git|\.cache)$/;

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.test(entry.name) ? [] : await filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

const read = (file: string) => readFile(join(ROOT, file), 'utf8');
const exists = (path: string) =>
  stat(join(ROOT, path)).then(
    () => true,
    () => false,
  );

const files = await filesBelow('.');
const pages = new Map(
  await Promise.all(
    files.filter((file) => file.endsWith('.md')).map(async (file) => [file, await read(file)] as const),
  ),
);

/** Targets of links outside of blocks and of code, but for those with a scheme. */
function relativeLinks(page: string): readonly string[] {
  const text = linesOutsideBlocks(page)
    .join('\n')
    .replaceAll(/`[^`]*`/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const defined = [...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...defined].flatMap(([, target = '']) =>
    /^[a-z][a-z+.-]*:/i.test(target) ? [] : target,
  );
}

/** What is wrong with a link of a page; undefined when it leads somewhere. */
async function brokenLink(from: string, link: string): Promise<string | undefined> {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  if (!(await exists(target))) return `${from}: ${link}: no such file`;
  if (anchor === undefined) return undefined;
  const page = pages.get(target);
  return page !== undefined && anchorsOf(page).has(anchor) ? undefined : `${from}: ${link}: no such heading`;
}

test('there are pages, and links to check', () => {
  assert.ok(pages.has('README.md') && pages.size >= 8);
  assert.ok([...pages.values()].flatMap(relativeLinks).length > 100);
});

test('every relative link and anchor leads somewhere', async () => {
  const checked = [...pages].flatMap(([file, page]) =>
    relativeLinks(page).map((link) => brokenLink(file, link)),
  );
  assert.deepEqual(
    (await Promise.all(checked)).filter((problem) => problem !== undefined),
    [],
  );
});

test('every page of docs/ that a file names by its path is there', async () => {
  const texts = files.filter((file) => /\.(?:ts|md|ya?ml|json|sql)$|(?:^|\/)[^.]+$/.test(file));
  const named = await Promise.all(
    texts.map(async (file) =>
      [...(await read(file)).matchAll(/(?<![\w./-])docs\/[\w./-]+?\.md\b/g)].map(([path]) => ({
        file,
        path,
      })),
    ),
  );
  const wrong = await Promise.all(
    named.flat().map(async ({ file, path }) => ((await exists(path)) ? [] : [`${file}: ${path}`])),
  );
  assert.ok(named.flat().length > 10);
  assert.deepEqual(wrong.flat(), []);
});
