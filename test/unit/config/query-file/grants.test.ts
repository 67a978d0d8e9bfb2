/** `grants` of query files: what may stand there, and what it comes to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantsOfSet, grantsOnVersion, uniqueGrants } from '../../../../src/grants/needed.ts';
import type { Flavour, ParamValue } from '../../../../src/model/query-set.ts';
import { load } from '../../../support/config-folder.ts';

const TARGETS = 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';
const HEAD =
  'query_sets:\n  s:\n    params: {db: {type: identifier, default: hb}, more: {type: boolean, default: false}}\n    metrics:\n';
const PLAIN = 'query_sets:\n  s:\n    metrics:\n';

const metric = (name: string, keys: string) =>
  `      ${name}: {query: SELECT 1 AS v, type: gauge, description: D, value: v, ${keys}}\n`;

async function loadSet(text: string) {
  const { lines, result } = await load({ 'targets.yml': TARGETS, 'q.yml': text });
  return { lines, set: result.ok ? result.config.querySets.get('s') : undefined };
}

const grant = (text: string) => {
  const [privilege = '', place = '*.*'] = text.split(' ON ');
  const [schema = '', table = ''] = place.split('.');
  return { privilege, schema, table };
};
const texts = (grants: readonly ReturnType<typeof grant>[]) =>
  grants.map(({ privilege, schema, table }) => `${privilege} ON ${schema}.${table}`);

const good: [name: string, file: string, mysql: string[], mariadb: string[]][] = [
  ['none', PLAIN + metric('x', 'grants: []'), [], []],
  ['a list is for both', PLAIN + metric('x', 'grants: [PROCESS]'), ['PROCESS ON *.*'], ['PROCESS ON *.*']],
  [
    'places',
    PLAIN + metric('x', 'grants: [SELECT ON performance_schema.*, SELECT ON shop.t, PROCESS ON *.*]'),
    ['PROCESS ON *.*', 'SELECT ON performance_schema.*', 'SELECT ON shop.t'],
    ['PROCESS ON *.*', 'SELECT ON performance_schema.*', 'SELECT ON shop.t'],
  ],
  [
    'a list for each',
    PLAIN + metric('x', 'grants: {mysql: [REPLICATION CLIENT], mariadb: [SLAVE MONITOR]}'),
    ['REPLICATION CLIENT ON *.*'],
    ['SLAVE MONITOR ON *.*'],
  ],
  ['a list for one', PLAIN + metric('x', 'grants: {mysql: [BACKUP_ADMIN]}'), ['BACKUP_ADMIN ON *.*'], []],
  [
    'nothing where it is not asked',
    PLAIN + metric('x', 'grants: [REPLICATION SLAVE], requires: {flavour: mysql}'),
    ['REPLICATION SLAVE ON *.*'],
    [],
  ],
  [
    'nothing where no variant is',
    `query_sets: {s: {queries: {q: {variants: [{when: {flavour: mariadb}, query: SELECT 1 AS v}], grants: [SLAVE MONITOR], metrics: {x: {type: gauge, description: D, value: v}}}}}}`,
    [],
    ['SLAVE MONITOR ON *.*'],
  ],
  [
    'all queries together, the narrower within the wider',
    PLAIN +
      metric('x', 'grants: [SELECT ON shop.t, SELECT ON shop.*]') +
      metric('n', 'grants: [SELECT ON shop.u, PROCESS]') +
      metric('o', 'grants: [PROCESS]'),
    ['PROCESS ON *.*', 'SELECT ON shop.*'],
    ['PROCESS ON *.*', 'SELECT ON shop.*'],
  ],
];
for (const [name, file, mysql, mariadb] of good)
  test(name, async () => {
    const { lines, set } = await loadSet(file);
    assert.deepEqual(lines, []);
    assert.ok(set);
    const needed = (flavour: Flavour) => texts(grantsOfSet(set, flavour));
    assert.deepEqual([needed('mysql'), needed('mariadb')], [mysql, mariadb]);
  });

test('a parameter as the place, and one that switches a query', async () => {
  const { lines, set } = await loadSet(
    HEAD +
      metric('x', 'grants: ["SELECT ON :db.*"]') +
      metric('n', 'grants: [PROCESS, "SELECT ON shop.:db"], only_if: more'),
  );
  assert.deepEqual(lines, []);
  const needed = (values?: Record<string, ParamValue>) =>
    set && texts(grantsOfSet(set, 'mysql', values)).sort();
  assert.deepEqual(needed(), ['SELECT ON hb.*']);
  assert.deepEqual(needed({ db: 'a.b', more: true }), [
    'PROCESS ON *.*',
    'SELECT ON a.b.*',
    'SELECT ON shop.a.b',
  ]);
});

const FORM = 'expected a privilege in capitals, such as PROCESS or SELECT ON performance_schema.*';
const wrong: [grants: string, message: string][] = [
  ['[process]', `error: grants[0]: ${FORM}, found text "process"`],
  ['[SELECT on shop.t]', `error: grants[0]: ${FORM}, found text "SELECT on shop.t"`],
  ['[SELECT ON shop]', `error: grants[0]: ${FORM}, found text "SELECT ON shop"`],
  ['["SELECT ON *.t"]', `error: grants[0]: ${FORM}, found text "SELECT ON *.t"`],
  ['["SELECT ON a.* ON b.*"]', `error: grants[0]: ${FORM}, found text "SELECT ON a.* ON b.*"`],
  ['["SELECT ON a.*; DROP"]', `error: grants[0]: ${FORM}, found text "SELECT ON a.*; DROP"`],
  [
    'PROCESS',
    'error: grants: expected a list of privileges, or {mysql: [...], mariadb: [...]}, found text "PROCESS"',
  ],
  ['{percona: [PROCESS]}', 'error: unknown key "percona"; valid keys are mysql, mariadb'],
  ['{mysql: [process]}', `error: mysql[0]: ${FORM}, found text "process"`],
  [
    '[SELECT ON information_schema.*]',
    'error: nothing can be granted on information_schema: name what its table depends on, such as PROCESS',
  ],
  ['[PROCESS ON shop.*]', 'error: PROCESS is for the whole server: write it without ON shop.*'],
  ['[PROCES]', 'warning: the privilege "PROCES" is not known; did you mean "PROCESS"?'],
  ['[SOMETHING_ADMIN]', 'warning: the privilege "SOMETHING_ADMIN" is not known'],
  [
    '[SLAVE MONITOR]',
    'warning: MySQL has no privilege SLAVE MONITOR: write grants as {mysql: [...], mariadb: [...]}',
  ],
  [
    '{mariadb: [SHOW_ROUTINE]}',
    'warning: MariaDB has no privilege SHOW_ROUTINE: write grants as {mysql: [...], mariadb: [...]}',
  ],
  [
    '["SELECT ON :nowhere.*"]',
    'error: the query "x" has grants on "nowhere", which is no parameter of the set; there are no parameters',
  ],
];
for (const [grants, message] of wrong)
  test(`${grants} is wrong`, async () => {
    const { lines } = await loadSet(PLAIN + metric('x', `grants: ${grants}`));
    assert.deepEqual(
      lines.map((line) => line.replace(/^q\.yml:\d+:\d+: /, '')),
      [message],
    );
  });

test('the place must be an identifier', async () => {
  const { lines } = await loadSet(
    HEAD + metric('x', 'grants: ["SELECT ON :db.*", "SELECT ON :more.*"]') + metric('n', 'only_if: more'),
  );
  assert.deepEqual(lines, [
    'q.yml:5:100: error: the query "x" has grants on "more", which must be identifier for that, not boolean',
  ]);
});

test('an error stands where it is', async () => {
  const { lines } = await loadSet(PLAIN + metric('x', 'grants: [PROCESS, PROCESS ON shop.*]'));
  assert.match(lines[0] ?? '', /^q\.yml:4:90: error: PROCESS is for the whole server/);
});

test('MariaDB before 10.5 has the old names', () => {
  const grants = ['BINLOG MONITOR', 'REPLICATION MASTER ADMIN', 'SLAVE MONITOR'].map(grant);
  const on = (flavour: Flavour, major: number, minor: number) =>
    texts(grantsOnVersion(grants, { flavour, major, minor }));
  const old = ['REPLICATION CLIENT ON *.*', 'REPLICATION SLAVE ON *.*'];
  assert.deepEqual(on('mariadb', 10, 4), old);
  assert.deepEqual(on('mariadb', 5, 5), old);
  assert.deepEqual(on('mariadb', 10, 5), texts(grants));
  assert.deepEqual(on('mariadb', 11, 4), texts(grants));
  assert.deepEqual(on('mysql', 8, 0), texts(grants));
});

test('each once, and none within another', () => {
  const grants = ['SELECT ON b.t', 'SELECT ON b.*', 'INSERT ON b.t', 'SELECT ON b.t', 'SELECT ON a.t'];
  assert.deepEqual(texts(uniqueGrants(grants.map(grant))), [
    'SELECT ON a.t',
    'SELECT ON b.*',
    'INSERT ON b.t',
  ]);
  assert.deepEqual(texts(uniqueGrants([...grants, 'SELECT'].map(grant))), ['SELECT ON *.*', 'INSERT ON b.t']);
});
