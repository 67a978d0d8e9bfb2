import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPINGS, type Grouping } from '../../../../src/model/metric.ts';
import { groupBy } from '../../../../src/query-set/rows/grouping.ts';

/** What 3, -1, 7 and 2 become. */
const JOINED: Readonly<Record<Grouping, number>> = { sum: 11, count: 4, max: 7, last: 2 };

for (const grouping of GROUPINGS)
  test(`${grouping}: numbers with equal labels become one, in the order of the labels`, () => {
    const { add, results } = groupBy(grouping);
    for (const value of [3, -1, 7, 2]) {
      add('b', value);
      add('a', 2);
    }
    assert.deepEqual([...results()][0], ['b', JOINED[grouping]]);
    assert.deepEqual([...results().keys()], ['b', 'a']);
  });

test('the largest of negative numbers is negative', () => {
  const { add, results } = groupBy('max');
  for (const value of [-3, -1, -7]) add('', value);
  assert.deepEqual([...results()], [['', -1]]);
});

test('groups that are there without a row are 0', () => {
  const { add, results } = groupBy('count', ['a', 'b']);
  add('b', 1);
  assert.deepEqual(
    [...results()],
    [
      ['a', 0],
      ['b', 1],
    ],
  );
});
