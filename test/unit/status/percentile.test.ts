/** By the nearest rank: https://en.wikipedia.org/wiki/Percentile */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile } from '../../../src/status/percentile.ts';

test('the value of the nearest rank', () => {
  const sorted = [15, 20, 35, 40, 50];
  assert.deepEqual(
    [0, 0.05, 0.3, 0.4, 0.5, 0.99, 1].map((share) => percentile(sorted, share)),
    [15, 15, 20, 20, 35, 50, 50],
  );
  assert.equal(percentile([7], 0.5), 7);
  assert.equal(percentile([], 0.5), undefined);
});
