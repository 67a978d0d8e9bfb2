/** How long a query is left alone by how long it took: a share of the server's time, within limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntervalMs } from '../../../../src/probe/query/load-interval.ts';

const cases: readonly (readonly [
  name: string,
  tookMs: number | undefined,
  maxLoad: number,
  intervalMs: number,
])[] = [
  ['800 ms take a tenth of eight seconds', 800, 0.1, 8_000],
  ['a smaller share is a longer wait', 800, 0.01, 80_000],
  ['a quick query never waits', 3, 0.1, 0],
  ['below a second it does not wait', 99.9, 0.1, 0],
  ['from a second on it does', 100, 0.1, 1_000],
  ['five minutes at most', 60_000, 0.1, 300_000],
  ['five minutes at most, with the smallest share', 60_000, 0.000_001, 300_000],
  ['no limit', 60_000, 1, 0],
  ['nothing was asked', undefined, 0.1, 0],
];
for (const [name, tookMs, maxLoad, intervalMs] of cases)
  test(`interval: ${name}`, () => assert.equal(loadIntervalMs(tookMs, maxLoad), intervalMs));
