/** What Tab completes: asked of a real bash, and of a zsh whose own part only tells what it was given. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findZsh } from '../../../harness/checking-programs.ts';
import { createCommandLine } from '../../../src/commands/command-line.ts';
import { COMMAND_NAMES } from '../../../src/commands/names.ts';

const run = promisify(execFile);
const COMPLETION = fileURLToPath(new URL('../../../deploy/completion/', import.meta.url));

/** Calls the function as bash does when Tab is pressed behind the last of the words. */
async function completedByBash(words: readonly string[], cwd: string): Promise<readonly string[]> {
  const script = `set -u
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"$(complete -p mysql-query-exporter | sed 's/.* -F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const file = join(COMPLETION, 'mysql-query-exporter.bash');
  const args = ['--norc', '--noprofile', '-c', script, 'bash', file, 'mysql-query-exporter', ...words];
  const { stderr, stdout } = await run('bash', args, { cwd });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

const folder = await mkdtemp(join(tmpdir(), 'completion-'));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, 'queries'));
for (const name of ['targets.yml', 'two words.yml']) await writeFile(join(folder, name), '');

const FILES = ['queries', 'targets.yml', 'two words.yml'];

const cases: readonly (readonly [name: string, words: readonly string[], completed: readonly string[]])[] = [
  ['the commands', [''], COMMAND_NAMES],
  ['the beginning of a command', ['c'], ['canary', 'check', 'config', 'convert']],
  ['options of the default command, and the version', ['--ver'], ['--version']],
  ['an option of the default command', ['--web.sys'], ['--web.systemd-socket']],
  ['an option of a command', ['check', '--all'], ['--all-targets']],
  ['no version behind a command', ['check', '--ver'], []],
  ['no option of another command', ['check', '--web.sys'], []],
  ['choices of an option', ['grants', '--flavour', ''], ['mysql', 'mariadb']],
  ['the beginning of a choice', ['serve', '--log.level', 'w'], ['warn']],
  ['choices behind an equals sign', ['serve', '--log.format', '=', ''], ['logfmt', 'json']],
  ['right behind the equals sign', ['serve', '--log.format', '='], ['logfmt', 'json']],
  ['the beginning of one behind an equals sign', ['serve', '--log.format', '=', 'j'], ['json']],
  ['files for an option without a command', ['--config.file', ''], FILES],
  ['a file for an option', ['sd', '--config.file', 'tar'], ['targets.yml']],
  ['a name with a blank', ['--config.file', '=', 'two'], ['two words.yml']],
  ['folders for an option', ['convert', '--output', ''], ['queries']],
  ['files for an argument', ['check', 'targets.yml', 't'], ['targets.yml', 'two words.yml']],
  ['choices of an argument', ['schema', ''], ['targets', 'queries']],
  ['nothing for a name of a target, which would need the configuration', ['probe', ''], []],
  ['nothing for a number', ['serve', '--max-queries', ''], []],
];

for (const [name, words, completed] of cases)
  test(`bash: ${name}`, async () =>
    assert.deepEqual([...(await completedByBash(words, folder))].sort(), [...completed].sort()));

test('bash: every option of every command', async () => {
  for (const command of (await createCommandLine()).commands) {
    const flags = command
      .createHelp()
      .visibleOptions(command)
      .map(({ long }) => long ?? '');
    assert.deepEqual(await completedByBash([command.name(), '--'], folder), flags);
  }
});

/** What the function hands to the functions of zsh's completion system, a line each. */
async function givenByZsh(...words: readonly string[]): Promise<readonly string[]> {
  const { command, prefix } = await findZsh();
  const script = `_arguments() print -rl -- "$@"
_describe() print -rl -- $\{(P)4}
file=$1; shift
words=("$@") CURRENT=$#
source $file`;
  const file = join(COMPLETION, '_mysql-query-exporter');
  const args = [...prefix, '-f', '-c', script, 'zsh', file, 'mysql-query-exporter', ...words];
  const { stderr, stdout } = await run(command, args);
  assert.equal(stderr, '');
  return stdout.trimEnd().split('\n');
}

test('zsh: the commands', async () =>
  assert.deepEqual(
    (await givenByZsh('')).map((line) => line.split(':')[0]),
    COMMAND_NAMES,
  ));

test('zsh: every option of every command, and the version in place of a command', async () => {
  const namesOf = (lines: readonly string[]) =>
    lines.flatMap((line) => /^(?:\*|\([^)]*\))?(--[\w.-]+)[=[]/.exec(line)?.[1] ?? []);
  for (const command of (await createCommandLine()).commands) {
    const flags = command.createHelp().visibleOptions(command);
    const given = await givenByZsh(command.name(), '');
    assert.deepEqual(
      namesOf(given),
      flags.map(({ long }) => long ?? ''),
    );
  }
  assert.deepEqual(namesOf(await givenByZsh('-')).slice(0, 2), ['--version', '--config.file']);
  assert.ok(!namesOf(await givenByZsh('--config.file', '')).includes('--version'));
});

test('zsh: values of options and arguments', async () => {
  const serve = await givenByZsh('serve', '');
  assert.ok(serve.includes('--log.format=[form of the log]:format:(logfmt json)'));
  assert.ok(serve.some((line) => /^--config\.file=\[.*\]:file:_files$/.test(line)));
  assert.ok(serve.some((line) => /^\*--web\.listen-address=\[.*\]:address: $/.test(line)));
  assert.ok(serve.includes('--web.health-without-login[/-/healthy and /-/ready need no login]'));
  assert.ok((await givenByZsh('convert', '')).some((line) => line.endsWith(':folder:_files -/')));
  assert.equal((await givenByZsh('check', '')).at(-1), '*:file:_files');
  assert.equal((await givenByZsh('schema', '')).at(-1), ':file:(targets queries)');
});
