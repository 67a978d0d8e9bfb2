// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables under test
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandVariables } from '../../../../src/config/yaml/expand.ts';
import { cpuOf } from '../../../support/cpu-time.ts';

const ENV = { A: 'x', EMPTY: '', TRICKY: '$$ ${A} $&' };

const good: [string, string][] = [
  ['plain', 'plain'],
  ['${A}', 'x'],
  ['<${A}-${A}>', '<x-x>'],
  ['${EMPTY}', ''],
  ['${EMPTY:-d}', 'd'],
  ['${NOPE:-d:-e}', 'd:-e'],
  ['${NOPE:-}', ''],
  ['${NOPE:-a$$b$}', 'a$b$'],
  ['${A:-d}', 'x'],
  ['$$', '$'],
  ['$${A}', '${A}'],
  ['a$b $ $', 'a$b $ $'],
  ['${TRICKY}', '$$ ${A} $&'],
];
for (const [text, value] of good)
  test(`expand ${text}`, () => assert.deepEqual(expandVariables(text, ENV), { ok: true, value }));

const MALFORMED =
  'a variable is not well formed: write ${NAME} or ${NAME:-default}, or $${ where a plain ${ is meant';
const bad: [string, string][] = [
  [
    '${NOPE}',
    'the environment variable NOPE is not set: set it, or write ${NOPE:-default} (a plain dollar is $$)',
  ],
  ['${', MALFORMED],
  ['${A', MALFORMED],
  ['${}', MALFORMED],
  ['${1A}', MALFORMED],
  ['${A-d}', MALFORMED],
  ['${A:-${B}}', MALFORMED],
];
for (const [text, message] of bad)
  test(`expand ${text} is refused`, () =>
    assert.deepEqual(expandVariables(text, ENV), { ok: false, message }));

test('any text survives with its dollars doubled', () => {
  const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-') });
  fc.assert(
    fc.property(text, (value) => {
      assert.deepEqual(expandVariables(value.replaceAll('$', '$$$$'), {}), { ok: true, value });
    }),
  );
});

test('any value of a variable is taken as it is', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      assert.deepEqual(expandVariables('<${A}>', { A: value }), { ok: true, value: `<${value}>` });
    }),
  );
});

test('a hostile text takes no time', async () => {
  const { cpuMs } = await cpuOf(() => expandVariables(`\${A:-${'$$'.repeat(50_000)}`, ENV));
  assert.ok(cpuMs < 1000, `worked for ${cpuMs} ms`);
});
