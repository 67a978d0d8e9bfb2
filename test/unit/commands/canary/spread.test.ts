/** Canaries are of all kinds of servers, and stand for those of their kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainOf, planRows } from '../../../../src/commands/canary/plan-rows.ts';
import { expectedSeries, type KnownTarget, spread } from '../../../../src/commands/canary/spread.ts';
import { parseVersion } from '../../../../src/mysql/connect/server-version.ts';

const of = (version: string, ...names: readonly string[]): readonly KnownTarget[] =>
  names.map((name) => ({ name, version: parseVersion(version) }));

const FLEET = [
  ...of('8.0.36', 'a', 'b', 'c', 'd'),
  ...of('8.0.40', 'e'),
  ...of('9.7.4', 'f'),
  ...of('10.11.6-MariaDB', 'g', 'h'),
];
const namesOf = (targets: readonly KnownTarget[]) => targets.map(({ name }) => name).join('');

for (const [most, names] of [
  [1, 'a'],
  [2, 'ag'],
  [3, 'afg'],
  [5, 'abfgh'],
  [6, 'abcfgh'],
  [8, 'abcdefgh'],
  [99, 'abcdefgh'],
] as const)
  test(`${most} of eight`, () => assert.equal(namesOf(spread(FLEET, most)), names));

test('series of those that were not tried', () => {
  const tried = [
    ...of('8.0.36', 'a').map((one) => ({ ...one, series: 10 })),
    ...of('8.0.40', 'e').map((one) => ({ ...one, series: 20 })),
    ...of('10.11.6-MariaDB', 'g').map((one) => ({ ...one, series: 60 })),
    ...of('9.7.4', 'f').map((one) => ({ ...one, series: undefined })),
  ];
  // Five of 8.0 with 15 each, two of 10.11 with 60, and one of 9.7 and two that nobody knows with 30.
  assert.equal(expectedSeries(tried, FLEET, 10), 75 + 120 + 30 + 60);
  assert.equal(expectedSeries([], FLEET, 10), undefined);
});

test('estimates: joins multiply, SELECTs add up', () => {
  const rows = [
    ['1', 't', '10'],
    ['1', 'u', '3'],
    ['2', 'v', '100'],
    [null, '<union1,2>', null],
  ];
  assert.equal(planRows({ columns: ['id', 'table', 'rows'], rows }), 130);
  assert.equal(planRows({ columns: ['id', 'table', 'rows'], rows: [['1', null, null]] }), undefined);
  assert.equal(planRows({ columns: ['EXPLAIN'], rows: [['-> a tree']] }), undefined);
  assert.equal(explainOf('SHOW GLOBAL STATUS'), undefined);
  assert.equal(explainOf(' (select 1)'), 'EXPLAIN FORMAT=TRADITIONAL  (select 1)');
});
