import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const TARGETS = 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';
const set = (text: string) => `query_sets:\n  s:\n    metrics:\n${text.replaceAll(/^/gm, '      ')}\n`;
const metric = (keys: string) => set(`n: {query: SELECT 1, type: gauge, description: D, ${keys}}`);

test('a query file in full', async () => {
  const { result, lines } = await load({
    'targets.yml': TARGETS,
    'q.yml': `query_sets:
  s:
    description: Sessions
    namespace: mysql_sessions
    queries:
      by_user:
        query: |
          SELECT 1
        timeout: 2s
        grants: [PROCESS]
        metrics:
          count: {type: gauge, description: Sessions, labels: [user, {column: client, as: client_host}], value: sessions}
          bytes: {type: gauge, description: B, values: {i: index, d: data}, value_label: part, on_null: zero}
    metrics:
      trx_total: {query: SELECT 2, type: counter, description: T, static_value: 1, static_labels: {x: y}, max_rows: 5, max_series: "6"}
`,
  });
  assert.ok(result.ok, lines.join('\n'));
  assert.deepEqual(result.config.querySets.get('s'), {
    name: 's',
    description: 'Sessions',
    queries: [
      {
        name: 'by_user',
        description: '',
        sql: 'SELECT 1',
        timeoutMs: 2000,
        grants: {
          mysql: [{ privilege: 'PROCESS', schema: '*', table: '*' }],
          mariadb: [{ privilege: 'PROCESS', schema: '*', table: '*' }],
        },
        maxRows: 10_000,
        maxSeries: 20_000,
        metrics: [
          {
            family: 'mysql_sessions_count',
            type: 'gauge',
            help: 'Sessions',
            labels: [
              { column: 'user', as: 'user' },
              { column: 'client', as: 'client_host' },
            ],
            staticLabels: {},
            value: { kind: 'column', column: 'sessions' },
            onNull: 'skip',
          },
          {
            family: 'mysql_sessions_bytes',
            type: 'gauge',
            help: 'B',
            labels: [],
            staticLabels: {},
            value: {
              kind: 'columns',
              columns: [
                { column: 'i', labels: { part: 'index' } },
                { column: 'd', labels: { part: 'data' } },
              ],
            },
            onNull: 'zero',
          },
        ],
      },
      {
        name: 'trx_total',
        description: 'T',
        sql: 'SELECT 2',
        timeoutMs: undefined,
        grants: { mysql: [], mariadb: [] },
        maxRows: 5,
        maxSeries: 6,
        metrics: [
          {
            family: 'mysql_sessions_trx_total',
            type: 'counter',
            help: 'T',
            labels: [],
            staticLabels: { x: 'y' },
            value: { kind: 'static', value: 1 },
            onNull: 'skip',
          },
        ],
      },
    ],
  });
});

