import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Grants } from '../../../src/grants/held.ts';
import { cpuOf } from '../../support/cpu-time.ts';

/** Lines as MySQL 9.7 and MariaDB 10.11 answer them. */
const MYSQL = [
  'GRANT PROCESS, REPLICATION CLIENT ON *.* TO `e`@`%`',
  'GRANT SELECT ON `shop`.* TO `e`@`%`',
  'GRANT INSERT, UPDATE (`a`, `b`) ON `shop`.`t` TO `e`@`%`',
  'GRANT `role`@`%` TO `e`@`%`',
];
const MARIADB = [
  'GRANT `role` TO `odd ``name`@`%`',
  "GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO `odd ``name`@`%` IDENTIFIED BY PASSWORD '*AA'",
  'GRANT SELECT ON `odd name`.* TO `odd ``name`@`%` WITH GRANT OPTION',
  'GRANT PROCESS ON *.* TO `role`',
  'SET DEFAULT ROLE `role` FOR `e`@`%`',
];

/** For what a query asks of the whole server. */
const everywhere: [lines: readonly string[], privilege: string, has: boolean, chosen?: readonly string[]][] =
  [
    [MYSQL, 'PROCESS', true],
    [MYSQL, 'replication client', true],
    [MYSQL, 'SELECT', true, ['`shop`.*']],
    [MYSQL, 'UPDATE', false],
    [MYSQL, 'SUPER', false],
    [MARIADB, 'PROCESS', true],
    [MARIADB, 'REPLICATION CLIENT', true],
    [MARIADB, 'REPLICA MONITOR', true],
    [MARIADB, 'SELECT', true, ['`odd name`.*']],
    [['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`'], 'PROCESS', true],
    [['GRANT USAGE ON *.* TO `e`@`%`'], 'PROCESS', false],
    // What all accounts have, and what is about the server, tells nothing of the schemas that a query is for.
    [['GRANT USAGE ON *.* TO `e`@`%`', 'GRANT SELECT ON `test`.* TO PUBLIC'], 'SELECT', false],
    [['GRANT SELECT ON `performance_schema`.* TO `e`@`%`'], 'SELECT', false],
    [['GRANT SELECT ON `performance\\_schema`.* TO `e`@`%`'], 'SELECT', false],
    [['GRANT SELECT ON `mysql`.`user` TO `e`@`%`'], 'SELECT', false],
    [['GRANT SELECT ON `shop`.`orders` TO `e`@`%`'], 'SELECT', false],
    [['GRANT SELECT ON *.* TO PUBLIC'], 'SELECT', true],
  ];
for (const [lines, privilege, has, chosen = []] of everywhere)
  test(`${privilege} is ${has ? '' : 'not '}held for the server by ${lines.at(-1)}`, () => {
    const grants = new Grants(lines);
    const needed = { privilege, schema: '*', table: '*' };
    assert.equal(grants.has(needed), has);
    assert.deepEqual(grants.chosenPlaces(needed), chosen);
  });

const places: [lines: readonly string[], privilege: string, place: string, has: boolean][] = [
  [MYSQL, 'PROCESS', '*.*', true],
  [MYSQL, 'SELECT', '*.*', true],
  [MYSQL, 'SELECT', 'shop.*', true],
  [MYSQL, 'SELECT', 'shop.orders', true],
  [MYSQL, 'SELECT', 'performance_schema.*', false],
  [MYSQL, 'INSERT', 'shop.t', true],
  [MYSQL, 'INSERT', 'shop.u', false],
  [MYSQL, 'INSERT', 'shop.*', false],
  [MYSQL, 'EVENT', 'shop.*', false],
  [MARIADB, 'SELECT', 'odd name.t', true],
  [['GRANT SELECT ON *.* TO `e`@`%`'], 'SELECT', 'performance_schema.*', true],
  [['GRANT ALL PRIVILEGES ON `shop`.* TO `e`@`%`'], 'SELECT', 'shop.t', true],
  [['GRANT SELECT ON `a``b`.`c` TO `e`@`%`'], 'SELECT', 'a`b.c', true],
  [['GRANT SELECT ON "shop"."t" TO "e"@"%"'], 'SELECT', 'shop.t', true],
  // The name of a schema is a pattern there.
  [['GRANT SELECT ON `sh_p%`.* TO `e`@`%`'], 'SELECT', 'shop_eu.t', true],
  [['GRANT SELECT ON `sh\\_p`.* TO `e`@`%`'], 'SELECT', 'shop.t', false],
  [['GRANT SELECT ON `sh\\_p`.* TO `e`@`%`'], 'SELECT', 'sh_p.t', true],
  [['GRANT SELECT ON `a.c`.* TO `e`@`%`'], 'SELECT', 'abc.*', false],
  [['GRANT SELECT ON `%a%b%`.* TO `e`@`%`'], 'SELECT', 'xaab.*', true],
  [['GRANT SELECT ON `%a%b_`.* TO `e`@`%`'], 'SELECT', 'xaab.*', false],
  [['GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `e`@`%`'], 'EXECUTE', 'shop.p', true],
];
for (const [lines, privilege, place, has] of places)
  test(`${privilege} on ${place} is ${has ? '' : 'not '}held by ${lines[0]} ...`, () => {
    const [schema = '', table = ''] = place.split('.');
    assert.equal(new Grants(lines).has({ privilege, schema, table }), has);
  });

