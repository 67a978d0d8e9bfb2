/** What is left out of an answer that is too large, and that what is left fits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainBytes } from '../../../src/exposition/encoded.ts';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import type { Layout } from '../../../src/model/samples.ts';
import { type TargetAnswer, withinBytes } from '../../../src/probe/answer-size.ts';
import { Catalog, type Plan } from '../../../src/probe/catalog.ts';
import { describeRun, render } from '../../../src/probe/render.ts';
import { compileQuerySets } from '../../../src/query-set/compile.ts';
import { load } from '../../support/config-folder.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';

const QUERIES = ['small', 'large', 'middle', 'none', 'huge'] as const;
/** Series per query. */
const SERIES: Readonly<Record<string, number>> = { small: 3, large: 40, middle: 20, none: 0, huge: 80 };

const { result } = await load({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: "", query_sets: [sizes]}
targets: {a: {address: "127.0.0.1:1"}, b: {address: "127.0.0.1:2"}}
`,
  'queries.yml': `
query_sets:
  sizes:
    metrics:
${QUERIES.map((name) => `      ${name}: {query: SELECT 1 AS v, type: gauge, description: One, value: v}`).join('\n')}
`,
});
assert.ok(result.ok);
const catalog = new Catalog(result.config, compileQuerySets(result.config.querySets.values()));

const family = (name: string, help: string) => ({ name, type: 'gauge', help }) as const;
/** One that all queries have, and one of each. */
const SHARED = family('shared', 'Of all: "quoted", with \\ and\na line');
const OWN = new Map(QUERIES.map((name) => [name as string, family(name, `Größe von ${name}`)]));

/** Series that are known as a whole. */
const LAYOUT: Layout = {
  series: ['known', 'known_too'].flatMap((name) => {
    const known = family(name, 'Größe');
    return ['a', 'ö'].map((label) => ({ family: known, labels: `l="${label}",instance="own"` }));
  }),
};

function part(name: string, label: string, text: string): TargetAnswer {
  const target = catalog.targets.get(name);
  assert.ok(target !== undefined);
  const plan: Plan = catalog.plan(target);
  const outcomes = new Map(
    plan.sets
      .flatMap(({ queries }) => queries)
      .map((planned) => {
        const samples = new Samples();
        const query = planned.query.name;
        const own = OWN.get(query) ?? SHARED;
        if (query === 'large')
          samples.fill(
            LAYOUT,
            Float64Array.from(LAYOUT.series, (_, n) => n * 1.5),
          );
        for (let n = 0; n < (SERIES[query] ?? 0); n++) samples.sample(own, `n="${text}${n}"`, n);
        if (samples.count > 0) {
          samples.sample(SHARED, `query="${query}",instance="own"`, 1);
          samples.sample(own, '', 1, '_sum');
        }
        return [planned, { ok: true, rows: 1, bytes: 50, seconds: 0.1, samples, readAt: 0 }] as const;
      }),
  );
  const snapshot = { down: undefined, connectSeconds: 0.1, outcomes, lacks: new Map() };
  const timing = { seconds: 0.1, timeoutSeconds: 1 };
  return { plan, snapshot, timing, meta: describeRun(plan, snapshot, timing), label };
}

function textOf(parts: readonly TargetAnswer[]): string {
  const all = new ProbeRegistry();
  for (const { meta: about, label, snapshot } of parts) {
    const registry = render(about, snapshot);
    if (label === '') return plainBytes(registry.encode()).toString();
    all.addMember(registry, label);
  }
  return plainBytes(all.encode()).toString();
}

const bytes = (parts: readonly TargetAnswer[]) => Buffer.byteLength(textOf(parts));

const kinds: readonly { readonly name: string; readonly parts: readonly TargetAnswer[] }[] = [
  { name: 'one target', parts: [part('a', '', 'x')] },
  { name: 'one target, with other letters', parts: [part('a', '', 'ö€')] },
  { name: 'two targets', parts: [part('a', 'instance="ä"', 'ö'), part('b', 'instance="b"', 'xxx')] },
];

for (const { name, parts } of kinds) {
  const whole = bytes(parts);
  const nothing = bytes(withinBytes(parts, 0).parts);

  test(`${name}: what fits is left as it is`, () => {
    const fitted = withinBytes(parts, whole + 500);
    assert.deepEqual(fitted.leftOut, []);
    assert.equal(textOf(fitted.parts), textOf(parts));
  });

  test(`${name}: whatever the limit, the answer is no larger, and the largest are left out first`, () => {
    let before = Number.POSITIVE_INFINITY;
    for (let max = 0; max <= whole + 500; max += 61) {
      const fitted = withinBytes(parts, max);
      const text = textOf(fitted.parts);
      assert.ok(Buffer.byteLength(text) <= Math.max(max, nothing), `${Buffer.byteLength(text)} of ${max}`);
      const samples = parseExposition(text);
      assert.equal(samples.filter((sample) => sample.name === 'mysql_up').length, parts.length);
      assert.equal(errorsOf(text).length, fitted.leftOut.length);
      assert.ok(errorsOf(text).every((error) => error.endsWith(': limit')));
      const sizes = fitted.leftOut.map((one) => one.bytes);
      assert.deepEqual(
        sizes,
        sizes.toSorted((one, other) => other - one),
      );
      assert.ok(fitted.leftOut.length <= before);
      before = fitted.leftOut.length;
    }
    assert.equal(before, 0);
  });
}

test('who is left out is told to be, and by how much', () => {
  const [only] = kinds;
  assert.ok(only !== undefined);
  const fitted = withinBytes(only.parts, bytes(only.parts) - 1);
  assert.deepEqual(
    fitted.leftOut.map(({ planned, target }) => [target, planned.query.name]),
    [['a', 'huge']],
  );
  const text = textOf(fitted.parts);
  assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'huge' }), 0);
  assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'large' }), 1);
  assert.equal(metricValue(text, 'mysql_exporter_collector_success'), 0);
  const outcomes = [...(fitted.parts[0]?.snapshot.outcomes.values() ?? [])].filter(({ ok }) => !ok);
  assert.match(
    JSON.stringify(outcomes),
    /"\d+ bytes of samples have no room in an answer of \d+ \(--web\.max-/,
  );
});

test('the parts that are given stay as they are: others share them', () => {
  for (const { parts } of kinds) {
    const before = textOf(parts);
    withinBytes(parts, 0);
    assert.equal(textOf(parts), before);
  }
});
