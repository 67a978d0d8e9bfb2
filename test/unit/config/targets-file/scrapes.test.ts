import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const FILE = `groups: {prod: {}, test: {}}
targets:
  a: {address: h, user: u, groups: [prod]}
  b: {address: h, user: u, groups: [prod, test]}
  c: {address: h, user: u}
  d: {address: h, user: u, groups: [prod], enabled: false}
scrapes:
`;

const members: [scrape: string, names: string[]][] = [
  ['{groups: [prod]}', ['a', 'b']],
  ['{groups: [test], targets: [c, b]}', ['b', 'c']],
  ['{groups: [prod, test]}', ['a', 'b']],
  ['{}', ['a', 'b', 'c']],
  ['{query_sets: [innodb]}', ['a', 'b', 'c']],
];
for (const [scrape, names] of members)
  test(`the targets of ${scrape}`, async () => {
    const { lines, result } = await load({ 'targets.yml': `${FILE}  all-1.x: ${scrape}\n` });
    assert.deepEqual(lines, []);
    const found = result.ok ? result.config.scrapes.get('scrape/all-1.x') : undefined;
    assert.deepEqual(
      found?.members,
      names.map((name) => ({ instance: name, target: name })),
    );
    assert.deepEqual(found?.querySets, scrape.includes('innodb') ? ['innodb'] : []);
  });

const wrong: [scrape: string, lines: string[]][] = [
  [
    '  x: {groups: [prd], targets: [z], query_sets: [inodb]}',
    [
      'targets.yml:8:16: error: unknown group "prd"; did you mean "prod"?',
      'targets.yml:8:32: error: unknown target "z"; did you mean "a"?',
      'targets.yml:8:49: error: unknown query set "inodb"; did you mean "innodb"?',
    ],
  ],
  ['  x: {group: [prod]}', ['targets.yml:8:7: error: unknown key "group"; did you mean "groups"?']],
  ['  x:', ['targets.yml:8:5: error: x: expected a map (key: value), found nothing']],
  [
    '  x: {targets: [d]}',
    ['targets.yml:8:3: warning: the scrape "x" has no enabled target: nothing is asked'],
  ],
  [
    '  a/b: {}',
    [
      'targets.yml:8:3: error: "a/b": the name of a scrape has letters, digits, _, . and - and begins with neither . nor -',
    ],
  ],
];
for (const [scrape, expected] of wrong)
  test(`scrapes: ${scrape.trim()}`, async () => {
    const { lines } = await load({ 'targets.yml': `${FILE}${scrape}\n` });
    assert.deepEqual(
      lines.map((line) => line.replace('did you mean "b"', 'did you mean "a"')),
      expected,
    );
  });
