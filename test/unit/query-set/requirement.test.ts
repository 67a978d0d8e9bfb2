import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerFacts } from '../../../src/model/facts.ts';
import type { Requirement } from '../../../src/model/query-set.ts';
import { unmet, wantedBy } from '../../../src/query-set/requirement.ts';

const FACTS: ServerFacts = {
  flavour: 'mariadb',
  version: [10, 11, 6],
  variables: new Map([
    ['userstat', 'ON'],
    ['log_bin', 'OFF'],
  ]),
  tables: new Set(['shop.orders']),
  columns: new Set(['shop.orders.id']),
  roles: new Set(['replica']),
};

const cases: readonly (readonly [Requirement, string | undefined])[] = [
  [{}, undefined],
  [
    { flavour: 'mariadb', minVersion: [10, 5], maxVersion: [11], variables: { userstat: ['on', '1'] } },
    undefined,
  ],
  [{ tables: ['shop.orders'], columns: ['shop.orders.id'] }, undefined],
  [{ flavour: 'mysql' }, 'flavour: for mysql, and this is mariadb'],
  [{ minVersion: [10, 2] }, undefined],
  [{ minVersion: [10, 11, 6] }, undefined],
  [{ minVersion: [10, 11, 7] }, 'version: from version 10.11.7 on, and this is 10.11.6'],
  [{ maxVersion: [10, 11, 6] }, 'version: for versions before 10.11.6, and this is 10.11.6'],
  [{ variables: { log_bin: ['on'] } }, 'variable: for log_bin = on, and it is "OFF"'],
  [{ variables: { nothing: ['a', 'b'] } }, 'variable: for nothing = a or b, and there is no such variable'],
  [{ tables: ['shop.orders', 'shop.gone'] }, 'table: there is no table shop.gone, or no right to see it'],
  [{ roles: ['primary', 'replica'] }, undefined],
  [{ roles: ['primary'] }, 'role: for a primary, and this is a replica'],
  [{ columns: ['shop.orders.gone'] }, 'column: there is no column shop.orders.gone, or no right to see it'],
];

for (const [requirement, expected] of cases) {
  test(`${JSON.stringify(requirement)}: ${expected ?? 'met'}`, () => {
    const lacking = unmet(requirement, FACTS);
    assert.equal(lacking === undefined ? undefined : `${lacking.reason}: ${lacking.detail}`, expected);
  });
}

test('a role that nobody may see fits nothing', () => {
  const lacking = unmet({ roles: ['primary', 'replica'] }, { ...FACTS, roles: new Set() });
  assert.equal(lacking?.detail, 'for a primary or replica, and nobody may see what this server is');
});

test('each fact is wanted once, and none when flavour and version tell everything', () => {
  assert.equal(wantedBy([{ flavour: 'mysql', minVersion: [8] }, undefined]), undefined);
  const wanted = { variables: ['a', 'b'], tables: ['S.t'], columns: [], roles: ['replica'] };
  assert.deepEqual(
    wantedBy([
      { variables: { a: ['1'] }, tables: ['S.t'], roles: ['replica'] },
      { variables: { a: ['2'], b: ['3'] }, tables: ['S.t'] },
    ]),
    {
      key: JSON.stringify(wanted),
      variables: ['a', 'b'],
      tables: ['S.t'],
      columns: [],
      roles: ['replica'],
    },
  );
});
