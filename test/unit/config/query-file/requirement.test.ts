/** What a query requires comes on top of what its set requires, and together they must be possible. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const TARGETS = 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';
const file = (set: string, query: string) => `query_sets:
  s:
    requires: {${set}}
    metrics:
      size: {query: SELECT 1 AS v, type: gauge, description: D, value: v, requires: {${query}}}
`;

const joined: readonly (readonly [set: string, query: string, requirement: object])[] = [
  ['min_version: "8.0"', 'min_version: "5.7"', { minVersion: [8, 0] }],
  ['min_version: "10.2"', 'min_version: "10.11"', { minVersion: [10, 11] }],
  ['max_version: "9.0"', 'max_version: "10"', { maxVersion: [9, 0] }],
  [
    'max_version: "9.0", min_version: "5"',
    'max_version: "8.4.1"',
    { minVersion: [5], maxVersion: [8, 4, 1] },
  ],
  ['flavour: mysql', 'min_version: "8"', { flavour: 'mysql', minVersion: [8] }],
  ['flavour: mysql', 'flavour: mysql', { flavour: 'mysql' }],
  ['variables: {A: [x, y, z]}', 'variables: {a: [Z, y]}', { variables: { a: ['z', 'y'] } }],
  ['variables: {log_bin: true}', 'variables: {log_bin: 1}', { variables: { log_bin: ['1'] } }],
  ['variables: {a: 1}', 'variables: {b: 2}', { variables: { a: ['1'], b: ['2'] } }],
  ['tables: [a.b, a.c]', 'tables: [a.c, a.d]', { tables: ['a.b', 'a.c', 'a.d'] }],
];
for (const [set, query, expected] of joined)
  test(`{${set}} and {${query}}`, async () => {
    const { lines, result } = await load({ 'targets.yml': TARGETS, 'q.yml': file(set, query) });
    assert.ok(result.ok, lines.join('\n'));
    const { requires = {} } = result.config.querySets.get('s')?.queries[0] ?? {};
    const said = Object.entries(requires).filter(
      ([, value]) => value !== undefined && Object.keys(value).length > 0,
    );
    assert.deepEqual(Object.fromEntries(said), expected);
  });

const wrong: readonly (readonly [set: string, query: string, line: string])[] = [
  [
    'flavour: mysql',
    'flavour: mariadb',
    'q.yml:5:86: error: the set requires mysql and this query mariadb: no server is both',
  ],
  [
    'min_version: "8.0"',
    'max_version: "5.7"',
    'q.yml:5:86: error: the set requires versions from 8.0 on and this query those before 5.7: no version is both',
  ],
  [
    'max_version: "8.0"',
    'min_version: "8.0.0"',
    'q.yml:5:86: error: the set requires versions before 8.0 and this query those from 8.0.0 on: no version is both',
  ],
  [
    'when_role: [primary]',
    'when_role: [replica]',
    'q.yml:5:86: error: the set requires a primary and this query a replica: no server is both',
  ],
  [
    'variables: {log_bin: true}',
    'variables: {log_bin: false}',
    'q.yml:5:86: error: the set requires log_bin = on or 1 and this query off or 0: no server has both',
  ],
  [
    'min_version: "8.0", max_version: "5.7"',
    'min_version: "8.4"',
    'q.yml:3:36: error: no version is from 8.0 on and before 5.7: raise max_version, or lower min_version',
  ],
  [
    'flavour: mysql',
    'min_version: "8", max_version: "8.0"',
    'q.yml:5:104: error: no version is from 8 on and before 8.0: raise max_version, or lower min_version',
  ],
];
for (const [set, query, line] of wrong)
  test(`{${set}} and {${query}} are for no server`, async () =>
    assert.deepEqual((await load({ 'targets.yml': TARGETS, 'q.yml': file(set, query) })).lines, [line]));
