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
  assert.ok(turns.hasTime());
  clock.forward(9);
  assert.ok(turns.hasTime());
  clock.forward(1);
  assert.ok(!turns.hasTime());
  await turnOfTheLoop();
  assert.ok(turns.hasTime());
});

test('the time of a turn begins with the first work in it, however long ago the last was', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  turns.hasTime();
  await turnOfTheLoop();
  clock.forward(1_000);
  assert.ok(turns.hasTime());
});

test('one that waits goes on in each turn, in their order, results that are whole before others', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  for (const name of ['a', 'b']) turns.wait(() => seen.push(name));
  for (const name of ['whole a', 'whole b']) turns.untilTime().then(() => seen.push(name));
  const after: string[][] = [];
  for (let turn = 0; turn < 5; turn++) {
    await turnOfTheLoop();
    after.push([...seen]);
  }
  const order = ['whole a', 'whole b', 'a', 'b'];
  assert.deepEqual(
    after,
    [1, 2, 3, 4, 4].map((count) => order.slice(0, count)),
  );
});

test('who goes on has all the time of its turn, whatever has used up the one before', async (t) => {
  const clock = stopClock(t);
  const turns = new Turns();
  turns.hasTime();
  clock.forward(50);
  const hasTime = await new Promise((resolve) => turns.wait(() => resolve(turns.hasTime())));
  assert.equal(hasTime, true);
});
