import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeenBefore } from '../../../src/exposition/seen-before.ts';

const is = (one: number) => (other: number) => one === other;

test('those that begin alike: the one that has not come for longest makes room', () => {
  const seen = new SeenBefore<object, number>(1_000);
  const beginning = {};
  for (let n = 0; n < 16; n++) seen.add(beginning, n);
  assert.equal(seen.find(beginning, is(0)), 0);
  seen.add(beginning, 16);
  assert.equal(seen.find(beginning, is(1)), undefined);
  assert.deepEqual(
    [0, 2, 16].map((n) => seen.find(beginning, is(n))),
    [0, 2, 16],
  );
  assert.equal(seen.find({}, is(0)), undefined);
});

test('with many beginnings there are no more of them all together', () => {
  const seen = new SeenBefore<object, number>(10);
  const beginnings = Array.from({ length: 30 }, () => ({}));
  for (const [n, beginning] of beginnings.entries()) {
    seen.add(beginning, n);
    assert.equal(seen.find(beginnings[0]!, is(0)), 0); // comes all the time, and stays
  }
  const found = beginnings.filter((beginning, n) => seen.find(beginning, is(n)) !== undefined);
  assert.deepEqual(
    found.map((beginning) => beginnings.indexOf(beginning)),
    [0, 21, 22, 23, 24, 25, 26, 27, 28, 29],
  );
});
