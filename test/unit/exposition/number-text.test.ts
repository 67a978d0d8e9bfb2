import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digits, MAX_NUMBER_LENGTH, numberText, writeDigits } from '../../../src/exposition/number-text.ts';

const spelled = (value: number) =>
  Buffer.from(digits.subarray(writeDigits(value), MAX_NUMBER_LENGTH)).toString();

test('the bytes of a number are those of its text', () => {
  const examples = [
    0,
    -0,
    9,
    10,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53,
    -1,
    1.5,
    1e21,
    5e-324,
    -1.2345678901234567e-100,
  ];
  for (const value of [...examples, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.equal(spelled(value), numberText(value));
  fc.assert(fc.property(fc.double(), (value) => assert.equal(spelled(value), numberText(value))));
  fc.assert(fc.property(fc.integer(), (value) => assert.equal(spelled(value), numberText(value))));
});

test('no number is longer than the place that is kept for it', () => {
  fc.assert(
    fc.property(fc.double(), (value) => assert.ok(numberText(value).length <= MAX_NUMBER_LENGTH)),
    {
      numRuns: 5_000,
    },
  );
});
