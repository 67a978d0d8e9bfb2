import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const TARGETS = 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';
const query = (keys: string) =>
  `query_sets:\n  s:\n    queries:\n      q:\n        query: SELECT 1\n        ${keys}\n`;
const rule = (keys: string) => query(`key_value: {key: k, value: v, rules: [${keys}]}`);
const metric = (keys: string) => query(`metrics: {size: {type: gauge, description: D, value: v, ${keys}}}`);

const params = (declared: string, sql: string) =>
  `query_sets:\n  s:\n    params: ${declared}\n    metrics: {size: {query: "${sql}", type: gauge, description: D, value: v}}\n`;

/** What is wrong, and what is said about it. */
const cases: readonly (readonly [name: string, file: string, message: string])[] = [
  [
    'nothing that a result becomes',
    query(''),
    'q.yml:4:7: error: the query "q" needs metrics, key_value or columns: what its result becomes',
  ],
  [
    'a rule without a metric',
    rule('{match: x}'),
    'q.yml:6:47: error: a rule needs metric, type and description, or drop: true',
  ],
  [
    'a rule that drops and names',
    rule('{drop: true, metric: m}'),
    'q.yml:6:60: error: this rule drops its keys: remove metric',
  ],
  [
    'a rule that is never reached',
    rule('{drop: true}, {match: x, drop: true}'),
    'q.yml:6:61: error: this rule is never reached: the one before it has no match and takes every key',
  ],
  [
    'a bad regular expression',
    rule('{match: "(", drop: true}'),
    'q.yml:6:55: error: match: this is no valid regular expression, found text "("',
  ],
  [
    'a group that is not there',
    rule('{match: x, metric: "$1", type: gauge, description: D}'),
    'q.yml:6:47: error: "$1" names $1, and match has no group',
  ],
  [
    'a name that cannot be',
    rule('{metric: "a-$0", type: gauge, description: D}'),
    'q.yml:6:48: error: "query_exporter_a-x" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
  ],
  [
    'an unknown key',
    rule('{drop: true, mach: x}'),
    'q.yml:6:60: error: unknown key "mach"; did you mean "match"?',
  ],
  [
    'values with labels and a label for all',
    query(
      'metrics: {size: {type: gauge, description: D, value_label: p, values: [{column: a, labels: {o: x}}]}}',
    ),
    'q.yml:6:71: error: values has columns with labels of their own: give all of them labels, and no value_label',
  ],
  [
    'values with labels and without',
    query('metrics: {size: {type: gauge, description: D, values: [{column: a, labels: {o: x}}, b]}}'),
    'q.yml:6:55: error: values has columns with labels of their own: give all of them labels, and no value_label',
  ],
  [
    'values with other labels than the first',
    query(
      'metrics: {size: {type: gauge, description: D, values: [{column: a, labels: {o: x}}, {column: b, labels: {p: x}}]}}',
    ),
    'q.yml:6:93: error: this column has the labels p, the first one o: all need the same',
  ],
  [
    'values with the same labels',
    query(
      'metrics: {size: {type: gauge, description: D, values: [{column: a, labels: {o: x}}, {column: b, labels: {o: x}}]}}',
    ),
    'q.yml:6:93: error: values has "x" twice: each column needs its own',
  ],
  [
    'a label that stands in values too',
    query(
      'metrics: {size: {type: gauge, description: D, labels: [o], values: [{column: a, labels: {o: x}}]}}',
    ),
    'q.yml:6:68: error: the label "o" stands twice in this metric',
  ],
  [
    'values without labels',
    query('metrics: {size: {type: gauge, description: D, values: [{column: a}]}}'),
    'q.yml:6:64: error: missing key "labels"',
  ],
  [
    'labels that are no list',
    metric('labels: every'),
    'q.yml:6:73: error: labels: expected a list such as [user, host], or all, found text "every"',
  ],
  [
    'an extract without a named group',
    metric('extract: {column: c, match: "([0-9]+)"}'),
    'q.yml:6:86: error: match has no named group: write (?<name>...) around what is to become the column "name"',
  ],
  [
    'an extract with a bad pattern',
    metric('extract: {column: c, match: "(?<a"}'),
    'q.yml:6:93: error: match: this is no valid regular expression, found text "(?<a"',
  ],
  [
    'duplicates of groups',
    metric('group: sum, on_duplicate: error'),
    'q.yml:6:77: error: group leaves no duplicates: remove on_duplicate',
  ],
  [
    'zero for rows that nobody knows',
    query('on_empty: zero\n        metrics: {size: {type: gauge, description: D, value: v, labels: [a]}}'),
    'q.yml:7:19: error: on_empty: zero is for metrics of one number without labels: with no row nothing tells which series there are',
  ],
  [
    'zero for an info',
    query('on_empty: zero\n        metrics: {size: {type: info, description: D}}'),
    "q.yml:7:19: error: on_empty: zero is for numbers that are read, and this metric is always 1: remove on_empty, or make the metric another query's",
  ],
  [
    'zero for a constant',
    query('on_empty: zero\n        metrics: {size: {type: gauge, description: D, static_value: 7}}'),
    "q.yml:7:19: error: on_empty: zero is for numbers that are read, and this metric is always 7: remove on_empty, or make the metric another query's",
  ],
  [
    'zero for keys of rows',
    query('on_empty: zero\n        key_value: {key: k, value: v, rules: [{drop: true}]}'),
    'q.yml:6:9: error: on_empty: zero is for metrics that stand in the file, and those of key_value are named by the rows: remove on_empty',
  ],
  [
    'zero for keys of columns',
    query('on_empty: zero\n        columns: {rules: [{drop: true}]}'),
    'q.yml:6:9: error: on_empty: zero is for metrics that stand in the file, and those of columns are named by the rows: remove on_empty',
  ],
  [
    'a query without a body',
    'query_sets: {s: {queries: {q: {}}}}\n',
    'q.yml:1:28: error: the query "q" is empty: add query, and metrics, key_value or columns',
  ],
  [
    'a query that is nothing',
    'query_sets:\n  s:\n    queries:\n      q:\n',
    'q.yml:4:9: error: q: expected a map (key: value), found nothing',
  ],
  [
    'a metric that is nothing',
    'query_sets:\n  s:\n    metrics:\n      q:\n',
    'q.yml:4:9: error: q: expected a map (key: value), found nothing',
  ],
  [
    'two variants with the same when',
    query('metrics: {size: {type: gauge, description: D, value: v}}').replace(
      'query: SELECT 1',
      'variants: [{when: {flavour: mysql, min_version: "8"}, query: SELECT 1}, {when: {min_version: "8", flavour: mysql}, query: SELECT 2}, {query: SELECT 3}]',
    ),
    'q.yml:5:81: error: this variant is never reached: an earlier one has the same when',
  ],
  [
    'a switch for aliases without any',
    'query_sets:\n  s:\n    params: {old: {type: boolean, default: true}}\n    metrics: {size: {query: SELECT 1, type: gauge, description: D, value: v, aliases_if: old}}\n',
    'q.yml:4:78: error: there are no aliases to switch: remove aliases_if, or add aliases',
  ],
  [
    'a switch that is no parameter',
    metric('only_if: old'),
    'q.yml:6:65: error: the query "q" depends on "old", which is no parameter of the set; there are no parameters',
  ],
  [
    'a switch that is no boolean',
    'query_sets:\n  s:\n    params: {old: {type: integer, default: 1}}\n    metrics: {size: {query: SELECT 1, type: gauge, description: D, value: v, only_if: old}}\n',
    'q.yml:4:78: error: the query "size" depends on "old", which must be boolean for that, not integer',
  ],
  [
    'both forms',
    `${rule('{drop: true}')}        columns: {rules: [{drop: true}]}\n`,
    'q.yml:7:9: error: key_value and columns exclude each other: keep one of them',
  ],
  [
    'parse and map',
    metric('parse: status, map: {A: 1}'),
    'q.yml:6:80: error: parse and map exclude each other: keep one of them',
  ],
  [
    'an unknown parser',
    metric('parse: duration'),
    'q.yml:6:72: error: parse: expected one of number, status, yes_no, is_on, datetime, size, found text "duration"',
  ],
  [
    'scale of a constant',
    query('metrics: {size: {type: info, description: D, scale: 2}}'),
    'q.yml:6:54: error: scale is for numbers that are read, and this metric is a constant: remove it',
  ],
  ['scale 0', metric('scale: 0'), 'q.yml:6:72: error: scale: must not be 0, found number 0'],
  [
    'a condition without a test',
    metric('when: {column: c}'),
    'q.yml:6:65: error: when needs exactly one of in, not_in, above and is_null',
  ],
  [
    'a condition with two',
    metric('when: {column: c, above: 1, is_null: true}'),
    'q.yml:6:65: error: when needs exactly one of in, not_in, above and is_null',
  ],
  [
    'a label of two sources',
    metric('labels: [{column: a, first_of: [b]}]'),
    'q.yml:6:74: error: a label needs exactly one of column and first_of',
  ],
  [
    'an info metric with a value',
    query('metrics: {size: {type: info, description: D, value: v}}'),
    'q.yml:6:54: error: an info metric is always 1: remove value',
  ],
  [
    'an alias that cannot be',
    metric('aliases: ["a b"]'),
    'q.yml:6:75: error: "query_exporter_a b" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
  ],
  [
    'an alias that is the name itself',
    metric('aliases: [size]'),
    `q.yml:6:75: error: "query_exporter_size" is the metric's name already: remove it from aliases`,
  ],
  [
    'a histogram without columns',
    query('metrics: {size: {type: histogram, description: D}}'),
    'q.yml:6:19: error: a histogram needs the key histogram, which names its columns',
  ],
  [
    'a histogram with a value',
    query('metrics: {size: {type: histogram, description: D, value: v, histogram: {le: a, count: b}}}'),
    'q.yml:6:59: error: value has no meaning for a histogram: remove it',
  ],
  [
    'a gauge with states',
    metric('states: [A]'),
    'q.yml:6:65: error: states is for the type stateset: remove it, or change the type',
  ],
  [
    'a stateset without states',
    query('metrics: {size: {type: stateset, description: D, value: v}}'),
    'q.yml:6:19: error: a stateset needs value, the column with the state, and states, a list of all there are',
  ],
  [
    'neither query nor variants',
    'query_sets:\n  s:\n    queries:\n      q:\n        metrics: {size: {type: gauge, description: D, value: v}}\n',
    'q.yml:4:7: error: missing key "query"',
  ],
  [
    'query and variants',
    metric('on_null: zero').replace(
      'query: SELECT 1\n',
      'query: SELECT 1\n        variants: [{query: SELECT 1}]\n',
    ),
    'q.yml:6:9: error: query and variants exclude each other: make query the last variant, without when',
  ],
  [
    'a variant that is never reached',
    metric('on_null: zero').replace(
      'query: SELECT 1\n',
      'variants: [{query: SELECT 1}, {query: SELECT 2}]\n',
    ),
    'q.yml:5:39: error: this variant is never reached: the one before it has no when and is for every server',
  ],
  [
    'a variant that writes',
    metric('on_null: zero').replace('query: SELECT 1\n', 'variants: [{query: DELETE FROM t}]\n'),
    'q.yml:5:28: error: the query begins with DELETE, which is no statement that reads: write one that begins with SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES',
  ],
  [
    'a version without quotes',
    metric('on_null: zero').replace(
      'query: SELECT 1\n',
      'query: SELECT 1\n        requires: {min_version: 8.0}\n',
    ),
    'q.yml:6:33: error: min_version: expected text, found number 8 (put quotes around it)',
  ],
  [
    'a table without its schema',
    metric('on_null: zero').replace(
      'query: SELECT 1\n',
      'query: SELECT 1\n        requires: {tables: [t]}\n',
    ),
    'q.yml:6:29: error: tables[0]: expected schema.table, found text "t"',
  ],
  [
    'nothing required',
    metric('on_null: zero').replace('query: SELECT 1\n', 'query: SELECT 1\n        requires: {}\n'),
    'q.yml:6:9: error: nothing is asked of the server here: add flavour, min_version, max_version, variables, tables, columns or when_role',
  ],
  [
    'a parameter that is not declared',
    params('{a: {type: integer, default: 1}}', 'SELECT :a, :b'),
    'q.yml:4:22: error: the query "size" names :b, which is no parameter of the set; did you mean "a"?',
  ],
  [
    'a parameter that nobody names',
    params('{a: {type: integer, default: 1}}', 'SELECT 1'),
    'q.yml:3:14: warning: no query of the set uses "a"',
  ],
  [
    'a default of another type',
    params('{a: {type: integer, default: x}}', 'SELECT :a'),
    'q.yml:3:42: error: default: expected a whole number',
  ],
  [
    'a type that is none',
    params('{a: {type: number, default: 1}}', 'SELECT :a'),
    'q.yml:3:24: error: type: expected one of integer, string, identifier, list, boolean, found text "number"',
  ],
];

