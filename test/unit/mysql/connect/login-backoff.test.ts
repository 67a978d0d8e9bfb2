/** How long a refused login is left alone, and which others are tried meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginBackoff } from '../../../../src/mysql/connect/login-backoff.ts';
import { failure } from '../../../../src/mysql/failure.ts';
import { LOGIN } from '../../../support/mysql.ts';

const REFUSAL = failure('auth', 'Access denied');

test('a refused login is left alone for 30 s, doubling to 5 minutes', (t) => {
  const now = Math.floor(performance.now());
  let ahead = 0;
  t.mock.method(performance, 'now', () => now + ahead);
  const backoff = new LoginBackoff();
  assert.equal(backoff.forbids(LOGIN), undefined);
  for (const seconds of [30, 60, 120, 240, 300, 300]) {
    backoff.noteRefused(LOGIN, REFUSAL);
    ahead += seconds * 1000 - 1;
    assert.equal(backoff.forbids(LOGIN)?.backoff.reason, 'backoff', `after ${seconds} s`);
    assert.equal(backoff.forbids(LOGIN)?.refusal, REFUSAL);
    assert.match(backoff.forbids(LOGIN)?.backoff.detail ?? '', /next try in 1 s/);
    ahead += 1;
    assert.equal(backoff.forbids(LOGIN), undefined, `after ${seconds} s`);
  }
  backoff.noteAccepted(LOGIN);
  backoff.noteRefused(LOGIN, REFUSAL);
  ahead += 30_000;
  assert.equal(backoff.forbids(LOGIN), undefined); // starts anew after a success
});

test('another password is tried at once, and its refusal starts at 30 s', (t) => {
  const now = Math.floor(performance.now());
  let ahead = 0;
  t.mock.method(performance, 'now', () => now + ahead);
  const backoff = new LoginBackoff();
  backoff.noteRefused(LOGIN, REFUSAL);
  backoff.noteRefused(LOGIN, REFUSAL);
  const other = { ...LOGIN, password: 'other' };
  assert.equal(backoff.forbids(other), undefined);
  backoff.noteRefused(other, REFUSAL);
  ahead += 30_000;
  assert.equal(backoff.forbids(other), undefined);
});

test('the accepted password of another target does not have the refused one tried again', () => {
  const backoff = new LoginBackoff();
  backoff.noteRefused({ ...LOGIN, password: 'wrong' }, REFUSAL);
  backoff.noteAccepted(LOGIN);
  assert.ok(backoff.forbids({ ...LOGIN, password: 'wrong' }));
  assert.equal(backoff.forbids(LOGIN), undefined);
});

test('two wrong passwords of one account do not have each other tried again', () => {
  const backoff = new LoginBackoff();
  const [one, other] = [
    { ...LOGIN, password: 'one' },
    { ...LOGIN, password: 'other' },
  ] as const;
  for (const login of [one, other]) backoff.noteRefused(login, REFUSAL);
  for (const login of [one, other]) assert.ok(backoff.forbids(login), login.password);
});

test('another user with the same password is tried at once', () => {
  const backoff = new LoginBackoff();
  backoff.noteRefused(LOGIN, REFUSAL);
  assert.equal(backoff.forbids({ ...LOGIN, user: 'v-token-2' }), undefined);
});

test('refused logins are remembered up to a number, the latest', () => {
  const backoff = new LoginBackoff();
  const logins = Array.from({ length: 40 }, (_, n) => ({ user: `v-token-${n}`, password: 'x' }));
  for (const login of logins) backoff.noteRefused(login, REFUSAL);
  assert.equal(logins.filter((login) => backoff.forbids(login)).length, 32);
  assert.ok(backoff.forbids(logins[39]!));
});
