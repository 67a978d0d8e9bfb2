/** Numbers as people read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageText, bytesText, countText, durationText } from '../../../../src/http/pages/numbers.ts';

test('durations', () => {
  assert.deepEqual([0, 0.0004, 0.00951, 0.0454, 0.9996, 1, 12.34, 99.96, 250.4].map(durationText), [
    '0.0 ms',
    '0.4 ms',
    '9.5 ms',
    '45 ms',
    '1000 ms',
    '1.0 s',
    '12.3 s',
    '100.0 s',
    '250 s',
  ]);
});

test('ages', () => {
  const now = new Date('2026-11-29T10:00:00Z');
  const age = (seconds: number) => ageText(new Date(now.getTime() - seconds * 1_000), now);
  assert.deepEqual([-5, 0, 59.9, 60, 3_599, 3_600, 86_399, 86_400, 1e6].map(age), [
    ...['0 s', '0 s', '59 s', '1 min', '59 min', '1 h', '23 h', '1 d', '11 d'],
  ]);
});

test('counts and bytes', () => {
  assert.equal(countText(1_234_567), '1,234,567');
  assert.deepEqual([0, 1_023, 1_024, 1_048_575, 3_400_000].map(bytesText), [
    ...['0 B', '1023 B', '1 KiB', '1024 KiB', '3.2 MiB'],
  ]);
});
