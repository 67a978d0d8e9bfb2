/** What depends on the type of a metric in a query file: keys, names and labels, for every type that there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  METRIC_TYPE_RULES,
  METRIC_TYPES,
  type MetricType,
  partsOf,
  TYPE_KEYS,
  TYPE_LABELS,
  typesOfKey,
} from '../../../../src/model/metric-type.ts';
import { load } from '../../../support/config-folder.ts';

type Key = (typeof METRIC_TYPE_RULES)[MetricType]['refuses'][number] | (typeof TYPE_KEYS)[number];

/** A value that the schema accepts. */
const VALUES: Readonly<Record<Key, string>> = {
  value: 'v',
  values: '{v: x}',
  static_value: '1',
  group: 'sum',
  on_null: 'zero',
  on_invalid: 'zero',
  on_duplicate: 'error',
  states: '[ON]',
  histogram: '{le: b, count: n}',
  summary: '{count: n, sum: s}',
};

/** What is wrong with metrics, each given by its name and its keys, without places. */
async function errorsOf(...metrics: readonly (readonly [name: string, keys: string])[]) {
  const text = metrics.map(([name, keys]) => `${name}: {description: D, ${keys}}`).join(', ');
  const { lines } = await load({
    'targets.yml': 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n',
    'q.yml': `query_sets: {s: {namespace: '', queries: {q: {query: SELECT 1, metrics: {${text}}}}}}\n`,
  });
  return lines.filter((line) => line.includes(' error: ')).map((line) => line.replace(/^.*? error: /, ''));
}

/** The keys that a type cannot do without. */
const neededBy = (type: MetricType): string => {
  const { isConstant, ownKeys, refuses } = METRIC_TYPE_RULES[type];
  const own = ownKeys.map((key) => `, ${key}: ${VALUES[key]}`).join('');
  return `type: ${type}${refuses.includes('value') || isConstant ? '' : ', value: v'}${own}`;
};

test('two messages name the types that have labels and suffixes of their own', () => {
  // In label-names.ts and metric-lint.ts: "histograms and summaries". A further type belongs there too.
  const named = METRIC_TYPES.filter(
    (type) => METRIC_TYPE_RULES[type].ownLabels.length + METRIC_TYPE_RULES[type].suffixes.length > 0,
  );
  assert.deepEqual(named, ['histogram', 'summary']);
});

for (const type of METRIC_TYPES) {
  const { described, refuses } = METRIC_TYPE_RULES[type];

  test(`${type}: with the keys that it needs a metric is right`, async () => {
    assert.deepEqual(await errorsOf(['m', neededBy(type)]), []);
  });

  test(`${type}: keys that mean nothing to it are refused`, async () => {
    for (const key of refuses)
      assert.ok(
        (await errorsOf(['m', `${neededBy(type)}, ${key}: ${VALUES[key]}`])).includes(
          `${key} has no meaning for ${described}: remove it`,
        ),
        key,
      );
  });

  test(`${type}: keys of other types are refused`, async () => {
    for (const key of TYPE_KEYS.filter((one) => !typesOfKey(one).includes(type)))
      assert.deepEqual(await errorsOf(['m', `${neededBy(type)}, ${key}: ${VALUES[key]}`]), [
        `${key} is for the type ${typesOfKey(key).join(' or ')}: remove it, or change the type`,
      ]);
  });

  test(`${type}: labels that some type writes itself are refused`, async () => {
    for (const label of TYPE_LABELS)
      assert.deepEqual(await errorsOf(['m', `${neededBy(type)}, static_labels: {${label}: x}`]), [
        `the label "${label}" is reserved for histograms and summaries: rename it`,
      ]);
  });

  test(`${type}: no other family has the name of one of its series`, async () => {
    for (const part of partsOf('m', type))
      assert.deepEqual(await errorsOf(['m', neededBy(type)], [part, 'type: gauge, value: v']), [
        `the metric ${part} is a series of the ${type} m at q.yml:1: choose another name`,
      ]);
  });
}
