/** Whatever a statement looks like, it is judged, and in linear time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkStatement } from '../../src/sql/read-only.ts';
import { cpuOf } from '../support/cpu-time.ts';

const pieces = fc.constantFrom(
  ...[
    "'",
    '"',
    '`',
    '\\',
    '/*',
    '*/',
    '/*!',
    '/*M!',
    '--',
    '-- ',
    '#',
    '\n',
    ';',
    '(',
    ')',
    '@',
    '.',
    ',',
    '1.5',
  ],
  ...['SELECT', 'WITH', 'EXPLAIN', 'ANALYZE', 'UPDATE', 'FOR', 'INTO', 'OUTFILE', 'AS', ' ', 'a', 'é', '\0'],
);

test('no text makes it throw', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (sql) => {
      const checked = checkStatement(sql);
      assert.ok(checked.ok || checked.message.length < 200);
    }),
    { numRuns: 2000 },
  );
});

test('a megabyte takes no time', async () => {
  const many = (text: string) => text.repeat(Math.ceil(1_000_000 / text.length));
  for (const sql of ["'", "''", '/*', '/*!', '`', '(', ';', 'a ', 'FOR ', '--', "'\\", '@'].map(many)) {
    const { cpuMs } = await cpuOf(() => [checkStatement(sql), checkStatement(`WITH a AS (${sql}`)]);
    assert.ok(cpuMs < 5000, `${sql.slice(0, 10)}: worked for ${cpuMs} ms`);
  }
});
