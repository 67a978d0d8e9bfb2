/** What the loader says about results whose keys name the metrics, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const TARGETS = 'query_files: ["?.yml"]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';
const query = (keys: string, set = '') =>
  `query_sets:\n  s:\n    namespace: db\n${set}    queries:\n      q:\n        query: SELECT 1\n        ${keys}\n`;
const rules = (...list: string[]) =>
  query(
    `key_value:\n          key: k\n          value: v\n          rules:\n${list.map((rule) => `            - {${rule}}\n`).join('')}`,
  );
const rule = (keys: string) => rules(`type: gauge, description: D, ${keys}`);
const info = (keys: string) =>
  query(`key_value: {key: k, value: v, rules: [{drop: true}], info: {facts: {description: D, ${keys}}}}`);
const columns = (labels: string) =>
  query(`columns: {labels: ${labels}, rules: [{metric: $0, type: gauge, description: D}]}`);

const lint = (type: string, name: string) => rules(`metric: ${name}, type: ${type}, description: D`);

/** What is wrong, and what is said about it; nothing where nothing is wrong. */
const cases: readonly (readonly [name: string, file: string, ...messages: string[]])[] = [
  // Aliases
  [
    'aliases with groups',
    rule('match: "^replica_(.*)$", metric: "replica_$1", aliases: ["slave_$1", "$0_old"]'),
  ],
  [
    'an alias that is the name itself',
    rule('metric: "x_$0", aliases: ["x_$0"]'),
    `q.yml:11:71: error: "db_x_$0" is the metric's name already: remove it from aliases`,
  ],
  [
    'an alias of a group that is not there',
    rule('match: x, metric: a, aliases: ["c_$1"]'),
    'q.yml:11:15: error: "c_$1" names $1, and match has no group',
  ],
  [
    'an alias that cannot be',
    rule('metric: "$0", aliases: ["b-$0"]'),
    'q.yml:11:69: error: "db_b-x" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
  ],
  [
    'aliases of what is dropped',
    rules('drop: true, aliases: [a]'),
    'q.yml:11:28: error: this rule drops its keys: remove aliases',
  ],

  // Labels
  [
    'a label that is no name',
    rule('metric: "$0", labels: {a-b: x}'),
    'q.yml:11:68: error: "a-b": a label name has letters, digits and _, and begins with neither a digit nor __',
  ],
  [
    'a column that is no label name',
    columns('[a b]'),
    'q.yml:7:28: error: "a b" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}',
  ],
  [
    'a column that has the name of another',
    columns('[a, {column: b, as: a}]'),
    'q.yml:7:31: error: the label "a" stands twice in this metric',
  ],
  [
    'a column with a reserved name',
    columns('[le]'),
    'q.yml:7:28: error: the label "le" is reserved for histograms and summaries: rename it with {column, as}',
  ],
  [
    'a label of a rule with a reserved name',
    rule('metric: "$0", labels: {quantile: x}'),
    'q.yml:11:68: error: the label "quantile" is reserved for histograms and summaries: rename it',
  ],
  [
    'a label of a rule that each row has too',
    query('columns: {labels: [host], rules: [{metric: $0, type: gauge, description: D, labels: {host: x}}]}'),
    'q.yml:7:94: error: the label "host" stands twice in this metric',
  ],
  [
    'a label that Prometheus sets',
    info('labels: {job: a}'),
    'q.yml:7:102: warning: Prometheus sets the label "job" itself and will call this one "exported_job"',
  ],

  // Rules that are reached
  ['behind the empty key', rules('match: "^$", drop: true', 'metric: "$0", type: gauge, description: D')],
  // Rules that are never reached
  [
    'the same match twice',
    rules('match: ^a, drop: true', 'match: ^b, drop: true', 'match: ^a, drop: true'),
    'q.yml:13:16: error: this rule is never reached: an earlier one has the same match',
  ],
  ...['^', '.*', '^.*$', '^(.*)$'].map(
    (match) =>
      [
        `a rule after ${match}`,
        rules(`match: "${match}", drop: true`, 'match: ^b, drop: true'),
        `q.yml:12:15: error: this rule is never reached: the one before it has the match "${match}" and takes every key`,
      ] as const,
  ),
  ['a rule after one for all keys but the empty one', rules('match: "^.+", drop: true', 'drop: true')],
  [
    'capital letters in a match',
    rules('match: "^Com_(\\\\S+)", drop: true'),
    'q.yml:11:16: warning: keys are in lower case, and "^Com_(\\S+)" has capital letters: write it in lower case, or set keep_case: true',
  ],
  ['capital letters in a class', rules('match: "^[A-Za-z]\\\\D(?<Rest>\\\\S)\\\\p{L}", drop: true')],
  [
    'capital letters that keys have',
    query('key_value: {key: k, value: v, keep_case: true, rules: [{match: ^Com_, drop: true}]}'),
  ],

  // Texts
  [
    'an empty map',
    rule('metric: "$0", map: {}'),
    'q.yml:11:64: error: map: must not be empty: name the texts that stand for numbers, as in {ONLINE: 1}',
  ],
  [
    'one name with many descriptions',
    rules('match: ^a, metric: size, type: gauge, description: Size of $0.'),
    'q.yml:11:27: warning: "db_size" has one description for all keys of this rule, and "Size of $0." differs: write it without $, or put $0 into the name',
  ],
  ['one name for one key', rules('match: ^size$, metric: size_now, type: gauge, description: Size of $0.')],
  ['keys in a list', info('labels: {level: [transaction_isolation, tx_isolation]}, need: [a, b]')],
  ['no keys in a list', info('labels: {level: []}'), 'q.yml:7:109: error: level: the list must not be empty'],
  [
    'a key that is no text',
    info('labels: {level: {a: b}}'),
    'q.yml:7:109: error: level: expected a key, or a list of keys of which the first with a text counts, found a map',
  ],

  // Advice about names
  ['a name from data', lint('counter', '$0')],
  ['a counter from data with its ending', lint('counter', '$0_total')],
  ['a counter whose ending comes from data', lint('counter', 'rows_$0')],
  [
    'a counter whose ending stands there',
    lint('counter', '$0_rows'),
    'q.yml:11:15: warning: the counter "db_$0_rows" should end in _total',
  ],
  [
    'a unit in a name from data',
    lint('gauge', '$0_milliseconds'),
    'q.yml:11:15: warning: "db_$0_milliseconds" is in milliseconds: use the base unit seconds',
  ],
  [
    'an alias of a rule',
    rule('metric: "$0", aliases: ["$0_ms"]'),
    'q.yml:11:69: warning: "db_$0_ms" abbreviates a unit: write seconds instead of ms, or another word',
  ],
  [
    'an alias of a metric',
    query('metrics: {size: {type: gauge, description: D, value: v, aliases: [size_kilobytes]}}'),
    'q.yml:7:75: warning: "db_size_kilobytes" is in kilobytes: use the base unit bytes',
  ],
  [
    'a label of a rule',
    rule('metric: "$0", labels: {tableName: x}'),
    'q.yml:11:15: warning: the label "tableName" is written in camelCase: write table_name',
  ],
  [
    'an info',
    query(
      'key_value: {key: k, value: v, rules: [{drop: true}], info: {n_count: {description: D, labels: {}}}}',
    ),
    'q.yml:7:69: warning: "db_n_count" ends in _count, which belongs to histograms and summaries: choose another ending',
  ],
  [
    'no advice where it is not wanted, and errors all the same',
    query('metrics: {"le-ms": {type: counter, description: D, value: v, labels: [aB]}}', '    lint: false\n'),
    'q.yml:8:19: error: "db_le-ms" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
  ],

  // Families
  [
    'two rules that make one metric of two types',
    rules(
      'match: a, metric: pages, type: gauge, description: D',
      'metric: pages, type: untyped, description: D',
    ),
    'q.yml:12:15: error: the metric db_pages is untyped here but a gauge at q.yml:11',
  ],
  [
    'two rules that make one metric with two descriptions',
    rules(
      'match: a, metric: pages, type: gauge, description: D',
      'metric: pages, type: gauge, description: E',
    ),
    'q.yml:12:15: error: the metric db_pages has another description at q.yml:11: one metric has one description everywhere',
  ],
  [
    'two rules that make one metric with other labels',
    rules(
      'match: a, metric: pages, type: gauge, description: D, labels: {a: x}',
      'metric: pages, type: gauge, description: D, labels: {b: x}',
    ),
    'q.yml:12:15: error: the metric db_pages has the label b here but the label a at q.yml:11: one metric has the same labels everywhere',
  ],
  [
    'two rules that agree',
    rules(
      'match: "^(a)", metric: pages, type: gauge, description: D, labels: {a: $1, b: y}',
      'metric: pages, type: gauge, description: D, labels: {b: z, a: $0}',
    ),
  ],
  [
    'an alias that is another rule',
    rules(
      'match: a, metric: pages, type: gauge, description: D',
      'metric: n, aliases: [pages], type: counter, description: D',
    ),
    'q.yml:12:15: warning: the counter "db_n" should end in _total',
    'q.yml:12:37: error: the metric db_pages is a counter here but a gauge at q.yml:11',
    'q.yml:12:37: warning: the counter "db_pages" should end in _total',
  ],
  [
    'a rule that takes a name of the exporter',
    rules('metric: up, type: gauge, description: D').replace('namespace: db', 'namespace: mysql'),
    'q.yml:11:15: error: the metric mysql_up is one that the exporter itself exposes: choose another name',
  ],
];

