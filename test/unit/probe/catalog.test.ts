/** Plans: what requests share, and that no choice of theirs makes them many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileGeneration } from '../../../src/probe/generation.ts';
import { load } from '../../support/config-folder.ts';

const SETS = Array.from({ length: 12 }, (_, n) => `s${n}`);
const set = (name: string) =>
  `  ${name}: {namespace: ${name}, metrics: {m: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}`;

async function catalogOf(settings = '') {
  const { lines, result } = await load({
    'targets.yml': `
query_files: [queries.yml]
targets:
  a: {address: db1, user: u, query_sets: [s1, s0]${settings}}
  b: {address: db2, user: u, query_sets: [s1, s0]}
`,
    'queries.yml': `query_sets:\n${SETS.map(set).join('\n')}\n`,
  });
  assert.ok(result.ok, lines.join('\n'));
  const { catalog, config } = compileGeneration(result.config);
  const [a, b] = [config.targets.get('a'), config.targets.get('b')];
  assert.ok(a !== undefined && b !== undefined);
  return { catalog, a, b };
}

const namesOf = (plan: { readonly sets: readonly { readonly name: string }[] }) =>
  plan.sets.map(({ name }) => name);

test("a target's own sets stand in its order", async () => {
  const { a, catalog } = await catalogOf();
  assert.deepEqual(namesOf(catalog.plan(a)), ['s1', 's0']);
});

test('the order of the sets that a request names, and their repetition, make no other plan', async () => {
  const { a, catalog } = await catalogOf();
  const plan = catalog.plan(a, ['s2', 's1']);
  for (const names of [
    ['s1', 's2'],
    ['s1', 's2', 's1', 's2'],
  ]) {
    const other = catalog.plan(a, names);
    assert.equal(other.sets, plan.sets);
    assert.equal(other.key, plan.key);
  }
});

test('targets with the same settings share what is planned of a set, also when requests choose it', async () => {
  const { a, b, catalog } = await catalogOf();
  assert.equal(catalog.plan(a).sets, catalog.plan(b).sets);
  assert.equal(catalog.plan(b, ['s3', 's1']).sets[0], catalog.plan(a).sets[0]);
});

test('settings of queries: shared by targets with equal ones, apart from the others', async () => {
  const { a, b, catalog } = await catalogOf(', queries: {s0: {timeout: 2s, min_interval: 1m, max_rows: 7}}');
  const [s1, s0] = catalog.plan(a).sets;
  const [other, plain] = catalog.plan(b).sets;
  assert.equal(s1, other);
  assert.notEqual(s0, plain);
  const seen = (set: typeof s0) =>
    set?.queries.map(({ timeoutMs, query }) => [timeoutMs, query.minIntervalMs, query.maxRows]);
  assert.deepEqual([seen(s0), seen(plain)], [[[2000, 60_000, 7]], [[5000, 0, 10_000]]]);
  const again = catalog.plan(a, ['s0']);
  assert.equal(again.sets[0], s0);
});

test('a query that is switched off is no part of the plan, nor is a set without any', async () => {
  const { a, b, catalog } = await catalogOf(', queries: {s0/m: {enabled: false}}');
  assert.deepEqual([namesOf(catalog.plan(a)), namesOf(catalog.plan(b))], [['s1'], ['s1', 's0']]);
  assert.deepEqual(namesOf(catalog.plan(a, ['s0', 's2'])), ['s2']);
});

test('of the choices of requests the last few hundred are remembered', async () => {
  const { a, catalog } = await catalogOf();
  const choose = (n: number) => SETS.filter((_, i) => (n & (1 << i)) !== 0);
  const often = catalog.plan(a, choose(4095)).sets;
  const once = catalog.plan(a, choose(1)).sets;
  for (let n = 2; n < 1000; n++) {
    catalog.plan(a, choose(n));
    assert.equal(catalog.plan(a, choose(4095)).sets, often);
  }
  assert.notEqual(catalog.plan(a, choose(1)).sets, once);
});
