/**
 * Work that would fill turns of the event loop alone gets a bounded part of each, in the order of its waiting.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Turns } from '../../src/turns.ts';
import { stopClock } from '../support/clock.ts';

test('a turn has time for some milliseconds, and the next one again', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  for (let piece = 0; piece < 20; piece++) assert.ok(turns.begin());
  clock.forward(3);
  assert.ok(turns.begin());
  clock.forward(1);
  assert.ok(!turns.begin());
  await turnOfTheLoop();
  assert.ok(turns.begin());
});

test('one piece is begun in a turn whatever the clock says', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  turns.begin();
  const begun = await new Promise((resolve) =>
    turns.wait(() => {
      clock.forward(100);
      resolve([turns.begin(), turns.begin()]);
    }),
  );
  assert.deepEqual(begun, [true, false]);
});

test('the time of a turn begins with the first work in it, however long ago the last was', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  turns.begin();
  await turnOfTheLoop();
  clock.forward(1_000);
  assert.deepEqual([turns.begin(), turns.begin()], [true, true]);
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
  turns.begin();
  clock.forward(50);
  assert.ok(!turns.begin());
  const begun = await new Promise((resolve) =>
    turns.wait(() => {
      clock.forward(3);
      resolve([turns.begin(), turns.begin()]);
    }),
  );
  assert.deepEqual(begun, [true, true]);
});
