/**
 * Deadlines end once, in time, for the right reason, and leave no timer or listener behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline, type EndReason } from '../../src/deadline.ts';
import { stopClock } from '../support/clock.ts';

interface Case {
  readonly name: string;
  readonly make: () => Deadline;
  readonly reason: EndReason;
  /** After how many milliseconds. */
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
      setTimeout(() => parent.cancel(), 10);
      return Deadline.within(parent, 500);
    },
    reason: 'canceled',
    ms: 10,
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
  test(`a deadline ${name}`, (t) => {
    const clock = stopClock(t);
    const deadline = make();
    const ends: string[] = [];
    deadline.onEnd((why) => ends.push(`${why} after ${clock.passed} ms`));
    clock.forward(2_000);
    // A timer needs at least one millisecond.
    assert.deepEqual(ends, [`${reason} after ${Math.max(1, ms)} ms`]);
    assert.equal(deadline.ended, reason);
    assert.equal(deadline.left, 0);
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

test('the end and what is left narrow with the parent and widen with its extension', (t) => {
  const clock = stopClock(t);
  const now = performance.now();
  using parent = Deadline.after(1_000);
  using child = Deadline.within(parent, 5_000);
  clock.forward(10);
  assert.deepEqual([child.left, child.at], [990, now + 1_000]);
  parent.extendTo(now + 3_000);
  assert.deepEqual([child.left, child.at], [2_990, now + 3_000]);
  parent.extendTo(now + 60_000);
  assert.deepEqual([child.left, child.at], [4_990, now + 5_000]);
});

test('one that was disposed of ends no more, and hears no parent', (t) => {
  const clock = stopClock(t);
  const parent = Deadline.after(20);
  const child = Deadline.within(parent, 10);
  let heard = 0;
  child.onEnd(() => heard++);
  child[Symbol.dispose]();
  const lone = Deadline.after(10);
  lone.onEnd(() => heard++);
  lone[Symbol.dispose]();
  clock.forward(100);
  assert.equal(parent.ended, 'timeout');
  assert.equal(heard, 0);
});
