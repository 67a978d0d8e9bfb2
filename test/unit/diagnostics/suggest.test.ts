import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintFor, nearestName } from '../../../src/diagnostics/suggest.ts';

const cases: [string, string | undefined][] = [
  ['query_timout', 'query_timeout'],
  ['Query_Timeout', 'query_timeout'],
  ['adress', 'address'],
  ['completely_else', undefined],
  ['x', undefined],
  ['x'.repeat(10_000), undefined],
];
for (const [wrong, near] of cases)
  test(`nearest to ${wrong.slice(0, 20)}`, () =>
    assert.equal(nearestName(wrong, ['address', 'query_timeout', 'scrape_timeout']), near));

test('a hint names what there is when nothing is near', () => {
  assert.equal(hintFor('zzz', ['prod', 'lab'], 'groups'), '; groups are: prod, lab');
  assert.equal(hintFor('zzz', [], 'groups'), '; there are no groups');
});
