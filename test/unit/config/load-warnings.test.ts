/** What is possible and yet not what anybody wants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../support/config-folder.ts';

const metric = (more: string) => `{query: SELECT 1 AS v, type: gauge, description: D, value: v${more}}`;

const TIMEOUTS: [name: string, targets: string, lines: string[]][] = [
  ['the built-in ones fit', 'targets: {a: {address: h, user: u}}', []],
  [
    "a target's own, against what is built in",
    'targets: {a: {address: h, user: u, scrape_timeout: 2500ms}}',
    [
      'targets.yml:1:36: warning: scrape_timeout is 2.5s (targets.a) and connect_timeout is 3s (built in): a server that does not answer takes the whole scrape; make connect_timeout shorter',
    ],
  ],
  [
    'equal ones, of the defaults: once for all targets',
    'defaults: {user: u, connect_timeout: 10}\ntargets: {a: {address: h}, b: {address: i}}',
    [
      'targets.yml:1:21: warning: scrape_timeout is 10s (built in) and connect_timeout is 10s (defaults): a server that does not answer takes the whole scrape; make connect_timeout shorter',
    ],
  ],
  [
    'of two groups the later counts',
    'groups: {g: {connect_timeout: 20s}, h: {connect_timeout: 2s, scrape_timeout: 1s}}\n' +
      'targets: {a: {address: h, user: u, groups: [g, h]}, b: {address: h, user: u, groups: [h, g]}, c: {address: h, user: u, groups: [h], enabled: false}}',
    [
      'targets.yml:1:14: warning: scrape_timeout is 1s (groups.h) and connect_timeout is 20s (groups.g): a server that does not answer takes the whole scrape; make connect_timeout shorter',
      'targets.yml:1:62: warning: scrape_timeout is 1s (groups.h) and connect_timeout is 2s (groups.h): a server that does not answer takes the whole scrape; make connect_timeout shorter',
    ],
  ],
  [
    "a DSN's",
    'targets: {a: {dsn: "u:secret@tcp(h)/?timeout=30s"}, b: {dsn: "u:secret@tcp(h)/?timeout=30s", connect_timeout: 1s}}',
    [
      'targets.yml:1:15: warning: scrape_timeout is 10s (built in) and connect_timeout is 30s (targets.a.dsn): a server that does not answer takes the whole scrape; make connect_timeout shorter',
    ],
  ],
];
for (const [name, targets, expected] of TIMEOUTS)
  test(`connect_timeout and scrape_timeout: ${name}`, async () => {
    const { lines, result } = await load({
      'targets.yml': `${targets}\nquery_files: [q.yml]\n`,
      'q.yml': `query_sets: {global_status: {metrics: {one: ${metric('')}}}}\n`,
    });
    assert.deepEqual(lines, expected);
    assert.ok(result.ok);
  });

const SWITCHED_OFF: [name: string, set: string, lines: string[]][] = [
  [
    'all of them',
    `{metrics: {one: ${metric(', enabled: false')}}, queries: {two: {query: SELECT 1 AS v, enabled: "false", metrics: {other: {type: gauge, description: D, value: v}}}}}`,
    [
      'q.yml:2:3: warning: every query of the query set "s" is switched off by enabled: false: nothing is asked',
    ],
  ],
  ['one of two', `{metrics: {one: ${metric(', enabled: false')}, two: ${metric('')}}}`, []],
  [
    'none there',
    '{}',
    ['q.yml:2:3: error: the query set "s" has no query: add one below queries or metrics'],
  ],
];
for (const [name, set, expected] of SWITCHED_OFF)
  test(`queries with enabled: false: ${name}`, async () => {
    const { lines } = await load({
      'targets.yml': 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n',
      'q.yml': `query_sets:\n  s: ${set}\n`,
    });
    assert.deepEqual(lines, expected);
  });