for (const [name, file, ...messages] of cases) {
  test(name, async () => {
    const { lines } = await load({ 'targets.yml': TARGETS, 'q.yml': file });
    assert.deepEqual(lines, messages);
  });
}

test('states that stand twice', async () => {
  const states = (more: string) =>
    query(`metrics: {pages: {type: stateset, description: D, value: v, states: [A, B, A]${more}}}`);
  const { lines } = await load({ 'targets.yml': TARGETS, 'q.yml': states('') });
  assert.deepEqual(lines, ['q.yml:7:84: error: the state "A" stands twice: remove one']);
  const { lines: labels } = await load({
    'targets.yml': TARGETS,
    'q.yml': states(', labels: [state]').replace(', A]', ']'),
  });
  assert.deepEqual(labels, ['q.yml:7:69: error: the label "state" stands twice in this metric']);
});

test('rules and metrics of two files meet', async () => {
  const other = (keys: string) => query(keys).replace('  s:', '  t:').replace('q:', 'p:');
  const { lines } = await load({
    'targets.yml': TARGETS,
    'a.yml': rule('metric: pages, aliases: [n], labels: {l: x}'),
    'b.yml': other('metrics: {pages: {type: gauge, description: D, labels: [l], value: v}}'),
    'c.yml': other('metrics: {n: {type: gauge, description: E, value: v}}').replace('  t:', '  u:'),
  });
  assert.deepEqual(lines, [
    'c.yml:7:19: error: the metric db_n has another description at a.yml:11: one metric has one description everywhere',
    'c.yml:7:19: error: the metric db_n has no label here but the label l at a.yml:11: one metric has the same labels everywhere',
  ]);
});

test('an info of keys and one of columns may be the same metric', async () => {
  const { lines } = await load({
    'targets.yml': TARGETS,
    'a.yml': info('labels: {version: version}'),
    'b.yml': query('metrics: {facts: {type: info, description: D, labels: [version]}}').replace(
      '  s:',
      '  t:',
    ),
  });
  assert.deepEqual(lines, []);
});
