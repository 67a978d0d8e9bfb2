/** Whose time counts against a result: what its matches take, and not what a busy machine does meanwhile. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MAX_MATCH_MS, MatchTime } from '../../../../src/query-set/cells/match-time.ts';

/** Long enough for each match to be timed. */
const TEXT = 'x'.repeat(100);

/** A pattern whose match moves the clocks by so much; the process works, or waits for a processor. */
function clocks(t: TestContext) {
  let now = 0;
  let workedMs = 0;
  t.mock.method(performance, 'now', () => now);
  t.mock.method(process, 'cpuUsage', () => ({ user: workedMs * 1000, system: 0 }));
  const pass = (ms: number, worked: number) => {
    now += ms;
    workedMs += worked;
  };
  const taking = (ms: number, worked: number): RegExp =>
    Object.assign(/x/, {
      exec: () => {
        pass(ms, worked);
        return null;
      },
    });
  return { pass, taking };
}

test('matches that take too long together are over', (t) => {
  const { taking } = clocks(t);
  const time = new MatchTime();
  const slow = taking(10, 10);
  const found = Array.from({ length: 6 }, () => time.exec(slow, TEXT));
  assert.deepEqual(found, [null, null, null, null, undefined, undefined]);
});

test('a wait for a processor is no match', (t) => {
  const { taking } = clocks(t);
  const time = new MatchTime();
  assert.equal(time.exec(taking(20 * MAX_MATCH_MS, 1), TEXT), null);
  // What was worked before it counts still.
  assert.equal(time.exec(taking(48, 48), TEXT), null);
  assert.equal(time.exec(taking(2, 2), TEXT), undefined);
});

test('work before the first match, and between steps, does not count', (t) => {
  const { pass, taking } = clocks(t);
  pass(500, 500);
  const time = new MatchTime();
  pass(500, 500);
  assert.equal(time.exec(taking(60, 40), TEXT), null);
  pass(500, 500);
  time.renew();
  assert.equal(time.exec(taking(60, 40), TEXT), null);
  assert.equal(time.exec(taking(60, 60), TEXT), undefined);
});

test('a watch counts from look to look', (t) => {
  const { pass } = clocks(t);
  const isTimeLeft = new MatchTime().watch();
  pass(30, 30);
  assert.equal(isTimeLeft(), true);
  pass(1_000, 0);
  assert.equal(isTimeLeft(), true);
  pass(30, 30);
  assert.equal(isTimeLeft(), false);
});
