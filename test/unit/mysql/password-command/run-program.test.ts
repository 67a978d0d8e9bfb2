/** Programs that behave badly: each ends within its limits, and nothing of it is left behind. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runProgram } from '../../../../src/mysql/password-command/run-program.ts';
import { eventually } from '../../../support/eventually.ts';

const folder = await mkdtemp(join(tmpdir(), 'run-program-'));
after(() => rm(folder, { recursive: true }));
const notExecutable = join(folder, 'not-executable');
await writeFile(notExecutable, '#!/bin/sh\necho secret\n', { mode: 0o600 });
const strange = join(folder, 'strange');
await writeFile(strange, '#!/nonexistent/interpreter\n');
await chmod(strange, 0o700);

const LIMITS = { ms: 20_000, bytes: 64 << 10 };
const sh = (script: string, limits = LIMITS) => runProgram('/bin/sh', ['-c', script], limits);

test('what it prints is all of its output, its input is empty, its environment is ours', async () => {
  process.env['TEST_RUN_PROGRAM'] = 'from us';
  const run = await sh('cat; echo " one"; echo "$TEST_RUN_PROGRAM"; echo aside >&2');
  assert.deepEqual(run, { ok: true, output: Buffer.from(' one\nfrom us\n') });
});

test('no shell reads the arguments', async () => {
  const args = ['%s|', '$(id)', '; id', '`id`', 'a b', '*', '"', '--', ''];
  const run = await runProgram('printf', args, LIMITS);
  assert.ok(run.ok);
  assert.equal(run.output.toString(), '$(id)|; id|`id`|a b|*|"|--||');
});

const failures: readonly (readonly [
  name: string,
  run: () => ReturnType<typeof sh>,
  detail: RegExp,
  said?: string,
])[] = [
  ['fails', () => sh('echo half; echo why >&2; exit 3'), /^failed with exit code 3$/, 'why\n'],
  ['is ended by a signal', () => sh('kill -SEGV $$'), /^was ended by SIGSEGV$/],
  ['prints a megabyte', () => sh('head -c 1000000 /dev/zero'), /^printed more than 64 KiB and was killed/],
  [
    'complains for a megabyte',
    () => sh('head -c 1000000 /dev/zero >&2; exit 1'),
    /^failed with exit code 1$/,
  ],
  ['does not exist', () => runProgram('/nonexistent/program', [], LIMITS), /^was not found/],
  ['is not in PATH', () => runProgram('no-such-program-at-all', [], LIMITS), /^was not found/],
  [
    'has an interpreter that does not exist',
    () => runProgram(strange, [], LIMITS),
    /^was not found, or what its first line/,
  ],
  [
    'is not executable',
    () => runProgram(notExecutable, [], LIMITS),
    /^may not be executed .*: chmod \+x it$/,
  ],
  ['is a folder', () => runProgram(folder, [], LIMITS), /^may not be executed/],
  [
    'has a zero byte in an argument',
    () => runProgram('printf', ['a\0b'], LIMITS),
    /^could not be started \(ERR_INVALID_ARG_VALUE\)$/,
  ],
];
for (const [name, run, detail, said] of failures)
  test(`a program that ${name}`, async () => {
    const result = await run();
    assert.ok(!result.ok);
    assert.match(result.detail, detail);
    if (said !== undefined) assert.equal(result.said, said);
    assert.ok(result.said.length <= 4096);
  });

/** Whether a process runs; one that has ended and waits to be reaped does not. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

test('a program that hangs is killed at the limit, with what it has started', async () => {
  const hanging = await sh('trap "" TERM; sleep 3600 & echo $$ $!; wait', { ms: 1_000, bytes: 100 });
  assert.ok(!hanging.ok);
  assert.match(hanging.detail, /^has not ended after 1 s/);
  const pids = hanging.output.toString().trim().split(' ');
  assert.equal(pids.length, 2, 'it had begun');
  for (const pid of pids) await eventually(async () => assert.equal(await isRunning(pid), false, pid));
});

test('what has left the group and holds the output open is not waited for', async (t) => {
  const run = await sh('setsid sh -c "echo \\$\\$; exec sleep 3600" & exit 0', { ms: 1_000, bytes: 100 });
  assert.ok(!run.ok);
  assert.match(run.detail, /or has left a process behind/);
  const pid = Number(run.output.toString());
  assert.ok(pid > 1);
  t.after(() => process.kill(pid));
});
