/** Which result stands for a query, and for how long: by min_interval, by max_load, after failures and across reloads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Samples } from '../../../src/exposition/samples.ts';
import type { Plan, PlannedQuery } from '../../../src/probe/catalog.ts';
import { compileGeneration } from '../../../src/probe/generation.ts';
import { KeptResults, waitText } from '../../../src/probe/kept-results.ts';
import type { QueryOutcome } from '../../../src/probe/query/outcome.ts';
import { stopClock } from '../../support/clock.ts';
import { load } from '../../support/config-folder.ts';

interface Planned {
  readonly plan: Plan;
  readonly query: (name: string) => PlannedQuery;
}

/** @param target its keys, besides those that all have */
async function planned(target = '', description = 'One'): Promise<Planned> {
  const metric = `metrics: {m: {type: gauge, description: ${description}, value: v}}`;
  const { lines, result } = await load({
    'targets.yml': `
query_files: [q.yml]
auth_modules: {other: {user: other, password: x}}
targets: {a: {address: h, user: u, query_sets: [s], allow_auth_modules: [other]${target}}}
`,
    'q.yml': `query_sets:
  s:
    queries:
      plain: {query: SELECT 1 AS v, ${metric}}
      kept: {query: SELECT 1 AS v, min_interval: 20s, ${metric.replaceAll('m:', 'n:')}}
`,
  });
  assert.ok(result.ok, lines.join('\n'));
  const { catalog } = compileGeneration(result.config);
  const found = catalog.targets.get('a');
  assert.ok(found !== undefined);
  const plan = catalog.plan(found);
  const queries = plan.sets.flatMap((set) => set.queries);
  return {
    plan,
    query(name) {
      const one = queries.find(({ query }) => query.name === name);
      assert.ok(one !== undefined);
      return one;
    },
  };
}

const succeeded = (tookMs: number): QueryOutcome => ({
  ...{ ok: true, rows: 1, bytes: 1, seconds: tookMs / 1000, tookMs },
  ...{ samples: new Samples(), readAt: performance.now() },
});

const failed = (tookMs: number | undefined, reason: 'timeout' | 'canceled' | 'refused' = 'timeout') =>
  ({ ok: false, reason, detail: 'in words', rows: 0, seconds: 1, tookMs }) as const;

/** What a probe finds: what it has to ask, or the outcome that stands for it. */
function found(results: KeptResults, { plan, query }: Planned, name: string): 'asks' | QueryOutcome {
  return results.get(plan, query(name))?.outcome ?? 'asks';
}

function keep(
  results: KeptResults,
  { plan, query }: Planned,
  name: string,
  outcome: QueryOutcome,
  isLeft = false,
): void {
  results.keep(plan, query(name), outcome, undefined, isLeft);
}

const cases: readonly (readonly [
  name: string,
  query: 'plain' | 'kept',
  outcome: () => QueryOutcome,
  /** For so long it is kept, and no longer; 0 for not at all. */
  ms: number,
])[] = [
  ['a quick query is asked each time', 'plain', () => succeeded(99), 0],
  ['a slow one waits ten times as long as it took', 'plain', () => succeeded(800), 8_000],
  ['min_interval alone, less some slack for early scrapes', 'kept', () => succeeded(3), 18_000],
  ['min_interval is the longer one', 'kept', () => succeeded(800), 18_000],
  ['max_load is the longer one', 'kept', () => succeeded(3_000), 30_000],
  ['a time-out counts with its time', 'plain', () => failed(5_000), 50_000],
  ['min_interval keeps no failure, max_load does', 'kept', () => failed(500), 5_000],
  ['a quick failure is asked each time', 'kept', () => failed(2), 0],
  ['a query that was not asked is asked', 'plain', () => failed(undefined, 'refused'), 0],
];
for (const [name, query, outcome, ms] of cases)
  test(`kept: ${name}`, async (t) => {
    const target = await planned();
    const clock = stopClock(t);
    const results = new KeptResults();
    keep(results, target, query, outcome());
    const isKept = () => found(results, target, query) !== 'asks';
    if (ms > 0) {
      assert.ok(isKept(), 'at once');
      clock.forward(ms - 1);
      assert.ok(isKept(), 'just before the end');
      clock.forward(1);
    }
    assert.ok(!isKept(), 'at the end');
  });

test('kept: what is due is asked by one probe, and the others have the last result meanwhile', async (t) => {
  const target = await planned();
  const clock = stopClock(t);
  const results = new KeptResults();
  const first = succeeded(800);
  keep(results, target, 'plain', first);
  clock.forward(8_000);
  assert.equal(found(results, target, 'plain'), 'asks');
  assert.equal(found(results, target, 'plain'), first);
  const standIn = results.get(target.plan, target.query('plain'));
  assert.ok(standIn !== undefined);
  assert.equal(waitText(standIn), 'is not asked: another probe does so now');
  // The first one found no connection: whoever comes next asks.
  keep(results, target, 'plain', failed(undefined, 'refused'));
  assert.equal(found(results, target, 'plain'), 'asks');
  // And when it never tells what became of it, its time ends.
  clock.forward(5_000);
  assert.equal(found(results, target, 'plain'), 'asks');
});

