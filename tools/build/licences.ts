/** The licences of the packages whose code is in the built program, in their own words. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As the package states it, in SPDX. */
  readonly licence: string;
  readonly text: string;
}

const LINE = '-'.repeat(80);

/** @param inputs paths of the files in the bundle, relative to the root */
export async function licencesText(root: string, inputs: readonly string[]): Promise<string> {
  const packages = await Promise.all(foldersOf(inputs).map((folder) => packageIn(root, folder)));
  const texts = packages
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ licence, name, text, version }) => `${name} ${version}: ${licence}\n\n${text.trim()}\n`);
  return `The program contains code of these packages.\n\n${texts.join(`\n${LINE}\n\n`)}`;
}

/** The packages that such a text is about. */
export function packagesIn(text: string): readonly Pick<BundledPackage, 'name' | 'version'>[] {
  const heads = text.split(/\n\n/).map((part) => /^(\S+) (\d+\.\d+\.\d+\S*): \S/.exec(part));
  return heads.flatMap((head) => (head?.[1] && head[2] ? [{ name: head[1], version: head[2] }] : []));
}

/** The folders of the packages that files are of. */
export function foldersOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

async function packageIn(root: string, folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const { license: licence, name, version } = manifest;
  if (licence === undefined) throw new Error(`${folder}/package.json states no licence`);
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? mitText(manifest) : await readFile(join(root, folder, file), 'utf8');
  if (text === undefined || text.trim() === '') throw new Error(`${folder} has no licence text`);
  return { name, version, licence, text };
}

/** For a package that says it is under the MIT licence, and has no file with it; undefined for any other. */
function mitText({ author, license }: Manifest): string | undefined {
  if (license !== 'MIT' || author === undefined) return undefined;
  return `The MIT License (MIT)

Copyright (c) ${typeof author === 'string' ? author : author.name}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
