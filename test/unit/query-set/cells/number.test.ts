import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNumber } from '../../../../src/query-set/cells/number.ts';
import { cpuOf } from '../../../support/cpu-time.ts';

const cases: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['-0', -0],
  ['+5', 5],
  ['007', 7],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['1E-3', 0.001],
  ['18446744073709551615', 2 ** 64],
  ['0.10000000000000000000', 0.1],
  ['', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['0x10', undefined],
  ['0b1', undefined],
  ['1_000', undefined],
  ['1,5', undefined],
  ['1e400', undefined],
  ['-1e400', undefined],
  ['inf', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['ON', undefined],
  ['.', undefined],
  ['e5', undefined],
  ['1e', undefined],
  ['--1', undefined],
  ['1\n', undefined],
  ['2026-11-23 01:02:03', undefined],
];

for (const [text, expected] of cases) {
  test(`${JSON.stringify(text)} is ${expected}`, () => assert.equal(parseNumber(text), expected));
}

test('every double comes back from its text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) =>
      assert.ok(parseNumber(String(n)) === n),
    ),
  );
});

test('a cell of any length is a matter of moments', async () => {
  for (const text of [`${'1'.repeat(200_000)}x`, `${'1'.repeat(512)}x`, '1'.repeat(100_000_000)]) {
    const { cpuMs, value } = await cpuOf(() => parseNumber(text));
    assert.equal(value, undefined);
    assert.ok(cpuMs < 50, `${cpuMs} ms of CPU`);
  }
});

test('what is read is always finite', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const n = parseNumber(text);
      assert.ok(n === undefined || Number.isFinite(n));
    }),
  );
});
