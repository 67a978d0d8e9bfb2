/**
 * Where a password comes from, and how long a refused login is left alone.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import { LoginBackoff, readLogin } from '../../../../src/mysql/connect/login.ts';
import { failure } from '../../../../src/mysql/failure.ts';
import { LOGIN } from '../../../support/mysql.ts';

const FOREVER = Deadline.after(3_600_000);
after(() => FOREVER[Symbol.dispose]());

const read = (path: string) => readLogin({ user: 'u', password: { kind: 'file', path } }, FOREVER);

const REFUSAL = failure('auth', 'Access denied');

const files: readonly [string, string][] = [
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  ['secret\n\n', 'secret\n'],
  [' secret ', ' secret '],
  ['pässwörd 🔑\n', 'pässwörd 🔑'],
  ['\uFEFFsecret\r\n', 'secret'],
  ['', ''],
];
for (const [text, password] of files)
  test(`the password in a file of ${JSON.stringify(text)}`, async (t) => {
    const path = join(await folder(t), 'password');
    await writeFile(path, text);
    await chmod(path, 0o600);
    const login = await read(path);
    assert.deepEqual(login, { ok: true, user: 'u', password });
  });

test('a file is read anew for each login', async (t) => {
  const path = join(await folder(t), 'password');
  const found = async () => {
    const login = await read(path);
    return login.ok ? login.password : login.reason;
  };
  assert.equal(await found(), 'credentials');
  await writeFile(path, 'one');
  assert.equal(await found(), 'one');
  await writeFile(path, 'two');
  assert.equal(await found(), 'two');
});

test('a file that cannot be read is credentials, and says which file and why', async (t) => {
  const path = join(await folder(t), 'missing');
  const login = await read(path);
  assert.ok(!login.ok);
  assert.equal(login.reason, 'credentials');
  assert.equal(login.detail, `the password file ${path} cannot be read (ENOENT)`);
});

const encodings: readonly (readonly [name: string, bytes: Buffer, detail: RegExp])[] = [
  ['Latin-1', Buffer.from('p\xe4ssword', 'latin1'), /is not in UTF-8: save it as UTF-8/],
  ['UTF-16', Buffer.from('\uFEFFsecret', 'utf16le'), /is in UTF-16/],
];
for (const [name, bytes, detail] of encodings)
  test(`a file in ${name} is no other password, but credentials`, async (t) => {
    const path = join(await folder(t), 'password');
    await writeFile(path, bytes);
    const login = await read(path);
    assert.equal(login.ok ? 'ok' : login.reason, 'credentials');
    assert.match(login.ok ? '' : login.detail, detail);
  });

test('no password is an empty one', async () => {
  assert.deepEqual(await readLogin({ user: 'u', password: { kind: 'none' } }, FOREVER), {
    ok: true,
    user: 'u',
    password: '',
  });
});

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

async function folder(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'login-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the accepted password of another target does not have the refused one tried again', () => {
  const backoff = new LoginBackoff();
  backoff.noteRefused({ ...LOGIN, password: 'wrong' }, REFUSAL);
  backoff.noteAccepted(LOGIN);
  assert.ok(backoff.forbids({ ...LOGIN, password: 'wrong' }));
  assert.equal(backoff.forbids(LOGIN), undefined);
});
