/** The cost of every shipped set is what was measured, and every query was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredClass, readCosts } from '../../../bench/costs/measured.ts';
import { loadShippedSets } from '../../../src/config/load.ts';

const sets = [...(await loadShippedSets()).values()];
const measured = await readCosts();

test('every shipped query was measured, or neither server has anything for it: npm run costs', () => {
  const known = [...new Set([...measured.costs.map(({ query }) => query), ...measured.notAsked])].sort();
  const shipped = sets.flatMap(({ name, queries }) => queries.map((query) => `${name}/${query.name}`));
  assert.deepEqual(known, shipped.sort());
});

test('the cost of every set is the class that was measured', () => {
  const declared = sets.map(({ cost = 'cheap', name }) => [name, cost]);
  const found = sets.map(({ cost = 'cheap', name }) => [name, measuredClass(measured, name) ?? cost]);
  assert.deepEqual(declared, found);
});
