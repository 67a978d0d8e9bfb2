/** A duration comes back from its code nearly as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationCode, durationOf } from '../../../src/history/duration-code.ts';

const seconds = fc.double({ min: 0, max: 3_999, noNaN: true });

test('to within 0.1 %, or a microsecond', () => {
  fc.assert(
    fc.property(seconds, (duration) => {
      const error = Math.abs(durationOf(durationCode(duration)) - duration);
      assert.ok(error <= Math.max(1e-6, duration * 1e-3), `${duration} is off by ${error}`);
    }),
  );
});

test('codes are whole numbers of 16 bits, in the order of durations', () => {
  fc.assert(
    fc.property(seconds, seconds, (one, other) => {
      const codes = [durationCode(Math.min(one, other)), durationCode(Math.max(one, other))] as const;
      for (const code of codes) assert.ok(Number.isInteger(code) && code >= 0 && code <= 65_535);
      assert.ok(codes[0] <= codes[1]);
    }),
  );
});

test('what no clock shows has a code too', () => {
  assert.equal(durationCode(-1), 0);
  assert.equal(durationCode(1e9), 65_535);
  assert.equal(durationOf(0), 0);
});
