/** Foreign text reaches a terminal through one file, which makes it safe to look at. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Who else writes, and why that is safe. */
const OTHERS = [
  'cli.ts', // a code of an error
  'commands/frame.ts', // through textFor
  'commands/printable.ts',
  'commands/serve/serve.ts', // the lines of the log
  'telemetry/logger.ts', // the same
];

test('nothing else writes to standard output or standard error', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const writes = files.filter((file) =>
    /process\.std(out|err)|console\.|writeSync\(/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  assert.deepEqual(writes.sort(), OTHERS);
});
