import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { inTurns, type Steps } from '../../../../src/exposition/gzip/steps.ts';

function* work(done: string[], name: string, steps: number): Steps<string> {
  for (let n = 1; n < steps; n++) {
    done.push(`${name}${n}`);
    yield;
  }
  done.push(`${name}${steps}`);
  return name;
}

test('one step a turn, one work after another', async () => {
  const done: string[] = [];
  const results = Promise.all([inTurns(work(done, 'a', 2)), inTurns(work(done, 'b', 3))]);
  assert.deepEqual(done, []);
  for (const expected of ['a1', 'a2', 'b1', 'b2', 'b3']) {
    await turnOfTheLoop();
    assert.equal(done.at(-1), expected);
  }
  assert.deepEqual(await results, ['a', 'b']);
});

test('an error ends its own work only', async () => {
  function* broken(): Steps<string> {
    yield;
    throw new Error('broken');
  }
  const failed = inTurns(broken());
  const other = inTurns(work([], 'b', 2));
  await assert.rejects(failed, /broken/);
  assert.equal(await other, 'b');
});