test('kept: the first quick run is the end of all waiting', async (t) => {
  const target = await planned();
  const clock = stopClock(t);
  const results = new KeptResults();
  keep(results, target, 'plain', failed(5_000));
  clock.forward(50_000);
  assert.equal(found(results, target, 'plain'), 'asks');
  keep(results, target, 'plain', succeeded(4));
  for (let i = 0; i < 3; i++) assert.equal(found(results, target, 'plain'), 'asks');
});

test('kept: a failure tells when it was, and a run that nobody waited for leaves the result before it', async (t) => {
  const target = await planned();
  const clock = stopClock(t);
  const results = new KeptResults();
  keep(results, target, 'plain', failed(1_000, 'canceled'), true);
  const failure = found(results, target, 'plain');
  assert.ok(failure !== 'asks' && !failure.ok);
  assert.deepEqual([failure.reason, failure.readAt], ['canceled', performance.now()]);
  clock.forward(10_000);
  const good = succeeded(500);
  keep(results, target, 'plain', good);
  clock.forward(5_000);
  keep(results, target, 'plain', failed(2_000, 'canceled'), true);
  clock.forward(19_999);
  const stands = found(results, target, 'plain');
  assert.ok(stands !== 'asks' && stands.ok);
  assert.equal(stands.samples, good.ok && good.samples);
  clock.forward(1);
  assert.equal(found(results, target, 'plain'), 'asks');
});

test('kept: a trace tells why a query is not asked', async (t) => {
  const target = await planned(', max_load: 20%');
  const clock = stopClock(t);
  const results = new KeptResults();
  keep(results, target, 'plain', succeeded(800));
  keep(results, target, 'kept', succeeded(3));
  clock.forward(1_000);
  const textOf = (name: string) => {
    const standIn = results.get(target.plan, target.query(name));
    return standIn && waitText(standIn);
  };
  assert.equal(
    textOf('plain'),
    'is not asked: its last run took 0.8 s, and max_load has it wait for 4.0 s, of which 3.0 s are left',
  );
  assert.equal(textOf('kept'), 'is not asked: min_interval is 20.0 s, of which 17.0 s are left');
});

const reloads: readonly (readonly [
  name: string,
  target: string,
  description: string,
  outcome: () => QueryOutcome,
  isKept: boolean,
])[] = [
  ['nothing has changed', '', 'One', () => succeeded(800), true],
  ['labels have changed', ', labels: {x: y}', 'One', () => failed(800), true],
  ['a larger share', ', max_load: 50%', 'One', () => succeeded(800), false],
  ['no limit', ', max_load: 100%', 'One', () => failed(800), false],
  ['a smaller share', ', max_load: 5%', 'One', () => succeeded(800), true],
  ['the query has changed', '', 'Two', () => succeeded(800), false],
  ['another server', ', database: d', 'One', () => succeeded(800), false],
  ['more time for what has failed', ', queries: {s: {timeout: 9s}}', 'One', () => failed(800), false],
  ['more time for what was good', ', queries: {s: {timeout: 9s}}', 'One', () => succeeded(800), true],
];
for (const [name, keys, description, outcome, isKept] of reloads)
  test(`kept across a reload: ${name}`, async (t) => {
    const [before, afterwards] = [await planned(), await planned(keys, description)];
    const clock = stopClock(t);
    const results = new KeptResults();
    keep(results, before, 'plain', outcome());
    clock.forward(4_000);
    assert.equal(found(results, afterwards, 'plain') !== 'asks', isKept);
  });

test('kept: each login has its own, and targets that are gone have none', async (t) => {
  const target = await planned();
  stopClock(t);
  const results = new KeptResults();
  const other: Planned = { ...target, plan: { ...target.plan, authModule: 'other' } };
  keep(results, target, 'plain', succeeded(800));
  assert.equal(found(results, other, 'plain'), 'asks');
  keep(results, other, 'plain', failed(800));
  assert.ok(found(results, other, 'plain') !== found(results, target, 'plain'));
  assert.equal(results.loadIntervalOf(target.plan.target, target.query('plain')), 8_000);
  assert.equal(results.loadIntervalOf(target.plan.target, target.query('kept')), 0);
  results.forget((name) => name === 'a');
  assert.equal(found(results, target, 'plain'), 'asks');
  assert.equal(found(results, other, 'plain'), 'asks');
  assert.equal(results.loadIntervalOf(target.plan.target, target.query('plain')), 0);
});
