/** Failures that follow each other are one episode until there is a success, or another reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Episodes } from '../../../src/history/episodes.ts';
import type { Reason } from '../../../src/model/reason.ts';

const because = (reason: Reason, detail = `${reason} in words`) => ({ reason, detail });

test('the same failure again is the same episode, with its last words', () => {
  const episodes = new Episodes(3);
  episodes.failed(7, because('sql', 'first'), 1);
  episodes.failed(7, because('sql', 'second'), 2);
  assert.deepEqual(episodes.all, [
    {
      ...{ subject: 7, reason: 'sql', detail: 'second' },
      ...{ beganAt: 1, lastAt: 2, failures: 2, goesOn: true },
    },
  ]);
});

test('a success ends the episodes of its subject alone', () => {
  const episodes = new Episodes(3);
  episodes.failed(7, because('sql'), 1);
  episodes.failed('target', because('refused'), 2);
  episodes.succeeded(7);
  assert.deepEqual(
    episodes.current.map(({ subject }) => subject),
    ['target'],
  );
  episodes.failed(7, because('sql'), 3);
  assert.deepEqual(
    episodes.all.map(({ beganAt, goesOn, subject }) => [subject, beganAt, goesOn]),
    [
      [7, 3, true],
      ['target', 2, true],
      [7, 1, false],
    ],
  );
});

test('another reason is another episode', () => {
  const episodes = new Episodes(3);
  episodes.failed(7, because('timeout'), 1);
  episodes.failed(7, because('sql'), 2);
  assert.deepEqual(
    episodes.all.map(({ goesOn, reason }) => [reason, goesOn]),
    [
      ['sql', true],
      ['timeout', false],
    ],
  );
});

test('a login that is left alone has failed for what the server said', () => {
  const episodes = new Episodes(3);
  episodes.failed('target', because('auth', 'denied'), 1);
  episodes.failed('target', because('backoff', 'next try in 30 s'), 2);
  episodes.failed('target', because('auth', 'denied again'), 3);
  const [only, ...others] = episodes.all;
  assert.deepEqual(others, []);
  assert.deepEqual([only?.reason, only?.detail, only?.failures], ['auth', 'denied again', 3]);
});

test('the oldest that are over are forgotten, those that go on never', () => {
  const episodes = new Episodes(2);
  episodes.failed(1, because('sql'), 1);
  for (const id of [2, 3, 4]) {
    episodes.failed(id, because('sql'), id);
    episodes.succeeded(id);
  }
  assert.deepEqual(
    episodes.all.map(({ subject }) => subject),
    [4, 1],
  );
  for (const id of [5, 6, 7]) episodes.failed(id, because('sql'), id);
  assert.deepEqual(
    episodes.all.map(({ subject }) => subject),
    [7, 6, 5, 1],
  );
});

test('long words are cut', () => {
  const episodes = new Episodes(1);
  episodes.failed(1, because('sql', 'x'.repeat(10_000)), 1);
  assert.ok((episodes.all[0]?.detail.length ?? 0) < 400);
  assert.match(episodes.all[0]?.detail ?? '', /\.\.\.$/);
});
