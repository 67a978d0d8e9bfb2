/** Where user and password come from. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import { readLogin } from '../../../../src/mysql/connect/login.ts';

const HERE = { kind: 'tcp', host: 'db.example', port: 3307 } as const;
const FOREVER = Deadline.after(3_600_000);
after(() => FOREVER[Symbol.dispose]());

const read = (path: string) => readLogin({ user: 'u', password: { kind: 'file', path } }, HERE, FOREVER);

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
    return login.ok && 'password' in login ? login.password : login.ok || login.reason;
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

const userFiles: readonly (readonly [string, string])[] = [
  ['exporter', 'exporter'],
  ['\uFEFF v-kubernetes-exporter-x1\r\n\n', 'v-kubernetes-exporter-x1'],
  ['Jürgen M.\n', 'Jürgen M.'],
  ['', 'credentials'],
  [' \n', 'credentials'],
  ['user\npassword', 'credentials'],
  ['user\0root', 'credentials'],
];
for (const [text, expected] of userFiles)
  test(`the user in a file of ${JSON.stringify(text)}`, async (t) => {
    const path = join(await folder(t), 'user');
    await writeFile(path, text);
    const login = await readLogin(
      { user: { kind: 'file', path }, password: { kind: 'none' } },
      HERE,
      FOREVER,
    );
    assert.equal(login.ok ? login.user : login.reason, expected);
    if (!login.ok) assert.ok(login.detail.startsWith(`the user file ${path} `), login.detail);
  });

test('no password is an empty one', async () => {
  assert.deepEqual(await readLogin({ user: 'u', password: { kind: 'none' } }, HERE, FOREVER), {
    ok: true,
    user: 'u',
    password: '',
  });
});

async function folder(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'login-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const filled: readonly (readonly [argument: string, user: string, expected: string])[] = [
  ['--host={host}', 'u', '--host=db.example'],
  ['{host}:{port}/{user}', 'a b', 'db.example:3307/a b'],
  ['{user}', '$(id); `id`', '$(id); `id`'],
  ['{user}{user}', '{host}', '{host}{host}'],
  ['-format={{.Data.password}} {{host}} {"a": 1}', 'u', '-format={{.Data.password}} {{host}} {"a": 1}'],
  ['{user}', '--admin', 'credentials'],
  ['-u{user}', '-x', '-u-x'],
];
for (const [argument, user, expected] of filled)
  test(`${argument} of a password_command, for the user ${user}`, async () => {
    const password = { kind: 'command', program: 'p', args: [argument], ttlMs: 1 } as const;
    const login = await readLogin({ user, password }, HERE, FOREVER);
    assert.equal(login.ok ? 'command' in login && login.command.args[0] : login.reason, expected);
  });
