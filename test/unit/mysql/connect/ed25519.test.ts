/** The signature that client_ed25519 asks for, checked by another library with the keys that MariaDB keeps. */
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { test } from 'node:test';
import { signWithPassword } from '../../../../src/mysql/connect/ed25519.ts';

/** What a public key begins with: RFC 8410, 4. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** As `SELECT ed25519_password(...)` of MariaDB 10.11 prints it. */
const KEYS: readonly (readonly [password: string, key: string])[] = [
  ['secret', 'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY'],
];

for (const [password, key] of KEYS)
  test(`signatures with ${password} are those of its key`, async () => {
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI, Buffer.from(key, 'base64')]),
      format: 'der',
      type: 'spki',
    });
    for (let run = 0; run < 20; run++) {
      const nonce = randomBytes(32);
      const signature = await signWithPassword(password, nonce);
      assert.equal(signature.length, 64);
      assert.ok(verify(null, nonce, publicKey, signature), nonce.toString('hex'));
      assert.ok(!verify(null, nonce, publicKey, await signWithPassword(`${password}!`, nonce)));
    }
  });

test('the same nonce has the same signature: nothing of it is random', async () => {
  const nonce = Buffer.alloc(32, 7);
  assert.deepEqual(await signWithPassword('secret', nonce), await signWithPassword('secret', nonce));
});
