import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grants } from '../../../src/grants/held.ts';

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

const reaches = [
  { lines: MYSQL, privilege: 'PROCESS', reach: 'everywhere' },
  { lines: MYSQL, privilege: 'replication client', reach: 'everywhere' },
  { lines: MYSQL, privilege: 'SELECT', reach: 'partly' },
  { lines: MYSQL, privilege: 'UPDATE', reach: 'partly' },
  { lines: MYSQL, privilege: 'SUPER', reach: 'nowhere' },
  { lines: MARIADB, privilege: 'PROCESS', reach: 'everywhere' },
  { lines: MARIADB, privilege: 'REPLICATION CLIENT', reach: 'everywhere' },
  { lines: MARIADB, privilege: 'REPLICA MONITOR', reach: 'everywhere' },
  { lines: MARIADB, privilege: 'SELECT', reach: 'partly' },
  { lines: ['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`'], privilege: 'PROCESS', reach: 'everywhere' },
  { lines: ['GRANT USAGE ON *.* TO `e`@`%`'], privilege: 'PROCESS', reach: 'nowhere' },
] as const;
for (const { lines, privilege, reach } of reaches)
  test(`${privilege} is held ${reach} by ${lines[0]}`, () =>
    assert.equal(new Grants(lines).reach(privilege), reach));

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
];
for (const [lines, privilege, place, has] of places)
  test(`${privilege} on ${place} is ${has ? '' : 'not '}held by ${lines[0]} ...`, () => {
    const [schema = '', table = ''] = place.split('.');
    assert.equal(new Grants(lines).has({ privilege, schema, table }), has);
  });

test('the account', () => {
  assert.equal(new Grants(MYSQL).account, '`e`@`%`');
  assert.equal(new Grants(MARIADB).account, '`odd ``name`@`%`');
  assert.equal(new Grants(['nonsense', 'GRANT `role` TO `e`@`%`']).account, undefined);
});
