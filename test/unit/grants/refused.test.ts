import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPrivilege } from '../../../src/grants/refused.ts';

/** Errors as MySQL 9.7 and MariaDB 10.11 send them, with the number that the exporter puts behind each. */
const refusals: [errno: number, message: string, needs: string | undefined][] = [
  [
    1227,
    'Access denied; you need (at least one of) the PROCESS privilege(s) for this operation',
    'the privilege PROCESS',
  ],
  [
    1227,
    'Access denied; you need (at least one of) the SUPER, REPLICATION CLIENT privilege(s) for this operation',
    'the privilege SUPER or REPLICATION CLIENT',
  ],
  [
    1142,
    "SELECT command denied to user 'e'@'localhost' for table `mysql`.`user`",
    'the privilege SELECT on table `mysql`.`user`',
  ],
  [
    1143,
    "SELECT command denied to user 'e'@'localhost' for column 'a' in table 't'",
    "the privilege SELECT on column 'a' in table 't'",
  ],
  [
    1370,
    "execute command denied to user 'e'@'%' for routine 'shop.f'",
    "the privilege EXECUTE on routine 'shop.f'",
  ],
  [1044, "Access denied for user 'e'@'%' to database 'mysql'", "a privilege on the database 'mysql'"],
  [1146, "Table 'shop.x' doesn't exist", undefined],
  // A server that speaks another language names the privilege where nobody looks for it.
  [1227, 'Zugriff verweigert', undefined],
  // The number decides, whatever the text says.
  [1064, 'you need (at least one of) the PROCESS privilege(s) (1227)', undefined],
];
for (const [errno, message, needs] of refusals)
  test(`${errno} ${message} needs ${needs}`, () =>
    assert.equal(missingPrivilege({ errno, detail: `${message} (${errno})` }), needs));

test('a failure that is no answer of the server needs no privilege', () =>
  assert.equal(
    missingPrivilege({ detail: 'you need (at least one of) the PROCESS privilege(s) (1227)' }),
    undefined,
  ));
