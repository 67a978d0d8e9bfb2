import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unite } from '../../../src/model/facts.ts';

test('united wishes name each fact once, and are equal in any order', () => {
  const a = { variables: ['b', 'a'], tables: ['s.t'] };
  const b = { variables: ['a', 'c'], columns: ['s.t.c'] };
  const { key, ...united } = unite([a, undefined, b]) ?? { key: '' };
  assert.deepEqual(united, { variables: ['a', 'b', 'c'], tables: ['s.t'], columns: ['s.t.c'], roles: [] });
  assert.equal(unite([b, a, b])?.key, key);
  assert.notEqual(unite([a])?.key, key);
});

test('wishes that name nothing are none', () => {
  for (const wishes of [[], [undefined], [{}], [{ variables: [], tables: [], columns: [] }]])
    assert.equal(unite(wishes), undefined);
});
