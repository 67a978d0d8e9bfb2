import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scrapeBudget } from '../../../src/probe/budget.ts';
import { cpuOf } from '../../support/cpu-time.ts';

const cases: readonly (readonly [string | undefined, number])[] = [
  ['10', 9750],
  ['5.5', 5250],
  ['.5', 250],
  ['0.1', 50],
  ['100', 10_000],
  [undefined, 10_000],
  ['', 10_000],
  ['0', 10_000],
  ['-1', 10_000],
  ['1e1', 10_000],
  ['NaN', 10_000],
  ['ten', 10_000],
  ['9'.repeat(400), 10_000],
];

for (const [header, expected] of cases) {
  test(`header ${header?.slice(0, 10)} leaves ${expected} ms`, () =>
    assert.equal(scrapeBudget(header, 10_000, 250), expected));
}

test('a header of any length is a matter of moments', async () => {
  const { cpuMs, value } = await cpuOf(() => scrapeBudget(`${'1'.repeat(1_000_000)}x`, 10_000, 250));
  assert.equal(value, 10_000);
  assert.ok(cpuMs < 50, `${cpuMs} ms of CPU`);
});

test('there is always a deadline, and it is before the scraper gives up', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.double({ min: 0, max: 1e6 }).map(String)),
      fc.nat(5000),
      (header, offset) => {
        const ms = scrapeBudget(header, 10_000, offset);
        assert.ok(ms > 0 && ms <= 10_000);
        const seconds = /^\d*\.?\d+$/.test(header) ? Number(header) : 0;
        if (seconds > 0 && offset > 0) assert.ok(ms < seconds * 1000);
      },
    ),
  );
});
