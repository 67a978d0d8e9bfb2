/** The licences of what is bundled: which packages these are, and that each has its text. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { foldersOf, licencesText, packagesIn } from '../../../../tools/build/licences.ts';

const root = await mkdtemp(join(tmpdir(), 'licences-'));
after(() => rm(root, { recursive: true }));

async function put(folder: string, manifest: object, licence?: string): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, 'package.json'), JSON.stringify(manifest));
  if (licence !== undefined) await writeFile(join(root, folder, 'LICENCE.md'), licence);
}

test('the folder of a package: with a scope, within another package, once for all of its files', () => {
  assert.deepEqual(
    foldersOf([
      'src/cli.ts',
      'node_modules/zod/index.js',
      'node_modules/zod/v4/node_modules.js',
      'node_modules/@noble/curves/ed25519.js',
      'node_modules/a/node_modules/b/lib/index.js',
      'node_modules/a/node_modules/@c/d/index.js',
      '../elsewhere/node_modules/e/index.js',
    ]),
    [
      '../elsewhere/node_modules/e',
      'node_modules/@noble/curves',
      'node_modules/a/node_modules/@c/d',
      'node_modules/a/node_modules/b',
      'node_modules/zod',
    ],
  );
});

test('each text stands below name and version, which can be read again', async () => {
  await put(
    'node_modules/b',
    { name: 'b', version: '2.0.0-rc.1', license: 'ISC' },
    'Text of b\n\nMore of b\n',
  );
  await put('node_modules/@a/a', { name: '@a/a', version: '1.0.0', license: 'MIT', author: 'A. Author' });
  const text = await licencesText(root, ['node_modules/b/x.js', 'node_modules/@a/a/x.js', 'src/cli.ts']);
  assert.match(
    text,
    /^@a\/a 1\.0\.0: MIT\n\nThe MIT License \(MIT\)\n\nCopyright \(c\) A\. Author\n\nPermission /m,
  );
  assert.match(text, /^b 2\.0\.0-rc\.1: ISC\n\nText of b\n\nMore of b\n/m);
  assert.deepEqual(packagesIn(text), [
    { name: '@a/a', version: '1.0.0' },
    { name: 'b', version: '2.0.0-rc.1' },
  ]);
});

const refused = [
  ['no licence', { author: 'A' }, 'x', /states no licence$/],
  [
    'no text of a licence that is not ours to fill in',
    { license: 'Apache-2.0', author: 'A' },
    undefined,
    /no licence text$/,
  ],
  ['nobody to whom it is owed', { license: 'MIT' }, undefined, /no licence text$/],
  ['an empty file', { license: 'MIT', author: 'A' }, '\n', /no licence text$/],
] as const;

for (const [i, [name, manifest, licence, message]] of refused.entries())
  test(`refused: ${name}`, async () => {
    await put(`node_modules/r${i}`, { name: `r${i}`, version: '1.0.0', ...manifest }, licence);
    await assert.rejects(licencesText(root, [`node_modules/r${i}/index.js`]), message);
  });
