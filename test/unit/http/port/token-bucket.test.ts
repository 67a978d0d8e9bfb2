/** The rate limit: what is let through, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../../../src/http/port/token-bucket.ts';
import { stopClock } from '../../../support/clock.ts';

const takes = (bucket: TokenBucket, times: number) => Array.from({ length: times }, () => bucket.take());

test('it is full at first, and a token comes each interval', (t) => {
  const clock = stopClock(t);
  const bucket = new TokenBucket({ intervalMs: 100, burst: 3 });
  assert.deepEqual(takes(bucket, 4), [true, true, true, false]);
  clock.forward(99);
  assert.equal(bucket.take(), false);
  clock.forward(1);
  assert.deepEqual(takes(bucket, 2), [true, false]);
});

test('it is never fuller than the burst', (t) => {
  const clock = stopClock(t);
  const bucket = new TokenBucket({ intervalMs: 100, burst: 2 });
  clock.forward(10_000);
  assert.deepEqual(takes(bucket, 3), [true, true, false]);
});

for (const burst of [0, -5])
  test(`a burst of ${burst} lets nothing through`, (t) => {
    const clock = stopClock(t);
    const bucket = new TokenBucket({ intervalMs: 1, burst });
    assert.equal(bucket.take(), false);
    clock.forward(1_000);
    assert.equal(bucket.take(), false);
  });
