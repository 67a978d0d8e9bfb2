/** A large result becomes samples in steps, in turns of the event loop that have time for them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Deadline } from '../../../../src/deadline.ts';
import { Samples } from '../../../../src/exposition/samples.ts';
import type { TextResult } from '../../../../src/mysql/protocol/text-query.ts';
import { mapAll } from '../../../../src/probe/query/asking.ts';
import type { Mapped } from '../../../../src/query-set/compiled.ts';
import { Turns } from '../../../../src/turns.ts';
import { type StoppedClock, stopClock } from '../../../support/clock.ts';

const RESULT: TextResult = { ok: true, columns: [], rows: [], rowCount: 0, bytes: 0, cells: undefined };

/** In how many steps each of some results has been read by now. */
function readers(t: TestContext, clock: StoppedClock, stepMs: number) {
  const turns = new Turns();
  const until = Deadline.after(60_000);
  t.after(() => until[Symbol.dispose]());
  const taken: number[] = [];
  const begin = (steps: number) => {
    const place = taken.push(0) - 1;
    const step = (): Mapped => {
      clock.forward(stepMs);
      taken[place] = (taken[place] ?? 0) + 1;
      return taken[place] === steps ? undefined : { next: step };
    };
    return mapAll({ map: step }, RESULT, new Samples(), until, turns);
  };
  return { begin, taken, until };
}

test('steps go on in a turn as long as it has time, those of one result after the other', async (t) => {
  const { begin, taken } = readers(t, stopClock(t), 40);
  const done = Promise.all([begin(6), begin(6)]);
  const after: number[][] = [[...taken]];
  while (taken.some((steps) => steps < 6)) {
    await turnOfTheLoop();
    after.push([...taken]);
    assert.ok(after.length < 20);
  }
  for (const [i, now] of after.entries()) {
    const before = after[i - 1] ?? [0, 0];
    const inTurn = now.reduce((sum, steps, place) => sum + steps - (before[place] ?? 0), 0);
    // One step is begun in any turn; besides it each result has had its first one, in the turn in which it arrived.
    assert.ok(inTurn <= (i === 0 ? 1 + 2 : 1), `${inTurn} steps in turn ${i}`);
  }
  assert.deepEqual(await done, [undefined, undefined]);
});

test('a result in one step waits for nothing', async (t) => {
  const { begin } = readers(t, stopClock(t), 50);
  let isOver = false;
  begin(1).then(() => {
    isOver = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  assert.ok(isOver);
});

test('a result is given up when its time ends while it waits', async (t) => {
  const { begin, taken, until } = readers(t, stopClock(t), 50);
  const mapped = begin(9);
  until.cancel();
  assert.deepEqual(await mapped, {
    ok: false,
    reason: 'canceled',
    detail: 'no time was left to read the whole result',
  });
  assert.equal(taken[0], 1 + 1);
});