for (const [name, file, message] of cases) {
  test(name, async () => {
    const { lines } = await load({ 'targets.yml': TARGETS, 'q.yml': file });
    assert.deepEqual(lines, [message]);
  });
}

test('on_empty: zero of a count of the rows, and families of a disabled query, are fine', async () => {
  const { lines } = await load({
    'targets.yml': TARGETS,
    'q.yml': `query_sets:
  s:
    metrics:
      size: {query: SELECT 1, type: gauge, description: D, group: count, on_empty: zero}
      rows: {query: SELECT 1, type: gauge, description: D, value: v}
    queries:
      off: {enabled: false, query: SELECT 1, metrics: {rows: {type: info, description: Else, labels: [a]}}}
`,
  });
  assert.deepEqual(lines, []);
});

const SET = params(
  '{limit: {type: integer, default: 1}, name: {type: identifier, default: t}}',
  'SELECT :limit, :name',
);

const targetCases: readonly (readonly [params: string, message: string])[] = [
  ['{t: {limit: 2}}', 'targets.yml:2:62: error: unknown query set "t"; did you mean "s"?'],
  ['{s: {limt: 2}}', 'targets.yml:2:66: error: "s" has no parameter "limt"; did you mean "limit"?'],
  ['{s: {limit: many}}', 'targets.yml:2:73: error: limit: expected a whole number'],
  ['{s: {name: ""}}', 'targets.yml:2:72: error: name: expected the name of a database, table or column'],
];

for (const [given, message] of targetCases) {
  test(`targets.yml: params ${given}`, async () => {
    const targets = `query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s], params: ${given}}}\n`;
    const { lines } = await load({ 'targets.yml': targets, 'q.yml': SET });
    assert.deepEqual(lines, [message]);
  });
}

test('params are merged name by name, the target last', async () => {
  const { result, lines } = await load({
    'targets.yml': `query_files: [q.yml]
defaults: {user: u, query_sets: [s], params: {s: {limit: 2, name: d}}}
groups: {g: {params: {s: {limit: "3"}}}}
targets: {a: {address: h, groups: [g], params: {s: {name: x}}}, b: {address: h}}
`,
    'q.yml': SET,
  });
  assert.ok(result.ok, lines.join());
  assert.deepEqual(result.config.targets.get('a')?.params, { s: { limit: 3, name: 'x' } });
  assert.deepEqual(result.config.targets.get('b')?.params, { s: { limit: 2, name: 'd' } });
});
