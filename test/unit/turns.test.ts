/**
 * Work that would fill turns of the event loop alone gets a bounded part of each, in the order of its waiting.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Turns } from '../../src/turns.ts';
import { stopClock } from '../support/clock.ts';

/** Begins as many pieces as a turn takes in any case. */
const beginLeast = (turns: Turns) => [1, 2, 3, 4].map(() => turns.begin());

test('a turn has time for some milliseconds, and the next one again', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  for (let piece = 0; piece < 20; piece++) assert.ok(turns.begin());
  clock.forward(9);
  assert.ok(turns.begin());
  clock.forward(1);
  assert.ok(!turns.begin());
  await turnOfTheLoop();
  assert.ok(turns.begin());
});

test('some pieces are begun in a turn however long they take by the clock', (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  const begun = [1, 2, 3, 4, 5, 6].map(() => {
    clock.forward(100);
    return turns.begin();
  });
  assert.deepEqual(begun, [true, true, true, true, false, false]);
});

test('the time of a turn begins with the first work in it, however long ago the last was', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  beginLeast(turns);
  await turnOfTheLoop();
  clock.forward(1_000);
  assert.deepEqual(beginLeast(turns), [true, true, true, true]);
  assert.ok(turns.begin());
});

test('one that waits goes on in each turn, what is whole first and what nobody wants last', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  for (const name of ['dropped a', 'dropped b']) turns.wait(() => seen.push(name), false);
  for (const name of ['a', 'b']) turns.wait(() => seen.push(name));
  for (const name of ['whole a', 'whole b']) turns.untilTime().then(() => seen.push(name));
  const after: string[][] = [];
  for (let turn = 0; turn < 7; turn++) {
    await turnOfTheLoop();
    after.push([...seen]);
  }
  const order = ['whole a', 'whole b', 'a', 'b', 'dropped a', 'dropped b'];
  assert.deepEqual(
    after,
    [1, 2, 3, 4, 5, 6, 6].map((count) => order.slice(0, count)),
  );
});

test('who goes on has all the time of its turn, whatever has used up the one before', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  beginLeast(turns);
  clock.forward(50);
  assert.ok(!turns.begin());
  const begun = await new Promise((resolve) =>
    turns.wait(() => {
      clock.forward(9);
      resolve([...beginLeast(turns), turns.begin()]);
    }),
  );
  assert.deepEqual(begun, [true, true, true, true, true]);
});
