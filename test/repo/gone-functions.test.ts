/** MD5() and SHA1() are gone from MySQL 9.7, so nothing that people run or copy may call them. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GONE = /\b(?:md5|sha1?)\s*\(/i;

test('no shipped statement, document or example calls a function that MySQL no longer has', async () => {
  const files = ['README.md'];
  for (const folder of ['queries', 'docs', 'deploy', 'lab'])
    for (const entry of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name).replace(ROOT, ''));
  assert.ok(files.length > 80);
  const calling = [];
  for (const file of files) if (GONE.test(await readFile(join(ROOT, file), 'utf8'))) calling.push(file);
  assert.deepEqual(calling, []);
});