const roles: [lines: readonly string[], active: string | undefined, activations: readonly string[]][] = [
  [MYSQL, 'NONE', ['SET DEFAULT ROLE `role`@`%` TO `e`@`%`;']],
  [MYSQL, '`role`@`%`', []],
  [MYSQL, undefined, []],
  [
    ['GRANT USAGE ON *.* TO `e`@`%`', 'GRANT `a`@`%`,`b,c`@`%` TO `e`@`%` WITH ADMIN OPTION'],
    '`a`@`%`',
    ['SET DEFAULT ROLE `b,c`@`%` TO `e`@`%`;'],
  ],
  [MARIADB, 'NONE', ['SET DEFAULT ROLE `role` FOR `odd ``name`@`%`;']],
  [MARIADB, 'role', []],
  // A role that another one has comes with it.
  [['GRANT `a` TO `e`@`%`', 'GRANT USAGE ON *.* TO `e`@`%`', 'GRANT `b` TO `a`'], 'a', []],
];
for (const [lines, active, activations] of roles)
  test(`roles of ${lines[0]} with ${active} active`, () =>
    assert.deepEqual(new Grants(lines, active).activations, activations));

test('no line of a server takes long', () => {
  const startedAt = performance.now();
  for (const part of ['`a`,', ' ON ', ' TO ', '(', '`', '``', '`.`', ',', "'", 'a@', '%', '`a`.`'])
    for (const begin of [
      'GRANT ',
      'GRANT SELECT ON ',
      'GRANT SELECT ON `',
      'GRANT SELECT ON *.* TO ',
      'GRANT `',
    ]) {
      const lines = ['GRANT USAGE ON *.* TO `e`@`%`', `${begin}${part.repeat(16_000 / part.length)}`];
      assert.ok(new Grants(lines, 'NONE').activations.length >= 0);
    }
  const pattern = `GRANT SELECT ON \`${'%a'.repeat(5_000)}b\`.* TO \`e\`@\`%\``;
  const schema = 'a'.repeat(64);
  assert.ok(!new Grants([pattern]).has({ privilege: 'SELECT', schema, table: '*' }));
  assert.ok(performance.now() - startedAt < 10_000);
});

test('the account', () => {
  assert.equal(new Grants(['GRANT SELECT ON `test`.* TO PUBLIC', ...MYSQL]).account, '`e`@`%`');
  assert.equal(new Grants(MARIADB).account, '`odd ``name`@`%`');
  assert.equal(new Grants(['nonsense', 'GRANT `role` TO `e`@`%`']).account, undefined);
});

const hasSchema = (pattern: string, schema: string): boolean =>
  new Grants([`GRANT SELECT ON \`${pattern}\`.* TO \`e\`@\`%\``]).has({
    privilege: 'SELECT',
    schema,
    table: '*',
  });

/** As LIKE is defined, one letter after the other. */
function isLike(text: string, pattern: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('%'))
    return isLike(text, pattern.slice(1)) || (text !== '' && isLike(text.slice(1), pattern));
  const isEscaped = /^\\[\\_%]/.test(pattern);
  const one = pattern.charAt(isEscaped ? 1 : 0);
  const fits = text !== '' && ((one === '_' && !isEscaped) || text.startsWith(one));
  return fits && isLike(text.slice(1), pattern.slice(isEscaped ? 2 : 1));
}

test('a schema is compared as LIKE compares', () => {
  const letters = (...units: string[]) =>
    fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      letters('a', 'b', '%', '_', '\\%', '\\_', '\\\\'),
      letters('a', 'b', '_', '%', '\\'),
      (pattern, schema) => {
        assert.equal(hasSchema(pattern, schema), isLike(schema, pattern));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('many % in the name of a schema, and many such names, are a matter of moments', async () => {
  const schema = `${'a'.repeat(63)}b`;
  const lines = ['%'.repeat(16), '%a'.repeat(16), '%_'.repeat(60), '%a'.repeat(8_000)].flatMap((pattern) =>
    Array.from({ length: 1_000 }, () => `GRANT SELECT, SELECT, SELECT ON \`${pattern}c\`.* TO \`e\`@\`%\``),
  );
  const { cpuMs, value } = await cpuOf(() =>
    new Grants(lines).has({ privilege: 'SELECT', schema, table: '*' }),
  );
  assert.equal(value, false);
  assert.ok(cpuMs < 2_000, `${cpuMs} ms of CPU`);
});
