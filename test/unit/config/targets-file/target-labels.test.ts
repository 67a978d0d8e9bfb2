/** `target_labels`: which labels of targets a metric has already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const QUERIES = `
query_sets:
  s:
    namespace: shop
    queries:
      q:
        query: SELECT 1 AS v, 'x' AS owner
        metrics:
          orders: {type: gauge, description: Orders, labels: [{column: owner, as: team}], static_labels: {zone: a}, value: v}
  open:
    namespace: shop
    queries:
      q: {query: "SELECT 1 AS v, 'x' AS anything", metrics: {all: {type: gauge, description: All, labels: all, value: v}}}
`;

const linesOf = async (defaults: string, targets: string, groups = '{}') =>
  (
    await load({
      'targets.yml': `query_files: [q.yml]\ndefaults: {user: u, query_sets: [s], ${defaults}}\ngroups: ${groups}\ntargets: ${targets}\n`,
      'q.yml': QUERIES,
    })
  ).lines;

test('without it every label is allowed', async () =>
  assert.deepEqual(await linesOf('', '{a: {address: h, labels: {team: x, query: y}}}'), []));

test('labels that no metric has are allowed, and those of sets that the target has not', async () =>
  assert.deepEqual(
    await linesOf(
      'target_labels: true',
      '{a: {address: h, labels: {env: prod}}, b: {address: h, labels: {team: x, anything: y}, query_sets: [open]}}',
    ),
    [],
  ));

for (const [label, sentence] of [
  [
    'team',
    'the metric shop_orders has a label "team" of its own: with target_labels this one must have another name',
  ],
  [
    'zone',
    'the metric shop_orders has a label "zone" of its own: with target_labels this one must have another name',
  ],
  [
    'reason',
    'the metric query_exporter_query_error has a label "reason" of its own: with target_labels this one must have another name',
  ],
  ['le', 'the label "le" belongs to histograms and summaries: with target_labels it cannot be a target\'s'],
] as const)
  test(`the label ${label} is an error`, async () =>
    assert.deepEqual(await linesOf('target_labels: true', `{a: {address: h, labels: {${label}: x}}}`), [
      `targets.yml:4:36: error: ${sentence}`,
    ]));

test('one that many targets share is reported once, where it is said', async () => {
  const targets =
    '{a: {address: h, groups: [g]}, b: {address: h, groups: [g]}, "*.x.org:3306": {groups: [g]}}';
  const group = await linesOf('target_labels: true', targets, '{g: {labels: {team: x}}}');
  assert.equal(group.length, 1);
  assert.match(group[0] ?? '', /^targets\.yml:3:23: error/);
  const defaults = await linesOf('target_labels: true, labels: {team: x}', targets, '{g: {}}');
  assert.equal(defaults.length, 1);
  assert.match(defaults[0] ?? '', /^targets\.yml:2:/);
});

test('it stands in the defaults alone', async () => {
  const [line = ''] = await linesOf('', '{a: {address: h, target_labels: true}}');
  assert.match(line, /unknown key "target_labels"/);
});
