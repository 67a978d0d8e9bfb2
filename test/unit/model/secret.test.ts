import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { Secret } from '../../../src/model/secret.ts';

test('a secret shows itself nowhere', () => {
  const secret = new Secret('hunter2');
  for (const text of [`${secret}`, JSON.stringify({ secret }), inspect({ secret }, { showHidden: true })])
    assert.doesNotMatch(text, /hunter2/);
  assert.equal(secret.reveal(), 'hunter2');
});

test('objects with different secrets differ, and those with the same are alike', () => {
  const user = (password: string) => ({ user: 'u', password: new Secret(password) });
  assert.equal(isDeepStrictEqual(user('one'), user('one')), true);
  assert.equal(isDeepStrictEqual(user('one'), user('two')), false);
});
