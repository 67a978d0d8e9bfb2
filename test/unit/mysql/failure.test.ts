/** What of a server's error reaches people: its words, in bounds, and never the password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromServerError, secretOf, withoutSecret } from '../../../src/mysql/failure.ts';

const refused = (message: string) => fromServerError({ errno: 1045, sqlState: '28000', message }, 'login');

test('a password in a message is masked, also where the message is cut inside it', () => {
  const secret = 'correct horse';
  assert.equal(withoutSecret(refused(`it is ${secret}!`), secret).detail, 'it is <secret>! (1045)');
  for (let shown = 0; shown <= secret.length; shown++) {
    const { detail } = withoutSecret(refused('x'.repeat(1000 - shown) + secret), secret);
    assert.equal(detail, `${'x'.repeat(1000 - shown)}${shown === 0 ? '' : '<secret>'} (1045)`);
  }
});

test('no part of a password of some length is left', () => {
  const secret = 'pass-word-of-some-length';
  fc.assert(
    fc.property(fc.array(fc.constantFrom(secret, 'x', secret.slice(0, 9), ' '.repeat(97))), (pieces) => {
      const { detail } = withoutSecret(refused(pieces.join('')), secret);
      assert.ok(!detail.includes(secret));
      const atTheCut = pieces.join('').length > 1000 && /pass-word-of\S* \(1045\)$/.test(detail);
      assert.ok(!atTheCut, detail.slice(-60));
    }),
  );
});

test('without a password, and without it in the message, nothing changes', () => {
  const failed = refused('Access denied');
  assert.equal(withoutSecret(failed, ''), failed);
  assert.equal(withoutSecret(failed, 'secret'), failed);
});

/** Errors of states of a server in which it turns clients away, and of accounts. */
const reasons: readonly [errno: number, sqlState: string, login: string, query: string][] = [
  [1040, '08004', 'refused', 'sql'],
  [1044, '42000', 'auth', 'sql'],
  [1045, '28000', 'auth', 'sql'],
  [1047, '08S01', 'refused', 'refused'], // a Galera node without its cluster
  [1142, '42000', 'sql', 'sql'],
  [1205, 'HY000', 'timeout', 'timeout'],
  [1226, '42000', 'refused', 'sql'],
  [1317, '70100', 'canceled', 'canceled'],
  [1820, 'HY000', 'auth', 'auth'],
  [1862, 'HY000', 'auth', 'auth'],
  [2003, 'HY000', 'unreachable', 'sql'], // MySQL Router without a server behind it
  [3032, 'HY000', 'refused', 'refused'], // offline mode
  [3159, 'HY000', 'tls', 'sql'],
  [6400, 'HY000', 'refused', 'refused'], // a failed member of a group
];
for (const [errno, sqlState, login, query] of reasons)
  test(`${errno} is ${login} during the login, ${query} as the answer to a statement`, () => {
    const reasonIn = (phase: 'login' | 'query') =>
      fromServerError({ errno, sqlState, message: '' }, phase).reason;
    assert.deepEqual([reasonIn('login'), reasonIn('query')], [login, query]);
  });

const secrets: readonly [user: string, password: string, masked: boolean][] = [
  ['exporter', 'correct horse', true],
  ['exporter', 'four', true],
  ['exporter', 'to', false], // a mask in "not allowed to connect" would tell it
  ['exporter', '', false],
  ['exporter', 'exporter', false], // and so would one in the place of the user's name
];
for (const [user, password, masked] of secrets)
  test(`the password ${JSON.stringify(password)} of ${user} is ${masked ? '' : 'not '}masked`, () => {
    assert.equal(secretOf({ user, password }), masked ? password : '');
  });
