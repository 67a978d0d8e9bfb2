/** Query files of query-exporter and query-exporter-simple among the `query_files` of a targets.yml. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const TARGETS = (files: string, sets: string) =>
  `query_files: [${files}]\ntargets: {a: {address: h, user: u, query_sets: [${sets}]}}\n`;

const METRICS = `accounts:
  targets: [blue]
  collects:
    - query: SELECT user AS who, 1 AS cnt
      metrics:
        open: {type: Gauge, description: Open, labels: [who], value: cnt}
    - query: SELECT 5 AS five
      timeout: 3
      metrics:
        five: {type: counter, value: five}
sizes:
  Collects:
    - query: SELECT 1 AS n1
      metrics:
        number: {type: gauge, description: A number, value: n1}
`;
const SIMPLE = `dsn: u:$ecret\${x}@tcp(h)/
metrics:
  up_seconds: {query: SHOW STATUS, type: counter, description: Up, value: Value}
`;
const OURS = `query_sets:
  own: {metrics: {mine: {query: SELECT 1 AS v, type: gauge, description: Mine, value: v}}}
`;

test("the sets of query-exporter's metrics file: names, timeouts and HELP as there", async () => {
  const { lines, result } = await load({
    'targets.yml': TARGETS('theirs.yml, ours.yml', 'accounts, sizes, own'),
    'theirs.yml': METRICS.replace('value: n1', 'value: y'),
    'ours.yml': OURS,
  });
  assert.deepEqual(lines, [
    'theirs.yml:2:3: warning: targets: ignored here, for in a targets.yml the targets choose: put query_sets: [accounts] there, in a group or a target',
    'theirs.yml:15:61: warning: value: without quotes this is the word "true"; put quotes around another one',
  ]);
  assert.ok(result.ok);
  const { querySets, scrapes, metricsTarget } = result.config;
  assert.deepEqual([...querySets.keys()].sort(), ['accounts', 'own', 'sizes']);
  assert.deepEqual(
    [...(querySets.get('accounts')?.queries ?? [])].map(({ name, sql, timeoutMs, metrics }) => ({
      name,
      sql,
      timeoutMs,
      metrics: metrics.map(({ family, help, type }) => ({ family, help, type })),
    })),
    [
      {
        name: 'open',
        sql: 'SELECT user AS who, 1 AS cnt',
        timeoutMs: 1000,
        metrics: [{ family: 'query_exporter_open', help: 'Open', type: 'gauge' }],
      },
      {
        name: 'five',
        sql: 'SELECT 5 AS five',
        timeoutMs: 3000,
        metrics: [{ family: 'query_exporter_five', help: '', type: 'counter' }],
      },
    ],
  );
  assert.equal(scrapes.size, 0);
  assert.equal(metricsTarget, undefined);
});

const NAMES: [file: string, set: string][] = [
  ['shop.yml', 'shop'],
  ['my-shop v2.yml', 'my_shop_v2'],
  ['2nd.shop.yaml', '_2nd.shop'],
  ['.hidden.yml', '_.hidden'],
];
for (const [file, set] of NAMES)
  test(`the set of query-exporter-simple's ${file} is ${set}`, async () => {
    const { lines, result } = await load({
      'targets.yml': TARGETS(`"${file}"`, `"${set}"`),
      [file]: SIMPLE,
    });
    assert.deepEqual(lines, [
      `${file}:1:1: warning: dsn: ignored here, for the targets of a targets.yml are asked: put query_sets: [${set}] there, in a group or a target`,
    ]);
    const [query] = (result.ok && result.config.querySets.get(set)?.queries) || [];
    assert.equal(query?.name, 'up_seconds');
    assert.equal(query?.timeoutMs, undefined, "the target's, for query-exporter-simple had none");
    assert.equal(query?.metrics[0]?.family, 'query_exporter_up_seconds');
  });

const WRONG: [name: string, files: Readonly<Record<string, string>>, lines: string[]][] = [
  [
    'a path that is no name of a set',
    { 'theirs.yml': METRICS.replace('sizes:', 'my-sizes/all:').replace('  targets: [blue]\n', '') },
    [
      'theirs.yml:10:1: error: "my-sizes/all" cannot be the name of a query set, which has letters, digits, _ and . and does not begin with a digit: rename it',
    ],
  ],
  [
    'one name in two files',
    {
      'theirs.yml': METRICS.replace('  targets: [blue]\n', ''),
      'ours.yml': OURS.replace('own:', 'accounts:'),
    },
    ['theirs.yml:1:1: error: the query set "accounts" stands also at ours.yml:2: rename one'],
  ],
  [
    'another description than ours',
    { 'ours.yml': OURS.replace('mine:', 'up_seconds:'), 'theirs.yml': SIMPLE.replace(/dsn.*\n/, '') },
    [
      'theirs.yml:2:3: error: the metric query_exporter_up_seconds has another description at ours.yml:2: one metric has one description everywhere',
      'theirs.yml:2:3: error: the metric query_exporter_up_seconds is a counter here but a gauge at ours.yml:2',
    ],
  ],
  [
    'a mistake below one path',
    {
      'theirs.yml': `${METRICS.slice(0, METRICS.indexOf('sizes')).replace('  targets: [blue]\n', '')}more: {}\n`,
    },
    ['theirs.yml:10:1: error: the path "more" has no query: add one below collects'],
  ],
  [
    'the other file of query-exporter',
    { 'theirs.yml': 'blue: {a: {type: mysql, dsn: "u:secret@/"}}\n' },
    [
      'theirs.yml:1:1: error: this is the database file of query-exporter, which has no queries: name its metrics file',
    ],
  ],
  [
    'no metrics',
    { 'theirs.yml': 'metrics: {}\n' },
    ['theirs.yml:1:1: error: there are no metrics: add some'],
  ],
];
for (const [name, files, expected] of WRONG)
  test(`query_files with a compat file: ${name}`, async () => {
    const targets = `query_files: [${Object.keys(files).sort().join(', ')}]\ntargets: {}\n`;
    const { lines } = await load({ 'targets.yml': targets, ...files });
    assert.deepEqual(
      lines.filter((line) => !line.includes('there are no targets')),
      expected,
    );
  });

test('a set of ours called collects is no path of query-exporter', async () => {
  const { lines } = await load({
    'targets.yml': TARGETS('ours.yml', 'collects'),
    'ours.yml': OURS.replace('own:', 'collects:'),
  });
  assert.deepEqual(lines, []);
});
