/** What Tab completes: asked of a real bash, and zsh reads its function. */
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
import { completedByBash } from '../../support/completing.ts';

const ZSH_FUNCTION = fileURLToPath(
  new URL('../../../deploy/completion/_mysql-query-exporter', import.meta.url),
);

const folder = await mkdtemp(join(tmpdir(), 'completion-'));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, 'queries'));
for (const name of ['targets.yml', 'two words.yml']) await writeFile(join(folder, name), '');

const FILES = ['queries', 'targets.yml', 'two words.yml'];

const cases: readonly (readonly [name: string, words: readonly string[], completed: readonly string[]])[] = [
  ['the commands', [''], COMMAND_NAMES],
  ['the beginning of a command', ['c'], ['check', 'config', 'convert']],
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

test('zsh takes its function', async () => {
  const { command, prefix } = await findZsh();
  const { stderr } = await promisify(execFile)(command, [...prefix, '-f', '-n', ZSH_FUNCTION]);
  assert.equal(stderr, '');
});
