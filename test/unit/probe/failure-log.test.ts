/** What keeps failing is told when it begins, when it changes, every ten minutes and when it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureLog, type Trouble } from '../../../src/probe/failure-log.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

const MINUTE_MS = 60_000;

/** The lines without their time, which have been written since the last call. */
function started() {
  const lines: string[] = [];
  let now = 1_000;
  const log = createLogger({
    level: 'info',
    format: 'logfmt',
    write: (line) => lines.push(line.trim().replace(/^time=\S+ /, '')),
  });
  return {
    failures: new FailureLog(log, () => now),
    wait: (ms: number) => {
      now += ms;
    },
    said: () => lines.splice(0),
  };
}

const query = (reason: 'timeout' | 'sql', name = 'one'): Trouble => ({
  what: 'query',
  reason,
  of: { query_set: 'set', query: name },
  about: { err: `because of ${reason}` },
});

test('the first failure is told, the same again is not, and the end is', () => {
  const { failures, said, wait } = started();
  failures.report('a', 'query set/one', [query('timeout')]);
  assert.deepEqual(said(), [
    'level=warn msg="query failed" target=a query_set=set query=one reason=timeout err="because of timeout"',
  ]);
  for (let i = 0; i < 3; i++) {
    wait(15_000);
    failures.report('a', 'query set/one', [query('timeout')]);
  }
  assert.deepEqual(said(), []);
  wait(15_000);
  failures.report('a', 'query set/one', []);
  assert.deepEqual(said(), [
    'level=info msg="query is well again" target=a query_set=set query=one failures=4 since=60s',
  ]);
  failures.report('a', 'query set/one', []);
  assert.deepEqual(said(), []);
});

test('another reason is told at once, and the same one every ten minutes', () => {
  const { failures, said, wait } = started();
  failures.report('a', 'query set/one', [query('timeout')]);
  said();
  wait(MINUTE_MS);
  failures.report('a', 'query set/one', [query('sql')]);
  assert.match(said().join('\n'), /^level=warn msg="query failed" .* reason=sql .* failures=2 since=60s$/);
  for (let minutes = 1; minutes < 10; minutes++) {
    wait(MINUTE_MS);
    failures.report('a', 'query set/one', [query('sql')]);
  }
  assert.deepEqual(said(), []);
  wait(MINUTE_MS);
  failures.report('a', 'query set/one', [query('sql')]);
  assert.match(
    said().join('\n'),
    /^level=warn msg="query still fails" .* reason=sql .* failures=12 since=660s$/,
  );
});

test('what fails in one scope is well when only others of it fail; other scopes and targets stay as they are', () => {
  const { failures, said } = started();
  failures.report('a', 'scope', [query('sql', 'one'), query('sql', 'two')]);
  failures.report('a', 'other', [query('sql', 'three')]);
  failures.report('b', 'scope', [query('sql', 'one')]);
  assert.equal(said().length, 4);
  failures.report('a', 'scope', [query('sql', 'two')]);
  assert.deepEqual(said(), [
    'level=info msg="query is well again" target=a query_set=set query=one failures=1 since=0s',
  ]);
  failures.report('b', 'scope', [query('sql', 'one')]);
  assert.deepEqual(said(), []);
});

test('a target that is gone is forgotten without a word; when it comes back it begins anew', () => {
  const { failures, said } = started();
  const down: Trouble = { what: 'target', reason: 'refused', of: {}, about: { err: 'nobody there' } };
  failures.report('a', 'login', [down]);
  failures.forget((target) => target === 'a');
  said();
  failures.report('a', 'login', []);
  assert.deepEqual(said(), []);
  failures.report('a', 'login', [down]);
  assert.match(said().join('\n'), /msg="target is down" target=a reason=refused/);
});
