import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FamilyTable } from '../../../src/query-set/family-table.ts';

/** Finds so many names with this beginning, and says how many it was given. */
function find(discover: ReturnType<FamilyTable['share']>, prefix: string, many: number): number {
  const names = Array.from({ length: many }, (_, i) => discover(`${prefix}${i}`, 'gauge', 'H'));
  return names.filter((family) => family !== undefined).length;
}

test('each name is one object, whoever asks for it', () => {
  const table = new FamilyTable();
  const [a, b] = [table.share(), table.share()];
  const found = a('m', 'gauge', 'First.');
  assert.deepEqual(found, { name: 'm', type: 'gauge', help: 'First.' });
  assert.equal(b('m', 'counter', 'Second.'), found);
  assert.equal(table.define('m', 'counter', 'Third.'), found);
});

test('a query that has used up its share keeps what it has', () => {
  const table = new FamilyTable();
  const discover = table.share();
  assert.equal(find(discover, 'x', 5_001), 5_000);
  assert.equal(find(discover, 'y', 10), 0);
  assert.equal(find(discover, 'x', 5_001), 5_000);
  assert.equal(discover('defined', 'gauge', 'H'), undefined);
  table.define('defined', 'gauge', 'H');
  assert.ok(discover('defined', 'gauge', 'H'));
});

test('names that another query has found cost nothing', () => {
  const table = new FamilyTable();
  const [a, b] = [table.share(), table.share()];
  assert.equal(find(a, 'x', 5_000), 5_000);
  assert.equal(find(b, 'x', 5_000), 5_000);
  assert.equal(find(b, 'y', 6_000), 5_000);
});

test('what no server may name', () => {
  const table = new FamilyTable();
  table.define('query_seconds', 'histogram', 'H');
  const discover = table.share();
  assert.equal(discover('mysql_up', 'gauge', 'H'), undefined);
  // A histogram has no sample without a suffix.
  assert.equal(discover('query_seconds', 'gauge', 'H'), undefined);
  table.define('statement_seconds', 'summary', 'H');
  // Theirs are the series with these names, and one answer cannot have both.
  for (const name of [
    'query_seconds_bucket',
    'query_seconds_sum',
    'query_seconds_count',
    'statement_seconds_sum',
  ])
    assert.equal(discover(name, 'gauge', 'H'), undefined, name);
  assert.ok(discover('statement_seconds_bucket', 'gauge', 'H'));
});
