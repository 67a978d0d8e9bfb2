/** Which logins cost bcrypt, which do not, and whom guesses of others hold up: counted, not timed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Logins, type LoginVerdict } from '../../../../src/http/port/logins.ts';

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
const users = new Map([['alice', HASH]]);
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Compared {
  readonly password: string;
  readonly hash: string;
  readonly answer: (isEqual: boolean | undefined) => void;
}

/** A bcrypt that answers when the test says. */
function byHand() {
  const compared: Compared[] = [];
  const logins = new Logins({
    compare: (password, hash) =>
      new Promise((answer) => {
        compared.push({ password, hash, answer });
      }),
  });
  const ask = (user: string, password: string, from = '192.0.2.1', of = users) =>
    logins.check({ authorization: basic(user, password), from, users: of });
  /** Lets the comparison of this number end. */
  const answer = async (n: number, isEqual: boolean | undefined) => {
    compared[n]?.answer(isEqual);
    await turn();
  };
  return { ask, answer, compared, logins };
}

/** Whose password is right is known at once. */
function instant(right: string) {
  let comparisons = 0;
  const logins = new Logins({
    compare: async (password) => {
      comparisons++;
      return password === right;
    },
  });
  return {
    count: () => comparisons,
    ask: async (user: string, password: string, of: ReadonlyMap<string, string> = users) =>
      await logins.check({ authorization: basic(user, password), from: '', users: of }),
  };
}

test('a right login is compared once, then known', async () => {
  const { ask, count } = instant('secret');
  for (let n = 0; n < 3; n++) assert.equal(await ask('alice', 'secret'), 'right');
  assert.equal(count(), 1);
});

test('a wrong login is compared once, too', async () => {
  const { ask, count } = instant('secret');
  for (let n = 0; n < 3; n++) assert.equal(await ask('alice', 'wrong'), 'wrong');
  assert.equal(count(), 1);
});

test('a user that there is not costs as much, and never gets in', async () => {
  const { ask, count } = instant('fakepassword');
  assert.equal(await ask('mallory', 'fakepassword'), 'wrong');
  assert.equal(count(), 1);
  const { ask: dear, compared } = byHand();
  void dear('mallory', 'x', '', new Map([...users, ['bob', HASH.replace('$10$', '$12$')]]));
  assert.match(compared[0]?.hash ?? '', /^\$2b\$12\$[./A-Za-z0-9]{53}$/);
});

test('another hash of the user ends what was known, also of what was wrong', async () => {
  const { ask, count } = instant('secret');
  assert.equal(await ask('alice', 'secret'), 'right');
  const changed = new Map([['alice', HASH.replace('QOau', 'QObu')]]);
  assert.equal(await ask('alice', 'secret', changed), 'right');
  assert.equal(count(), 2);
  assert.equal(await ask('alice', 'secret', new Map()), 'wrong');
  assert.equal(count(), 3);
});

test('user, hash and password cannot be mistaken for each other', async () => {
  const { ask, count } = instant('c');
  const of = new Map([
    ['a', 'b'],
    ['ab', ''],
  ]);
  assert.equal(await ask('a', 'c', of), 'right');
  assert.equal(await ask('ab', 'c', of), 'right');
  assert.equal(count(), 2, 'the second was not taken for the first');
});

test('the same login of many requests is compared once', async () => {
  const { answer, ask, compared } = byHand();
  const verdicts = Promise.all(Array.from({ length: 200 }, (_, n) => ask('alice', 'secret', `192.0.2.${n}`)));
  assert.equal(compared.length, 1);
  await answer(0, true);
  assert.deepEqual(new Set(await verdicts), new Set<LoginVerdict>(['right']));
  assert.equal(compared.length, 1);
});

test('guesses are compared one at a time, and a known login waits for none of them', async () => {
  const { answer, ask, compared } = byHand();
  const first = ask('alice', 'secret');
  await answer(0, true);
  assert.equal(await first, 'right');
  for (let n = 0; n < 100; n++) void ask('alice', `guess ${n}`, `192.0.2.${n}`);
  assert.equal(compared.length, 2, 'the second is under way');
  assert.equal(ask('alice', 'secret'), 'right', 'at once, no promise');
});

test('a flood of guesses does not push out what is known', async () => {
  const { ask, count } = instant('secret');
  assert.equal(await ask('alice', 'secret'), 'right');
  for (let n = 0; n < 5_000; n++) assert.equal(await ask('alice', `guess ${n}`), 'wrong');
  const before = count();
  assert.equal(await ask('alice', 'secret'), 'right');
  assert.equal(count(), before);
});

test('the queue has an end, for one client an earlier one', () => {
  const { ask } = byHand();
  const isBusy = (n: number, from: string) => ask('alice', `${from} ${n}`, from) === 'busy';
  const ofOne = Array.from({ length: 10 }, (_, n) => isBusy(n, '192.0.2.1'));
  assert.deepEqual(ofOne, [...Array(5).fill(false), ...Array(5).fill(true)], 'one under way, four wait');
  const ofOthers = Array.from({ length: 100 }, (_, n) => isBusy(0, `198.51.100.${n}`));
  assert.equal(ofOthers.filter((busy) => !busy).length, 28);
});

test('all addresses of one network of IPv6 are one client', () => {
  const { ask } = byHand();
  const isBusy = (from: string) => ask('alice', from, from) === 'busy';
  const addresses = Array.from({ length: 10 }, (_, n) =>
    n % 2 === 0 ? `2001:db8::1:${n}` : `2001:db8:0:0:${n}::`,
  );
  assert.equal(addresses.map(isBusy).filter(Boolean).length, 5);
  assert.equal(isBusy('2001:db8:0:1::1'), false);
});

test('an honest first login goes before the further guesses of another client', async () => {
  const { answer, ask, compared } = byHand();
  for (let n = 0; n < 5; n++) void ask('alice', `guess ${n}`, '192.0.2.1');
  const honest = ask('alice', 'secret', '198.51.100.7');
  await answer(0, false);
  await answer(1, false);
  assert.equal(compared[2]?.password, 'secret');
  await answer(2, true);
  assert.equal(await honest, 'right');
});

test('where bcrypt could not be done nothing is remembered', async () => {
  const { answer, ask, compared } = byHand();
  const failed = ask('alice', 'secret');
  await answer(0, undefined);
  assert.equal(await failed, 'busy');
  const again = ask('alice', 'secret');
  await answer(1, true);
  assert.equal(await again, 'right');
  assert.equal(compared.length, 2);
});

const headers = [
  ['', 'none'],
  ['Bearer abc', 'another kind'],
  ['Basic', 'nothing behind it'],
  ['Basic !!!', 'no base64'],
  [`Basic ${Buffer.from('alice').toString('base64')}`, 'no colon'],
] as const;

for (const [authorization, what] of headers)
  test(`a header with ${what} is wrong at once`, () => {
    const { compared, logins } = byHand();
    assert.equal(logins.check({ authorization, from: '', users }), 'wrong');
    assert.equal(compared.length, 0);
  });

test('the word Basic may be written in any case, and a password may have colons', async () => {
  const { compared, logins } = byHand();
  const encoded = Buffer.from('alice:a:b:ö').toString('base64');
  void logins.check({ authorization: `bAsIc ${encoded}`, from: '', users });
  assert.equal(compared[0]?.password, 'a:b:ö');
});

test('no header makes it throw', async () => {
  const { logins } = byHand();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, from) => {
      for (const authorization of [text, `Basic ${text}`, `Basic ${Buffer.from(text).toString('base64')}`])
        logins.check({ authorization, from, users });
    }),
  );
});
