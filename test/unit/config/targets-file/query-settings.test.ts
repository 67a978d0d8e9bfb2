/** `queries`: which names and values it takes, and what is said of settings that do not fit together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const QUERIES = `
query_sets:
  other: {metrics: {other: {query: SELECT 1 AS v, type: gauge, description: O, value: v}}}
  sizes:
    queries:
      by_table: {query: SELECT 1 AS v, metrics: {tables: {type: gauge, description: A, value: v}}}
      by_schema: {query: SELECT 1 AS v, metrics: {schemas: {type: gauge, description: B, value: v}}}
      by_index: {query: SELECT 1 AS v, enabled: false, metrics: {c: {type: gauge, description: C, value: v}}}
`;

const cases: readonly (readonly [name: string, text: string, lines: readonly string[]])[] = [
  [
    'unknown names',
    'targets:\n  a: {address: h, queries: {size: {}, zzz/x: {}, sizes/by_tabel: {timeout: 1s}}}',
    [
      '4:29: error: unknown query set "size"; did you mean "sizes"?',
      '4:39: error: unknown query set "zzz"; query sets are: other, sizes',
      '4:50: error: "sizes" has no query "by_tabel"; did you mean "by_table"?',
    ],
  ],
  [
    'a query that its file switches off cannot be switched on',
    'targets:\n  a: {address: h, queries: {sizes/by_index: {enabled: true}}}',
    [
      '4:29: error: the query "by_index" of "sizes" is switched off by enabled: false in its query file, so it is not loaded: remove that there',
    ],
  ],
  [
    'wrong keys and values',
    'targets:\n  a: {address: h, queries: {sizes: {interval: 1m, timeout: 0, min_interval: x}, "sizes/": {}, 1x: {}}}',
    [
      '4:37: error: unknown key "interval"; valid keys are enabled, timeout, min_interval, max_rows, max_series',
      '4:60: error: timeout: must be longer than zero, found number 0',
      '4:77: error: min_interval: expected a duration such as 500ms, 5s, 1m30s or 2h (a bare number is seconds), found text "x"',
      '4:81: error: "sizes/": expected the name of a query set, or SET/QUERY for one of its queries',
      '4:95: error: "1x": expected the name of a query set, or SET/QUERY for one of its queries',
    ],
  ],
  [
    'in groups and defaults too',
    'targets: {a: {address: h}}\ngroups: {g: {queries: {sizs: {}}}}',
    ['4:24: error: unknown query set "sizs"; did you mean "sizes"?'],
  ],
  [
    'every query of a set switched off, said once for all targets',
    'groups: {g: {queries: {sizes: {enabled: false}}}}\ntargets: {a: {address: h, groups: [g]}, b: {address: h, groups: [g]}}',
    [
      '3:32: warning: every query of the query set "sizes" is switched off: nothing is asked; leave it out of query_sets',
    ],
  ],
  [
    'a set switched off that is not asked',
    'targets: {a: {address: h, query_sets: [other], queries: {sizes: {enabled: false}}}}',
    [],
  ],
  [
    'a timeout that is longer than the scrape, at the level that wins',
    'groups: {g: {queries: {sizes/by_table: {timeout: 20s}, sizes: {timeout: 5s}}}}\ntargets: {a: {address: h, groups: [g]}}',
    [
      '3:41: warning: timeout is 20s and scrape_timeout is 10s: the query ends with the scrape; make one of them longer or the other shorter',
    ],
  ],
  [
    'a longer timeout of a query that is not asked',
    'targets: {a: {address: h, queries: {sizes/by_table: {timeout: 20s, enabled: false}}}}',
    [],
  ],
  [
    'a longer timeout with a longer scrape, and a target that is off',
    'targets: {a: {address: h, scrape_timeout: 30s, queries: {sizes: {timeout: 20s}}}, b: {address: h, enabled: false, queries: {sizes: {timeout: 20s}}}}',
    [],
  ],
];
for (const [name, text, expected] of cases)
  test(`queries: ${name}`, async () => {
    const { lines } = await load({
      'targets.yml': `query_files: [q.yml]\ndefaults: {user: u, query_sets: [sizes]}\n${text}\n`,
      'q.yml': QUERIES,
    });
    assert.deepEqual(
      lines,
      expected.map((line) => `targets.yml:${line}`),
    );
  });

test('a set that comes with the program and is not loaded: what to add', async () => {
  const { lines } = await load({
    'targets.yml': `query_files: [q.yml]
defaults: {user: u, query_sets: [global_status], params: {heartbeat: {}}, queries: {global_status: {timeout: 1s}}}
targets: {a: {address: h, query_sets: [globl_status]}}
scrapes: {s: {query_sets: [slave_status]}}
`,
    'q.yml': QUERIES,
  });
  const added = 'it comes with the program: add builtin to query_files';
  assert.deepEqual(lines, [
    `targets.yml:2:34: error: unknown query set "global_status"; ${added}`,
    `targets.yml:2:59: error: unknown query set "heartbeat"; ${added}`,
    `targets.yml:2:85: error: unknown query set "global_status"; ${added}`,
    `targets.yml:3:40: error: unknown query set "globl_status"; did you mean "global_status"? It comes with the program: add builtin to query_files`,
    `targets.yml:4:28: error: unknown query set "slave_status"; ${added}`,
  ]);
});
