/** What is known of a password_command when it is loaded. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load, loadTarget } from '../../../support/config-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'password-command-'));
after(() => rmSync(folder, { recursive: true }));
for (const [name, mode] of [
  ['good', 0o700],
  ['not-executable', 0o600],
  ['open-to-all', 0o777],
] as const) {
  writeFileSync(join(folder, name), '#!/bin/sh\necho secret\n');
  chmodSync(join(folder, name), mode);
}
const ENV = { PATH: `relative:${folder}:/usr/bin:/bin` };

const said = async (keys: string, address = 'h') => {
  const { lines } = await load(
    { 'targets.yml': `targets: {a: {address: "${address}", user: u, ${keys}}}\n` },
    ENV,
  );
  return lines.map((line) => line.replace('targets.yml:1:', '').replaceAll(folder, 'FOLDER'));
};

const cases: readonly (readonly [keys: string, ...lines: readonly string[]])[] = [
  ['password_command: [good]'],
  [`password_command: [${folder}/good, "{host}", "{port}", "--user={user}", "{{.x}}", '{"a": 1}']`],
  ['password_command: [good], password_ttl: 0'],
  [
    'password_command: [goood]',
    '57: error: password_command: the program "goood" is not in PATH: install it, or write its absolute path',
  ],
  [
    'password_command: [not-executable]',
    '57: error: password_command: the program "not-executable" is not in PATH: install it, or write its absolute path',
  ],
  [
    'password_command: ["good --host x"]',
    '57: error: password_command: the program has blanks in its name, and no shell splits it: give each argument an entry of its own',
  ],
  [
    'password_command: [./good]',
    '57: error: password_command: the program "./good" is a relative path: write an absolute one, or a name alone to have it found in PATH',
  ],
  [
    'password_command: [/nonexistent/p]',
    '57: error: password_command: the program /nonexistent/p does not exist',
  ],
  [
    `password_command: [${folder}/not-executable]`,
    '57: error: password_command: the program FOLDER/not-executable may not be executed by this user: chmod +x it',
  ],
  [`password_command: [${folder}]`, '57: error: password_command: the program FOLDER is not a file'],
  [
    `password_command: [${folder}/open-to-all]`,
    '57: warning: password_command: every user of this machine may change FOLDER/open-to-all, which runs with the rights of the exporter; chmod o-w it',
  ],
  [
    'password_command: [good, "{hots}:{PORT}", "{x}"]',
    '63: error: password_command: nothing fills {PORT} in; did you mean "port"?',
    '63: error: password_command: nothing fills {hots} in; did you mean "host"?',
    '80: error: password_command: nothing fills {x} in; placeholders are: host, port, user',
  ],
  ['password_command: good', '56: error: password_command: expected a list, found text (put [ ] around it)'],
  ['password_command: []', '56: error: password_command: the list must not be empty'],
  [
    'password: x, password_command: [good]',
    '51: error: password and password_command stand side by side: keep one of them',
  ],
  ['password_ttl: 5m', '38: error: password_ttl is for a password_command beside it, and there is none here'],
];
for (const [keys, ...lines] of cases)
  test(keys.replaceAll(folder, 'FOLDER'), async () => assert.deepEqual(await said(keys), lines));

test('a socket has no host, also for an auth module that a URL may choose', async () => {
  const line =
    'error: the target "a" is a socket, so nothing fills {host} in its password_command: give it another way to log in';
  assert.deepEqual(await said('password_command: [good, "{host}"]', 'unix:///s'), [`11: ${line}`]);
  assert.deepEqual(await said('password_command: [good, "{user}"]', 'unix:///s'), []);
  const { lines } = await load(
    {
      'targets.yml':
        'auth_modules: {m: {user: u, password_command: [good, "{host}"]}}\ntargets: {a: {address: "unix:///s", user: u, allow_auth_modules: [m]}}\n',
    },
    ENV,
  );
  assert.deepEqual(lines, [`targets.yml:2:11: ${line}`]);
});

test('the command of a target wins over the password of its group, and has its own time', async () => {
  const { credentials } = await loadTarget(
    {
      'targets.yml': `
groups: {g: {user: u, password: p}, slow: {password_command: [good, of, group], password_ttl: 1h}}
targets: {a: {address: h, groups: [g, slow], password_command: [good, "$$x"]}}
`,
    },
    ENV,
  );
  assert.deepEqual(credentials, {
    user: 'u',
    password: { kind: 'command', program: 'good', args: ['$x'], ttlMs: 600_000 },
  });
});
