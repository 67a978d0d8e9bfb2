import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FamilyTable } from '../../../src/query-set/family-table.ts';

test('a name that is defined is one object, whoever asks for it', () => {
  const table = new FamilyTable();
  const defined = table.define('m', 'gauge', 'First.');
  assert.deepEqual(defined, { name: 'm', type: 'gauge', help: 'First.' });
  assert.equal(table.define('m', 'counter', 'Second.'), defined);
  assert.equal(table.discovery()('m', 'counter', 'Third.'), defined);
});

test('a name from data is one object as long as its type and help are the same', () => {
  const discover = new FamilyTable().discovery();
  const found = discover('m', 'gauge', 'First.');
  assert.equal(discover('m', 'gauge', 'First.'), found);
  assert.deepEqual(discover('m', 'counter', 'First.'), { name: 'm', type: 'counter', help: 'First.' });
});

test('names from data have no end, and those of one query are nothing to another', () => {
  const table = new FamilyTable();
  const [one, other] = [table.discovery(), table.discovery()];
  for (let i = 0; i < 20_000; i++) assert.ok(one(`x${i}`, 'gauge', 'H'));
  assert.ok(other('y', 'gauge', 'H'));
  assert.equal(table.define('x1', 'counter', 'Defined.').type, 'counter');
});

test('what no server may name', () => {
  const table = new FamilyTable();
  table.define('query_seconds', 'histogram', 'H');
  const discover = table.discovery();
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
