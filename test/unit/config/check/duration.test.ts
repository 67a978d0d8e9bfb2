import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LONGEST_DURATION_MS, parseDuration, parseTimeout } from '../../../../src/config/check/duration.ts';

const good: [string | number, number][] = [
  ['500ms', 500],
  ['5s', 5000],
  ['1m', 60_000],
  ['2h', 7_200_000],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['5', 5000],
  ['0.25', 250],
  [5, 5000],
  [0.5, 500],
  [' 5s ', 5000],
  ['0s', 0],
];
for (const [input, ms] of good)
  test(`duration ${JSON.stringify(input)} is ${ms} ms`, () =>
    assert.deepEqual(parseDuration(input), { ok: true, value: ms }));

const FORM = 'expected a duration such as 500ms, 5s, 1m30s or 2h (a bare number is seconds)';
const TOO_LONG = 'too long: at most 596h (24.8 days) is possible';
const bad: [string | number, string][] = [
  ['', FORM],
  ['5 s', FORM],
  ['5x', FORM],
  ['-5s', FORM],
  ['s', FORM],
  ['5S', FORM],
  ['1e3', FORM],
  [-1, FORM],
  [Number.NaN, FORM],
  [Number.POSITIVE_INFINITY, TOO_LONG],
  ['597h', TOO_LONG],
  ['9'.repeat(400), TOO_LONG],
  [0, 'must be longer than zero'],
  ['0ms', 'must be longer than zero'],
  ['0.1ms', 'must be longer than zero'],
];
for (const [input, message] of bad)
  test(`timeout ${JSON.stringify(input).slice(0, 20)} is refused`, () =>
    assert.deepEqual(parseTimeout(input), { ok: false, message }));

test('every duration survives being written in units', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LONGEST_DURATION_MS }), (ms) => {
      const units = `${Math.floor(ms / 3_600_000)}h${Math.floor(ms / 60_000) % 60}m${Math.floor(ms / 1000) % 60}s${ms % 1000}ms`;
      assert.deepEqual(parseDuration(units), { ok: true, value: ms });
      assert.deepEqual(parseDuration(`${ms}ms`), { ok: true, value: ms });
    }),
  );
});

test('no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseDuration(text).ok === 'boolean'));
});
