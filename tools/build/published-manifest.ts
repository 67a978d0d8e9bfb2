/**
 * The package.json of the published package, put in the place of ours while npm packs (`prepack`) and taken away
 * afterwards (`postpack`): the built program has its libraries in it, so whoever installs it needs none.
 *
 * In ours they are dependencies all the same, as that is what npm's audit and list of materials read.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANIFEST = join(ROOT, 'package.json');
/** Ours while npm packs; packing that was interrupted leaves it, and the next one begins with it. */
const KEPT = join(ROOT, '.package.json.kept');

/** What only a clone needs. */
const OURS = new Set([
  'dependencies',
  'devDependencies',
  'overrides',
  'allowScripts',
  'scripts',
  '//',
  'private',
]);

/** @returns the text of the published one */
export function publishedManifest(text: string): string {
  const entries = Object.entries(JSON.parse(text) as object).filter(([key]) => !OURS.has(key));
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

async function put(): Promise<void> {
  await takeAway();
  const text = await readFile(MANIFEST, 'utf8');
  await writeFile(KEPT, text);
  await writeFile(MANIFEST, publishedManifest(text));
}

async function takeAway(): Promise<void> {
  await rename(KEPT, MANIFEST).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

const action = process.argv[2];
if (action === 'put') await put();
if (action === 'take-away') await takeAway();
