/** The units of systemd: what its own tool says of them, and whether the program has what they name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findSystemdAnalyze } from '../../../harness/checking-programs.ts';
import { createCommandLine } from '../../../src/commands/command-line.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const UNITS = join(ROOT, 'deploy/systemd');
const SERVICE = 'mysql-query-exporter.service';
const SOCKET = 'mysql-query-exporter.socket';
/** Of 10; what is open is the network, and what JavaScript needs. */
const MOST_EXPOSURE = 1.5;

const service = await readFile(join(UNITS, SERVICE), 'utf8');
const socket = await readFile(join(UNITS, SOCKET), 'utf8');
const guide = await readFile(join(ROOT, 'docs/guides/systemd.md'), 'utf8');
const credentials = await readFile(join(ROOT, 'docs/guides/credentials.md'), 'utf8');
const analyze = await findSystemdAnalyze();

const machine = await mkdtemp(join(tmpdir(), 'systemd-'));
after(() => rm(machine, { recursive: true, force: true }));

/** The folder with systemd's own units: those of the machine, or those that were unpacked beside the tool. */
async function systemUnits(): Promise<string> {
  const bin = dirname(analyze.path);
  const folders = [resolve(bin, '../lib/systemd/system'), resolve(bin, '../../lib/systemd/system')];
  for (const folder of folders) if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  throw new Error(`no units in ${folders.join(', ')}`);
}

/** A machine on which the guide was followed, as far as systemd looks at it. */
async function install(): Promise<void> {
  const units = join(machine, 'usr/lib/systemd/system');
  const targets = (name: string) => !name.includes('.') || name === units || /\.(?:target|slice)$/.test(name);
  await cp(await systemUnits(), units, {
    recursive: true,
    filter: (from) => targets(from.split('/').at(-1) ?? ''),
  });
  for (const [name, text] of [
    [SERVICE, service],
    [SOCKET, socket],
  ] as const) {
    await mkdir(join(machine, 'etc/systemd/system'), { recursive: true });
    await writeFile(join(machine, 'etc/systemd/system', name), text);
  }
  for (const program of ['usr/local/bin/mysql-query-exporter', 'usr/bin/kill']) {
    await mkdir(dirname(join(machine, program)), { recursive: true });
    await writeFile(join(machine, program), '#!/bin/sh\n', { mode: 0o755 });
  }
}
await install();

/** What the tool says of the units on that machine. */
async function verdict(): Promise<string> {
  const args = ['verify', `--root=${machine}`, '--man=no', SERVICE, SOCKET];
  const { stderr, stdout } = await run(analyze.command, [...analyze.prefix, ...args]).catch(
    (failed: { readonly stderr: string; readonly stdout: string; readonly message: string }) => ({
      stdout: failed.stdout,
      stderr: failed.stderr || failed.message,
    }),
  );
  return stdout + stderr;
}

test('systemd-analyze verify has nothing to say, and would', async () => {
  assert.equal(await verdict(), '');
  const file = join(machine, 'etc/systemd/system', SERVICE);
  await writeFile(file, service.replace('LockPersonality', 'LockPersonalty'));
  assert.match(await verdict(), /LockPersonalty/);
  await writeFile(file, service);
});

async function exposure(unit: string): Promise<number> {
  const file = join(machine, SERVICE);
  await writeFile(file, unit);
  const args = ['security', '--offline=true', '--no-pager', '--threshold=100', file];
  const { stdout } = await run(analyze.command, [...analyze.prefix, ...args]);
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
}

test(`systemd-analyze security calls it ${MOST_EXPOSURE} at most`, async () => {
  const level = await exposure(service);
  assert.ok(level <= MOST_EXPOSURE, String(level));
  assert.ok(guide.includes(` to ${MOST_EXPOSURE} of 10`));
  // With it Node.js does not start.
  assert.doesNotMatch(service, /^MemoryDenyWriteExecute=/m);
  assert.ok((await exposure(service.replace(/^SystemCallFilter=.*$/gm, ''))) > MOST_EXPOSURE);
});

/** Values of a key of a unit. */
const valuesOf = (unit: string, key: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');

const drops = [...guide.matchAll(/```ini\n([^`]*)```/g)].map(([, text]) => text ?? '');
const commands = [service, ...drops].flatMap((unit) =>
  ['ExecStartPre', 'ExecStart', 'ExecReload'].flatMap((key) => valuesOf(unit, key)),
);
const ours = commands.filter((command) => command.startsWith('mysql-query-exporter '));

test('what the units start is our program, or a signal to it', async () => {
  const { bin } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { bin: object };
  assert.deepEqual(Object.keys(bin), ['mysql-query-exporter']);
  assert.deepEqual(
    commands.filter((command) => !ours.includes(command)),
    ['kill -HUP $MAINPID', ''],
  );
  assert.equal(ours.length, 3);
});

for (const command of new Set(ours))
  test(`the program takes ${command}`, async () => {
    const [, name = '', ...words] = command.split(' ');
    const line = await createCommandLine();
    const found = line.commands.find((one) => one.name() === name);
    assert.ok(found !== undefined, name);
    const { operands, unknown } = found.parseOptions(words);
    assert.deepEqual(unknown, []);
    assert.equal(operands.length, name === 'check' ? 1 : 0);
  });

test('check reads the file that the service is started with, and the socket is the one that it takes', () => {
  const [file] = valuesOf(service, 'ExecStart').map((value) => /--config\.file (\S+)/.exec(value)?.[1]);
  assert.ok(file !== undefined && guide.includes(`\`${file}\``));
  assert.deepEqual(valuesOf(service, 'ExecStartPre'), [`mysql-query-exporter check ${file}`]);
  assert.match(service, /^ExecStart=.* --web\.systemd-socket$/m);
  assert.deepEqual(valuesOf(service, 'Requires'), [SOCKET]);
  assert.deepEqual(valuesOf(socket, 'ListenStream'), ['9104']);
});

test('guides speak of the credential that the service has', () => {
  const [credential = ''] = valuesOf(service, 'LoadCredential');
  const [name, path = ''] = credential.split(':');
  assert.ok(guide.includes(`password_file: \${CREDENTIALS_DIRECTORY}/${name}\n`));
  assert.ok(guide.includes(`/dev/stdin ${path}\n`));
  assert.ok(credentials.includes(`LoadCredential=${credential} in the unit`));
});