const NAME = 'a name has letters, digits, _ and . and does not begin with a digit';
const cases: [name: string, text: string, lines: string[]][] = [
  [
    'unknown key',
    metric('value: a, valeu: b'),
    ['q.yml:4:67: error: unknown key "valeu"; did you mean "value"?'],
  ],
  [
    'unknown type',
    set('n: {query: SELECT 1, type: heatmap, description: D, value: a}'),
    [
      'q.yml:4:34: error: type: expected one of gauge, counter, untyped, info, stateset, histogram, summary, found text "heatmap"',
    ],
  ],
  [
    'no description',
    set('n: {query: SELECT 1, type: gauge, value: a}'),
    ['q.yml:4:7: error: missing key "description"'],
  ],
  [
    'empty description and SQL',
    set('n: {query: "", type: gauge, description: " ", value: a}'),
    [
      'q.yml:4:18: error: query: must not be empty',
      'q.yml:4:48: error: description: must not be empty: it becomes the HELP text',
    ],
  ],
  [
    'no value',
    metric(''),
    ['q.yml:4:7: error: a metric needs exactly one of value, values and static_value; this one has none'],
  ],
  [
    'two values',
    metric('value: a, static_value: 1'),
    [
      'q.yml:4:67: error: a metric needs exactly one of value, values and static_value; this one has value and static_value',
    ],
  ],
  [
    'values without value_label',
    metric('values: [a, b]'),
    ['q.yml:4:57: error: values needs value_label: the label that tells the columns apart'],
  ],
  [
    'value_label without values',
    metric('value: a, value_label: b'),
    ['q.yml:4:67: error: value_label is for values only: remove it, or list several columns in values'],
  ],
  [
    'a column twice in values',
    metric('values: [a, a], value_label: l'),
    ['q.yml:4:57: error: values has "a" twice: each column needs its own'],
  ],
  [
    'a label twice',
    metric('value: v, labels: [a], static_labels: {a: x}'),
    ['q.yml:4:96: error: the label "a" stands twice in this metric'],
  ],
  [
    'reserved and own labels of Prometheus',
    metric('value: v, labels: [le, job]'),
    [
      'q.yml:4:76: error: the label "le" is reserved for histograms and summaries: rename it with {column, as}',
      'q.yml:4:80: warning: Prometheus sets the label "job" itself and will call this one "exported_job"',
    ],
  ],
  [
    'labels with wrong names',
    metric('value: v, labels: ["COUNT(*)"]'),
    [
      'q.yml:4:76: error: "COUNT(*)" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}',
    ],
  ],
  [
    'a number as column',
    metric('value: 5'),
    ['q.yml:4:64: error: value: expected text, found number 5 (put quotes around it)'],
  ],
  [
    'a wrong query name',
    set('1m: {query: SELECT 1, type: gauge, description: D, value: a}'),
    [`q.yml:4:7: error: "1m": ${NAME}`],
  ],
  [
    'a wrong metric name',
    'query_sets: {s: {queries: {q: {query: SELECT 1, metrics: {"a-b": {type: gauge, description: D, value: a}}}}}}',
    [
      'q.yml:1:59: error: "query_exporter_a-b" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
    ],
  ],
  [
    'a wrong namespace',
    'query_sets: {s: {namespace: a-b, metrics: {n: {query: SELECT 1, type: gauge, description: D, value: a}}}}',
    [
      'q.yml:1:29: error: namespace: a namespace has letters, digits, _ and : and does not begin with a digit, found text "a-b"',
    ],
  ],
  [
    'a set without query',
    'query_sets: {s: {description: x}}',
    ['q.yml:1:14: error: the query set "s" has no query: add one below queries or metrics'],
  ],
  [
    'a query without metric',
    'query_sets: {s: {queries: {q: {query: SELECT 1, metrics: {}}}}}',
    ['q.yml:1:49: error: the query "q" has no metric'],
  ],
  [
    'a query name in both forms',
    'query_sets: {s: {queries: {n: {query: SELECT 1, metrics: {x: {type: gauge, description: D, value: a}}}}, metrics: {n: {query: SELECT 1, type: gauge, description: D, value: a}}}}',
    ['q.yml:1:116: error: the query "n" stands both below queries and below metrics: rename one'],
  ],
  ['no set', 'query_sets: {}', ['q.yml:1:1: error: the file has no query set: add one below query_sets']],
  [
    'a bad limit',
    metric('value: a, max_rows: 0'),
    ['q.yml:4:77: error: max_rows: expected a whole number from 1 to 1000000, found number 0'],
  ],
  [
    'the name of a family of the exporter',
    'query_sets: {s: {namespace: "", metrics: {mysql_up: {query: SELECT 1, type: gauge, description: D, value: a}}}}',
    ['q.yml:1:43: error: the metric mysql_up is one that the exporter itself exposes: choose another name'],
  ],
  ['variables stay as they are', metric('value: a, static_labels: {x: "${NOPE} $$"}'), []],
];
for (const [name, text, expected] of cases)
  test(`query file: ${name}`, async () => {
    const { lines } = await load({ 'targets.yml': TARGETS, 'q.yml': text });
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('targets.yml')),
      expected,
    );
  });

test('one family with another type and help in two files', async () => {
  const file = (name: string, type: string, help: string) =>
    `query_sets:\n  ${name}:\n    metrics:\n      n: {query: SELECT 1, type: ${type}, description: ${help}, value: a}\n`;
  const { lines } = await load({
    'targets.yml': TARGETS.replace('[q.yml]', '[q.yml, r.yml]'),
    'q.yml': file('s', 'gauge', 'A'),
    'r.yml': file('t', 'counter', 'B'),
  });
  assert.deepEqual(lines, [
    'r.yml:4:7: error: the metric query_exporter_n has another description at q.yml:4: one metric has one description everywhere',
    'r.yml:4:7: error: the metric query_exporter_n is a counter here but a gauge at q.yml:4',
    'r.yml:4:7: warning: the counter "query_exporter_n" should end in _total',
  ]);
});

test('the same set in two files', async () => {
  const text = metric('value: a');
  const { lines } = await load({
    'targets.yml': TARGETS.replace('q.yml', '"*/*.yml"'),
    'x/q.yml': text,
    'x/r.yml': text,
  });
  assert.deepEqual(lines, ['x/r.yml:2:3: error: the query set "s" stands also at x/q.yml:2: rename one']);
});
