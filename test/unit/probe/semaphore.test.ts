/** Slots for statements: who gets one when, and who is told that there was none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline } from '../../../src/deadline.ts';
import { Semaphore, type Slot } from '../../../src/probe/semaphore.ts';

function world(max: number) {
  let refused = 0;
  const slots = new Semaphore(max, () => {
    refused++;
  });
  return { slots, refused: () => refused };
}

async function taken(slots: Semaphore, until: Deadline): Promise<Slot> {
  const slot = await slots.take(until);
  assert.ok(slot.ok);
  return slot;
}

test('slots go to who waits, in the order of asking, and come back', async () => {
  const { slots, refused } = world(2);
  using until = Deadline.after(5_000);
  const first = await taken(slots, until);
  const second = await taken(slots, until);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (n) => {
    using _slot = await taken(slots, until);
    order.push(n);
    assert.equal(slots.used, 2);
  });
  assert.equal(slots.used, 2);
  first[Symbol.dispose]();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(slots.used, 1);
  second[Symbol.dispose]();
  assert.equal(slots.used, 0);
  assert.equal(refused(), 0);
});

test('whose time ends while it waits is told queue, and counted; who was canceled is not', async () => {
  const { slots, refused } = world(1);
  using long = Deadline.after(5_000);
  const slot = await taken(slots, long);
  using short = Deadline.after(20);
  using canceled = Deadline.after(5_000);
  const waiting = [slots.take(short), slots.take(canceled)];
  canceled.cancel();
  assert.deepEqual(await Promise.all(waiting), [
    { ok: false, reason: 'queue', detail: '1 queries of the exporter were being asked (--max-queries)' },
    { ok: false, reason: 'canceled', detail: 'waiting to be asked' },
  ]);
  assert.equal(refused(), 1);
  slot[Symbol.dispose]();
  assert.equal(slots.used, 0); // it went to nobody who has left
});
