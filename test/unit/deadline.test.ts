/**
 * Deadlines end once, in time, for the right reason, and leave no timer or listener behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline, type EndReason } from '../../src/deadline.ts';

interface Ended {
  readonly reason: EndReason;
  readonly ms: number;
}

function ending(deadline: Deadline): Promise<Ended> {
  const start = performance.now();
  return new Promise((resolve) =>
    deadline.onEnd((reason) => resolve({ reason, ms: performance.now() - start })),
  );
}

interface Case {
  readonly name: string;
  readonly make: () => Deadline;
  readonly reason: EndReason;
  readonly ms: number;
}

const cases: readonly Case[] = [
  { name: 'ends at its time', make: () => Deadline.after(40), reason: 'timeout', ms: 40 },
  { name: 'without time ends at once', make: () => Deadline.after(0), reason: 'timeout', ms: 0 },
  { name: 'of the past ends at once', make: () => Deadline.after(-1000), reason: 'timeout', ms: 0 },
  {
    name: 'ends with its parent',
    make: () => Deadline.within(Deadline.after(40), 1_000),
    reason: 'timeout',
    ms: 40,
  },
  {
    name: 'ends before its parent',
    make: () => Deadline.within(Deadline.after(1_000), 40),
    reason: 'timeout',
    ms: 40,
  },
  {
    name: 'ends with its grandparent',
    make: () => Deadline.within(Deadline.within(Deadline.after(40), 1_000), 1_000),
    reason: 'timeout',
    ms: 40,
  },
  {
    name: 'is canceled with its parent',
    make: () => {
      const parent = Deadline.after(1_000);
      setImmediate(() => parent.cancel());
      return Deadline.within(parent, 500);
    },
    reason: 'canceled',
    ms: 0,
  },
  {
    name: 'that was extended ends later',
    make: () => {
      const deadline = Deadline.after(20);
      deadline.extendTo(performance.now() + 80);
      return deadline;
    },
    reason: 'timeout',
    ms: 80,
  },
  {
    name: 'ends later with an extended parent',
    make: () => {
      const parent = Deadline.after(20);
      const child = Deadline.within(parent, 1_000);
      parent.extendTo(performance.now() + 80);
      return child;
    },
    reason: 'timeout',
    ms: 80,
  },
  {
    name: 'ends at its own time when its parent, once the shorter one, was extended beyond it',
    make: () => {
      const parent = Deadline.after(20);
      const child = Deadline.within(parent, 60);
      parent.extendTo(performance.now() + 1_000);
      return child;
    },
    reason: 'timeout',
    ms: 60,
  },
  {
    name: 'is not shortened by an extension to an earlier time',
    make: () => {
      const deadline = Deadline.after(60);
      deadline.extendTo(performance.now() + 10);
      return deadline;
    },
    reason: 'timeout',
    ms: 60,
  },
];

for (const { name, make, reason, ms } of cases)
  test(`a deadline ${name}`, async () => {
    const deadline = make();
    const ended = await ending(deadline);
    assert.equal(ended.reason, reason);
    assert.equal(deadline.ended, reason);
    assert.equal(deadline.left, 0);
    assert.ok(ended.ms > ms - 5 && ended.ms < ms + 60, `ended after ${ended.ms} ms`);
  });

test('a child of what has ended has ended for the same reason', () => {
  const parent = Deadline.after(1_000);
  parent.cancel();
  assert.equal(Deadline.within(parent, 500).ended, 'canceled');
});

test('canceling a child leaves its parent and sisters', () => {
  using parent = Deadline.after(1_000);
  using sister = Deadline.within(parent, 500);
  Deadline.within(parent, 500).cancel();
  assert.deepEqual([parent.ended, sister.ended], [undefined, undefined]);
});

test('listeners are called once, at once when it has ended, and not after they were taken off', () => {
  const deadline = Deadline.after(1_000);
  const heard: string[] = [];
  deadline.onEnd((reason) => heard.push(`first ${reason}`));
  deadline.onEnd(() => heard.push('off'))();
  deadline.cancel();
  deadline.cancel();
  deadline.onEnd((reason) => heard.push(`late ${reason}`));
  assert.deepEqual(heard, ['first canceled', 'late canceled']);
});

test('the end and what is left narrow with the parent and widen with its extension', () => {
  using parent = Deadline.after(1_000);
  using child = Deadline.within(parent, 5_000);
  assert.ok(child.left > 950 && child.left <= 1_000);
  parent.extendTo(performance.now() + 3_000);
  assert.ok(child.left > 2_900 && child.left <= 3_000);
  parent.extendTo(performance.now() + 60_000);
  assert.ok(child.left > 4_900 && child.left <= 5_000);
  assert.equal(child.at - performance.now() <= 5_000, true);
});

test('one that was disposed of ends no more, and hears no parent', async () => {
  const parent = Deadline.after(20);
  const child = Deadline.within(parent, 10);
  let heard = 0;
  child.onEnd(() => heard++);
  child[Symbol.dispose]();
  const lone = Deadline.after(10);
  lone.onEnd(() => heard++);
  lone[Symbol.dispose]();
  await ending(parent);
  await delay(5);
  assert.equal(heard, 0);
});
