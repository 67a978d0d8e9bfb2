import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

/** What a query file with one metric is told, without places. */
async function advice(name: string, type = 'gauge', more = ''): Promise<readonly string[]> {
  const { lines } = await load({
    'targets.yml': 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n',
    'q.yml': `query_sets:\n  s:\n    namespace: ""\n    queries: {q: {query: SELECT 1, metrics: {"${name}": {type: ${type}, description: D, value: v${more}}}}}\n`,
  });
  return lines.map((line) => line.replace(/^q\.yml:4:\d+: warning: /, ''));
}

const cases: [name: string, type: string, lines: string[]][] = [
  ['db_rows', 'gauge', []],
  ['db_requests_total', 'counter', []],
  ['db_transmitted_bytes', 'gauge', []],
  ['db_start_timestamp_seconds', 'gauge', []],
  ['ms_rows', 'gauge', []],
  ['db_requests', 'counter', ['the counter "db_requests" should end in _total']],
  [
    'db_requests_total',
    'gauge',
    ['"db_requests_total" ends in _total, which is for counters: make it a counter or leave _total out'],
  ],
  ...['_count', '_sum', '_bucket'].map((suffix): [string, string, string[]] => [
    `db_rows${suffix}`,
    'gauge',
    [
      `"db_rows${suffix}" ends in ${suffix}, which belongs to histograms and summaries: choose another ending`,
    ],
  ]),
  ['db_lag_minutes', 'gauge', ['"db_lag_minutes" is in minutes: use the base unit seconds']],
  ['db_lag_milliseconds', 'gauge', ['"db_lag_milliseconds" is in milliseconds: use the base unit seconds']],
  ['db_size_kilobytes', 'gauge', ['"db_size_kilobytes" is in kilobytes: use the base unit bytes']],
  ['db_lag_ms', 'gauge', ['"db_lag_ms" abbreviates a unit: write seconds instead of ms, or another word']],
  ['db_mb_used', 'gauge', ['"db_mb_used" abbreviates a unit: write bytes instead of mb, or another word']],
  ['db_rows_gauge', 'gauge', ['"db_rows_gauge" has its type in the name: leave "gauge" out']],
  ['db:rows', 'gauge', ['"db:rows" has a colon, which is for recording rules: use _']],
  ['db_openTables', 'gauge', ['"db_openTables" is written in camelCase: write db_open_tables']],
];
for (const [name, type, lines] of cases)
  test(`${type} ${name}`, async () => assert.deepEqual(await advice(name, type), lines));

test('labels', async () => {
  assert.deepEqual(await advice('db_rows', 'gauge', ', labels: [tableName, {column: aB, as: c}]'), [
    'the label "tableName" is written in camelCase: write table_name',
  ]);
});
