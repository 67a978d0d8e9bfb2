/** bcrypt on its thread: the kinds of hashes that there are, and what is left when it is closed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BcryptThread } from '../../../../src/http/port/bcrypt-thread.ts';

const failures: Error[] = [];
const thread = new BcryptThread((error) => failures.push(error));
after(() => {
  thread.close();
  assert.deepEqual(failures, []);
});

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

for (const kind of ['2a', '2b', '2y'])
  test(`$${kind}$`, async () => {
    const hash = HASH.replace('2y', kind);
    assert.equal(await thread.compare('fakepassword', hash), true);
    assert.equal(await thread.compare('fakepasswore', hash), false);
  });

test('a hash of the right length that is none is nobody, and the thread goes on', async () => {
  assert.equal(await thread.compare('fakepassword', HASH.replace('QOau', '!!!!')), false);
  assert.equal(await thread.compare('fakepassword', HASH), true);
});

test('what is behind 72 bytes does not count, as everywhere with bcrypt', async () => {
  // Of 72 times the letter a, cost 4.
  const hash = '$2b$04$M/WpfT4gZ1lv8eIkNC5b6ukA2169UhyVnvpxSbcoZyFOnym9qeFKO';
  assert.equal(await thread.compare(`${'a'.repeat(72)}b`, hash), true);
  assert.equal(await thread.compare('a'.repeat(71), hash), false);
});

test('a thread that is closed meanwhile gives no verdict, and the next one begins', async () => {
  const answer = thread.compare('fakepassword', HASH.replace('$10$', '$14$'));
  thread.close();
  assert.equal(await answer, undefined);
  assert.equal(await thread.compare('fakepassword', HASH), true);
});
