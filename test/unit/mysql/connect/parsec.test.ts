/** The signature that parsec asks for, and salts that are none. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, pbkdf2Sync, verify } from 'node:crypto';
import { test } from 'node:test';
import { parseSalt, signWithSalt } from '../../../../src/mysql/connect/parsec.ts';

const SALT = Buffer.from('0123456789abcdefgh');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const salted = (doublings: number, algorithm = 'P', salt = SALT) =>
  Buffer.concat([Buffer.from(algorithm), Buffer.of(doublings), salt]);

const salts: readonly (readonly [name: string, data: Buffer, rounds: number | undefined])[] = [
  ['as servers send it', salted(0), 1024],
  ['the most', salted(3), 8192],
  ['more rounds than a client has to bear', salted(4), undefined],
  ['2^255 rounds', salted(255), undefined],
  ['another algorithm', salted(0, 'Q'), undefined],
  ['a salt that is too short', salted(0, 'P', SALT.subarray(1)), undefined],
  ['a salt that is too long', salted(0, 'P', Buffer.concat([SALT, SALT])), undefined],
  ['nothing', Buffer.alloc(0), undefined],
  ['one byte', Buffer.from('P'), undefined],
];
for (const [name, data, rounds] of salts)
  test(`a salt: ${name}`, () => {
    assert.deepEqual(parseSalt(data), rounds === undefined ? undefined : { salt: SALT, rounds });
  });

test('the signature is that of the key from password and salt, over both nonces', async () => {
  const seed = pbkdf2Sync('pä$$', SALT, 2048, 32, 'sha512');
  const key = createPublicKey(
    createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }),
  );
  const nonce = Buffer.alloc(32, 1);
  const answers = await Promise.all(
    ['pä$$', 'pä$$', 'other'].map((password) => signWithSalt(password, { salt: SALT, rounds: 2048 }, nonce)),
  );
  const isRight = (answer: Buffer) =>
    verify(null, Buffer.concat([nonce, answer.subarray(0, 32)]), key, answer.subarray(32));
  assert.deepEqual(
    answers.map((answer) => [answer.length, isRight(answer)]),
    [
      [96, true],
      [96, true],
      [96, false],
    ],
  );
  assert.notDeepEqual(answers[0], answers[1], 'our nonce is another one each time');
});
