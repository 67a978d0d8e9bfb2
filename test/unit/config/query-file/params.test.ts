/** What is said about parameters: at the line that uses one, and nothing that follows from another error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const targets = (params = '') =>
  `query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]${params}}}\n`;
const set = (params: string, sql: string, keys = '') => `query_sets:
  s:
${params === '' ? '' : `    params: ${params}\n`}    queries:
      q:
        query: ${JSON.stringify(sql)}
        ${keys === '' ? 'metrics: {size: {type: gauge, description: D, value: v}}' : keys}
`;
const SIZE = 'type: gauge, description: D, value: v';

const cases: readonly (readonly [name: string, q: string, lines: readonly string[], params?: string])[] = [
  [
    'a refused declaration is a parameter all the same: in SQL, as a switch, in grants, of a target',
    set(
      '{a: {type: number, default: 1}, b: {type: boolean}, c: {type: identifier, default: 5, x: 1}}',
      'SELECT :a',
      `grants: ["SELECT ON :c.*"]\n        only_if: b\n        metrics: {size: {${SIZE}}}`,
    ),
    [
      'q.yml:3:24: error: type: expected one of integer, string, identifier, list, boolean, found text "number"',
      'q.yml:3:45: error: missing key "default"',
      'q.yml:3:99: error: unknown key "x"; valid keys are type, default, description',
    ],
    ', params: {s: {a: 1, b: true, c: x}}',
  ],
  [
    'a default that is refused',
    set('{a: {type: integer, default: x}}', 'SELECT :a'),
    ['q.yml:3:42: error: default: expected a whole number'],
    ', params: {s: {a: 1}}',
  ],
  [
    'params that are no map',
    set('[a]', 'SELECT :a', `metrics: {size: {${SIZE}, only_if: b}}`),
    ['q.yml:3:13: error: params: expected a map (key: value), found a list'],
    ', params: {s: {a: 1}}',
  ],
  [
    'beside a refused one, a name that is wrong',
    set('{least: {type: number, default: 1}}', 'SELECT :lest'),
    [
      'q.yml:3:28: error: type: expected one of integer, string, identifier, list, boolean, found text "number"',
      'q.yml:6:9: error: the query "q" names :lest, which is no parameter of the set; did you mean "least"?',
      'targets.yml:2:66: error: "s" has no parameter "lest"; did you mean "least"?',
    ],
    ', params: {s: {lest: 1}}',
  ],
  [
    'switches of a metric and a rule',
    set(
      '{on: {type: boolean, default: true}}',
      'SELECT 1',
      `only_if: on\n        metrics:\n          size: {${SIZE}, only_if: onn}\n        key_value:\n          key: k\n          value: v\n          rules:\n            - {match: x, drop: true}\n            - {drop: true, only_if: off}`,
    ),
    [
      'q.yml:9:57: error: the query "q" depends on "onn", which is no parameter of the set; did you mean "on"?',
      'q.yml:15:28: error: the query "q" depends on "off", which is no parameter of the set; parameters are: on',
    ],
  ],
  [
    'grants of one flavour',
    set(
      '{db: {type: identifier, default: d}}',
      'SELECT :db',
      `metrics: {size: {${SIZE}}}\n        grants:\n          mysql: [PROCESS, "SELECT ON :dd.*"]`,
    ),
    [
      'q.yml:9:28: error: the query "q" has grants on "dd", which is no parameter of the set; did you mean "db"?',
    ],
  ],
  [
    'a variant',
    set('{a: {type: integer, default: 1}}', 'SELECT :a').replace(
      'query: "SELECT :a"',
      'variants:\n          - {when: {flavour: mysql}, query: "SELECT :a"}\n          - {query: "SELECT :b"}',
    ),
    ['q.yml:8:14: error: the query "q" names :b, which is no parameter of the set; did you mean "a"?'],
  ],
  [
    'a placeholder in a set without params',
    set('', "SELECT :least, ':no', @x:=1, a::b /* :nor */"),
    [
      'q.yml:5:9: warning: the query "q" names :least, and the set has no params: declare it there, or the server gets :least as it stands',
    ],
  ],
  [
    'a parameter that only a disabled query uses',
    set(
      '{a: {type: integer, default: 1}}',
      'SELECT 1',
      `metrics: {size: {${SIZE}}}\n      off: {enabled: false, query: SELECT :a AS v, metrics: {other: {${SIZE}}}}`,
    ),
    [],
  ],
];
for (const [name, q, lines, params] of cases)
  test(name, async () =>
    assert.deepEqual((await load({ 'targets.yml': targets(params), 'q.yml': q })).lines, lines),
  );
