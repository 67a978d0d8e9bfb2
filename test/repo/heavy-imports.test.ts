/** What costs much to import is had in another way: see the comments in src/commands/healthcheck/ask.ts. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const SRC = new URL('../../src/', import.meta.url);
/** Their exports load Node's fetch and WebSocket when they are read, and an import reads them all. */
const HEAVY = /^import (?!type\b)[^;]*? from '(?:node:)?https?';$/m;

test('no file of the program imports node:http or node:https but for types', async () => {
  const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'));
  assert.ok(files.length > 100);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, SRC), 'utf8')));
  assert.deepEqual(
    files.filter((_, i) => HEAVY.test(texts[i] ?? '')),
    [],
  );
  assert.match("import { get } from 'node:http';", HEAVY);
  assert.doesNotMatch("import type { Server } from 'node:http';", HEAVY);
});
