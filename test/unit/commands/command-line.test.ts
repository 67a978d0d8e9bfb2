/** The command line as an object, from which its help and its reference are made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommandLine } from '../../../src/commands/command-line.ts';

const { commands } = await createCommandLine();
const optionsOf = (name: string) =>
  (commands.find((command) => command.name() === name)?.options ?? []).map(
    ({ argChoices, defaultValue, description, flags }) => ({ argChoices, defaultValue, description, flags }),
  );

test('the commands, in the order of the help', () => {
  assert.deepEqual(
    commands.map((command) => command.name()),
    [
      'serve',
      'probe',
      'check',
      'canary',
      'config',
      'grants',
      'sd',
      'schema',
      'convert',
      'rds-token',
      'healthcheck',
    ],
  );
});

test('every command, argument and option says what it is', () => {
  for (const command of commands) {
    assert.notEqual(command.description(), '', command.name());
    for (const { description } of command.registeredArguments) assert.notEqual(description, '');
    for (const { description, flags } of command.options) assert.notEqual(description, '', flags);
  }
});

test('commands that work with a configuration begin with the same options', () => {
  const shared = optionsOf('probe').slice(0, 7);
  assert.deepEqual(
    shared.map(({ flags }) => flags.split(' ')[0]),
    [
      '--config.file',
      '--config',
      '--config-database',
      '--config-metrics',
      '--max-queries',
      '--log.level',
      '--log.format',
    ],
  );
  for (const name of ['serve', 'check', 'canary', 'grants'])
    assert.deepEqual(optionsOf(name).slice(0, 7), shared, name);
});

test('defaults stand in the options', () => {
  const defaults = optionsOf('serve').flatMap(({ defaultValue, flags }) =>
    defaultValue === undefined ? [] : [[flags.split(' ')[0], defaultValue]],
  );
  assert.deepEqual(defaults, [
    ['--max-queries', 1024],
    ['--log.format', 'logfmt'],
    ['--web.listen-address', [{ host: '', port: 9104 }]],
    ['--web.max-requests', 512],
    ['--web.max-response-bytes', 67_108_864],
    ['--web.history', 20],
    ['--max-connections', 10_000],
    ['--max-result-bytes', 67_108_864],
    ['--config.auto-reload-interval', 0],
    ['--timeout-offset', 0.25],
  ]);
});
