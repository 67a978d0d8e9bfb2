/** Files with a user or password that is most likely another one than its writer meant. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'password-file-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'password');
const at = 'targets.yml:1:51';

const files: readonly (readonly [content: string | Buffer, says: RegExp | undefined])[] = [
  ['secret\n', undefined],
  ['correct horse', undefined],
  ['pässwörd', undefined],
  ['a=b', /^warning: password_file: the file looks like NAME=value/],
  ['$5$rounds', undefined],
  ['', /^warning: .* the file is empty/],
  ['\n', /^warning: .* the file is empty/],
  ['secret \n', /^warning: .* begins or ends with a blank/],
  ['\tsecret', /^warning: .* begins or ends with a blank/],
  ['one\ntwo\n', /^warning: .* several lines/],
  ['$MYSQL_PASSWORD\n', /^warning: .* the name of a variable, which is not replaced/],
  ['${MYSQL_PASSWORD}', /^warning: .* the name of a variable, which is not replaced/],
  ['export MYSQL_PASSWORD=x', /^warning: .* looks like NAME=value/],
  [Buffer.from('p\xe4ss', 'latin1'), /^error: .* is not in UTF-8: save it as UTF-8/],
  [Buffer.from('\uFEFFsecret', 'utf16le'), /^error: .* is in UTF-16: save it as UTF-8/],
];
for (const [content, says] of files)
  test(`a password file of ${JSON.stringify(content.toString('latin1'))}`, async () => {
    writeFileSync(path, content, { mode: 0o600 });
    const { lines } = await load({
      'targets.yml': `targets: {a: {address: h, user: u, password_file: ${path}}}\n`,
    });
    if (says === undefined) return assert.deepEqual(lines, []);
    const [line = ''] = lines;
    assert.equal(lines.length, 1);
    assert.ok(line.startsWith(`${at}: `), line);
    assert.match(line.slice(at.length + 2), says);
    const text = content.toString('utf8').trim();
    assert.ok(text.length < 4 || !line.includes(text));
  });

const userFiles: readonly (readonly [content: string, says: RegExp | undefined])[] = [
  ['exporter\n', undefined],
  [' v-token-exporter-x1 \r\n', undefined],
  ['\n', /^error: user_file: the file is empty: write the name of the account into it$/],
  ['user\npassword\n', /^error: user_file: the file has several lines or control characters: write/],
  ['us\0er', /^error: user_file: the file has several lines or control characters/],
];
for (const [content, says] of userFiles)
  test(`a user file of ${JSON.stringify(content)}`, async () => {
    writeFileSync(path, content, { mode: 0o644 });
    const { lines } = await load({ 'targets.yml': `targets: {a: {address: h, user_file: ${path}}}\n` });
    assert.equal(lines.length, says === undefined ? 0 : 1, lines.join('\n'));
    if (says !== undefined) assert.match(lines[0]?.replace('targets.yml:1:38: ', '') ?? '', says);
  });

for (const key of ['password_file', 'tls: {key_file'])
  test(`the secret itself in the place of the name of a file is not repeated: ${key}`, async () => {
    const end = key.startsWith('tls') ? '}' : '';
    const { lines } = await load({
      'targets.yml': `targets: {a: {address: h, user: u, ${key}: TheSecretItself${end}}}\n`,
    });
    assert.match(
      lines.join('\n'),
      /the file that it names does not exist; it takes a name, not the secret itself/,
    );
    assert.doesNotMatch(lines.join('\n'), /TheSecret/);
  });
