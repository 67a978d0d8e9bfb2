/** The last probes of a target are those that were added last, whatever was asked in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FinishedProbe, FinishedQuery } from '../../../src/history/finished-probe.ts';
import { TargetHistory } from '../../../src/history/target-history.ts';
import { REASONS, type Reason } from '../../../src/model/reason.ts';

interface Asked {
  readonly id: number;
  readonly rows: number;
  readonly seconds: number;
  readonly outcome: 'ok' | 'failed' | 'skipped';
}

interface Probed {
  readonly seconds: number;
  readonly reason: Reason | undefined;
  readonly requests: number;
  readonly asked: readonly Asked[];
}

function queryOf({ id, outcome, rows, seconds }: Asked): FinishedQuery {
  return {
    query: { set: 'set', name: String(id) },
    ...{
      seconds,
      rows,
      series: rows * 2,
      bytes: rows * 10,
      sql: outcome === 'skipped' ? undefined : `SELECT ${rows}`,
    },
    failure: outcome === 'failed' ? { ok: false, reason: 'sql', detail: 'no' } : undefined,
    skipped: outcome === 'skipped' ? { reason: 'version', detail: 'old' } : undefined,
  };
}

const probeOf = ({ asked, reason, requests, seconds }: Probed, i: number): FinishedProbe => ({
  ...{ endedAt: i * 15_000, seconds, requests, clients: [] },
  down: reason === undefined ? undefined : { ok: false, reason, detail: 'down' },
  queries: asked.map(queryOf),
});

const asked: fc.Arbitrary<Asked> = fc.record({
  id: fc.integer({ min: 0, max: 5 }),
  rows: fc.integer({ min: 0, max: 100_000 }),
  seconds: fc.double({ min: 0, max: 100, noNaN: true }),
  outcome: fc.constantFrom('ok', 'failed', 'skipped'),
});

const probed: fc.Arbitrary<Probed> = fc.record({
  seconds: fc.double({ min: 0, max: 100, noNaN: true }),
  reason: fc.option(fc.constantFrom(...REASONS), { nil: undefined }),
  requests: fc.integer({ min: 1, max: 9 }),
  asked: fc.uniqueArray(asked, { selector: ({ id }) => id }),
});

const TIMES = fc.array(probed, { maxLength: 30 });
const SIZE = fc.integer({ min: 1, max: 7 });

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

function historyOf(size: number, probes: readonly Probed[]): TargetHistory {
  const history = new TargetHistory(size);
  for (const [i, probe] of probes.entries())
    history.add(
      probeOf(probe, i),
      probe.asked.map(({ id }) => id),
    );
  return history;
}

test('the last probes, the latest first', () => {
  fc.assert(
    fc.property(SIZE, TIMES, (size, probes) => {
      const history = historyOf(size, probes);
      const expected = probes.map(({ asked: queries, reason, requests, seconds }, i) => {
        const rows = sum(queries.map((query) => query.rows));
        return {
          at: performance.timeOrigin + i * 15_000,
          seconds: Math.round(seconds * 1e6) / 1e6,
          ...{ reason, requests, rows, series: rows * 2, bytes: rows * 10, queries: queries.length },
          failed: queries.filter(({ outcome }) => outcome === 'failed').length,
        };
      });
      assert.deepEqual(history.probes, expected.slice(-size).reverse());
      assert.deepEqual(history.last, expected.at(-1));
      assert.equal(history.oldestAt, expected.slice(-size)[0]?.at);
    }),
  );
});

test('the last of each query, in probes of which the target was up', () => {
  fc.assert(
    fc.property(SIZE, TIMES, (size, probes) => {
      const history = historyOf(size, probes);
      for (let id = 0; id <= 5; id++) {
        const times = probes.flatMap(({ asked: queries, reason }, i) =>
          reason === undefined ? queries.filter((one) => one.id === id).map((one) => ({ ...one, i })) : [],
        );
        const known = history.query(id);
        assert.equal(known === undefined, times.length === 0);
        if (known === undefined) continue;
        const timed = times.filter(({ outcome }) => outcome !== 'skipped');
        const at = (i: number | undefined) =>
          i === undefined ? undefined : performance.timeOrigin + i * 15_000;
        assert.equal(known.lastSuccessAt, at(times.findLast(({ outcome }) => outcome !== 'failed')?.i));
        assert.equal(known.lastFailureAt, at(times.findLast(({ outcome }) => outcome === 'failed')?.i));
        assert.equal(known.skipped !== undefined, times.at(-1)?.outcome === 'skipped');
        assert.equal(known.rows, timed.at(-1)?.rows ?? 0);
        const last = times.at(-1);
        assert.equal(known.sql, last?.outcome === 'skipped' ? undefined : `SELECT ${last?.rows}`);
        assert.equal(known.durations.length, Math.min(size, timed.length));
        for (const [i, duration] of known.durations.toReversed().entries()) {
          const exact = timed.at(-1 - i)?.seconds ?? Number.NaN;
          assert.ok(Math.abs(duration - exact) <= Math.max(1e-6, exact * 1e-3), `${duration} for ${exact}`);
        }
      }
    }),
  );
});
