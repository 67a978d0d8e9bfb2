/** When a program is run, and what becomes of what it prints. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import {
  CommandPasswords,
  type FilledCommand,
} from '../../../../src/mysql/password-command/command-passwords.ts';
import { stopClock } from '../../../support/clock.ts';
import { eventually } from '../../../support/eventually.ts';

const FOREVER = Deadline.after(3_600_000);
after(() => FOREVER[Symbol.dispose]());

const shell = (script: string, ...args: readonly string[]): FilledCommand => ({
  program: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
  ttlMs: 600_000,
  open: [],
});

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'command-passwords-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A program that prints how often it was run. */
async function counting(t: TestContext): Promise<FilledCommand> {
  const file = join(await folder(t), 'runs');
  await writeFile(file, '');
  return shell('echo >> "$1"; echo run-$(wc -l < "$1")', file);
}

async function seen(passwords: CommandPasswords, command: FilledCommand): Promise<string> {
  const read = await passwords.read(command, FOREVER);
  return read.ok ? read.password : `${read.reason}: ${read.detail}`;
}

test('what it printed is used until its time is over, counted from the start of the run', async (t) => {
  const clock = stopClock(t);
  const passwords = new CommandPasswords();
  const command = await counting(t);
  assert.equal(await seen(passwords, command), 'run-1');
  clock.forward(599_999);
  assert.equal(await seen(passwords, command), 'run-1');
  clock.forward(1);
  assert.equal(await seen(passwords, command), 'run-2');
});

test('with a time of 0 it is run for each connection', async (t) => {
  const passwords = new CommandPasswords();
  const command = { ...(await counting(t)), ttlMs: 0 };
  assert.deepEqual([await seen(passwords, command), await seen(passwords, command)], ['run-1', 'run-2']);
});

test('all who want it at the same time share one run', async (t) => {
  const passwords = new CommandPasswords();
  const command = await counting(t);
  const all = await Promise.all(Array.from({ length: 20 }, () => seen(passwords, command)));
  assert.deepEqual(all, Array(20).fill('run-1'));
});

test('other arguments are another login', async () => {
  const passwords = new CommandPasswords();
  const of = (host: string) => seen(passwords, shell('echo for-$1', host));
  assert.deepEqual(await Promise.all([of('a'), of('b')]), ['for-a', 'for-b']);
});

test('four run at once, the others wait for them', async (t) => {
  const passwords = new CommandPasswords();
  const path = await folder(t);
  const script = 'touch "$1/on.$2"; while [ ! -e "$1/go" ]; do sleep 0.01; done; rm "$1/on.$2"; echo $2';
  const all = Array.from({ length: 10 }, (_, n) => seen(passwords, shell(script, path, `${n}`)));
  const on = async () => (await readdir(path)).filter((name) => name.startsWith('on.')).length;
  await eventually(async () => assert.equal(await on(), 4));
  using soon = Deadline.after(1);
  const waiting = await passwords.read(shell(script, path, '9'), soon);
  assert.match(waiting.ok ? '' : waiting.detail, /waits for others: 4 run at a time$/);
  assert.equal(await on(), 4);
  await writeFile(join(path, 'go'), '');
  assert.deepEqual(
    await Promise.all(all),
    Array.from({ length: 10 }, (_, n) => `${n}`),
  );
});

test('a slow one goes on when nobody waits for it, and the next connection has its password', async (t) => {
  const passwords = new CommandPasswords();
  const path = await folder(t);
  const command = shell('touch "$1/on"; while [ ! -e "$1/go" ]; do sleep 0.01; done; echo late', path);
  using until = Deadline.after(3_600_000);
  const first = passwords.read(command, until);
  await eventually(() => readFile(join(path, 'on')));
  until.cancel('timeout');
  const read = await first;
  assert.match(read.ok ? '' : read.detail, /has not printed the password in time: it goes on/);
  const second = seen(passwords, command);
  await writeFile(join(path, 'go'), '');
  assert.equal(await second, 'late');
});

test('one that hangs is killed after 10 seconds', async (t) => {
  const clock = stopClock(t);
  const passwords = new CommandPasswords();
  const path = await folder(t);
  const read = seen(passwords, shell('touch "$1/on"; sleep 3600', path));
  await eventually(() => readFile(join(path, 'on')));
  clock.forward(10_000);
  assert.match(await read, /^credentials: password_command: \/bin\/sh has not ended after 10 s/);
});

test('one that has failed is left alone for 30 seconds', async (t) => {
  const clock = stopClock(t);
  const passwords = new CommandPasswords();
  const file = join(await folder(t), 'runs');
  const command = shell('echo >> "$1"; echo "no login" >&2; exit 1', file);
  const runs = async () => (await readFile(file, 'utf8')).length;
  const sentence = 'credentials: password_command: /bin/sh failed with exit code 1: no login';
  assert.equal(await seen(passwords, command), sentence);
  clock.forward(29_000);
  assert.equal(await seen(passwords, command), `${sentence}; next try in 1 s`);
  assert.equal(await runs(), 1);
  clock.forward(1_000);
  assert.equal(await seen(passwords, command), sentence);
  assert.equal(await runs(), 2);
});

const outputs: readonly (readonly [script: string, seen: RegExp])[] = [
  ['printf secret', /^secret$/],
  ["printf ' secret \\r\\n\\n'", /^secret$/],
  ["printf 'pässwörd with blanks'", /^pässwörd with blanks$/],
  ['true', /^credentials: .* printed nothing: it must print the password$/],
  ["printf ' \\n'", /printed nothing/],
  [
    "printf 'Warning: x\\nsecret\\n'",
    /printed several lines or control characters: it must print the password alone$/,
  ],
  ["printf 'sec\\0ret'", /several lines or control characters/],
  ["printf 'p\\344ss'", /printed a text that is not in UTF-8/],
  ['head -c 1000000 /dev/zero', /printed more than 64 KiB and was killed/],
  [
    'echo hunter2hunter2; echo hunter2hunter2 is what I have >&2; exit 9',
    /exit code 9: <\.\.\.> is what I have$/,
  ],
];
for (const [script, expected] of outputs)
  test(`the password of ${script}`, async () => {
    const text = await seen(new CommandPasswords(), shell(script));
    assert.match(text, expected);
    assert.ok(!text.includes('hunter2'));
  });

test('a refused password is kept for those who ask at once, and then another is printed', async (t) => {
  const clock = stopClock(t);
  const passwords = new CommandPasswords();
  const command = await counting(t);
  const read = async () => {
    const found = await passwords.read(command, FOREVER);
    return found.ok ? [found.password, found.isFresh] : found;
  };
  assert.deepEqual(await read(), ['run-1', true]);
  passwords.noteRefused(command, 'run-1');
  assert.deepEqual(await read(), ['run-1', true]);
  clock.forward(5_000);
  assert.deepEqual(await read(), ['run-2', true]);
  passwords.noteRefused(command, 'run-1'); // by a slow server: it says nothing about the new one
  clock.forward(5_000);
  assert.deepEqual(await read(), ['run-2', false]);
});
