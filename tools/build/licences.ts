/** The licences of the packages whose code is in the built program, in their own words. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As the package states it, in SPDX. */
  readonly licence: string;
  /** Its licence file; empty when it has none. */
  readonly text: string;
}

/** @param inputs paths of the files in the bundle, relative to the root */
export async function licencesText(root: string, inputs: readonly string[]): Promise<string> {
  const packages = await Promise.all(foldersOf(inputs).map((folder) => packageIn(root, folder)));
  const texts = packages
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ licence, name, text, version }) => `${name} ${version}: ${licence}\n\n${text.trim()}\n`);
  return `The program contains code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** The folders of the packages that files are of. */
export function foldersOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

async function packageIn(root: string, folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const { license: licence, name, version } = manifest;
  if (licence === undefined) throw new Error(`${folder}/package.json states no licence`);
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(join(root, folder, file), 'utf8');
  return { name, version, licence, text };
}
