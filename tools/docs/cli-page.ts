/** docs/reference/cli.md: every command with its arguments and flags, from the command line itself. */
import type { Argument, Command, Option } from 'commander';
import {
  argumentText,
  commandsOf,
  commonOptions,
  ownOptions,
  sentence,
  takesCommon,
  toldOf,
} from './command-options.ts';
import { anchorOf, code, prose, table } from './markdown.ts';

const INTRODUCTION = `<!-- Made by \`npm run docs\` from src/commands: change that. -->
# Command line

\`mysql-query-exporter COMMAND\` stands for \`node dist/cli.js\` in a clone of this project that is built. \`--help\` of each
command shows the same as this page, and \`man mysql-query-exporter\` where the package is installed for all users.
[deploy/completion](../../deploy/completion) has completion for bash and zsh.

Exit codes: 0 good, 1 failed, 2 wrong call. On SIGTERM and SIGINT \`serve\` lets running probes finish and closes its
connections, which takes less than ten seconds.`;

const COMMON = 'Options of several commands';

/** The page as text. */
export function cliPage(program: Command): string {
  const commands = commandsOf(program);
  const common = commonOptions(commands);
  return `${[
    INTRODUCTION,
    ...commands.flatMap((command) => commandSection(command, common)),
    '',
    `## ${COMMON}`,
    '',
    `Of ${commands
      .filter((one) => takesCommon(one, common))
      .map(commandLink)
      .join(', ')}.`,
    '',
    ...optionTable(common),
  ].join('\n')}\n`;
}

const commandLink = (command: Command): string => `[${command.name()}](#${anchorOf(command.name())})`;

function commandSection(command: Command, common: readonly Option[]): readonly string[] {
  const own = ownOptions(command, common);
  const args = command.registeredArguments;
  return [
    '',
    `## ${command.name()}`,
    '',
    `${sentence(command.description())} \`mysql-query-exporter ${command.name()} ${command.usage()}\``,
    ...(args.length === 0 ? [] : ['', ...table(['argument', 'what'], args.map(argumentRow))]),
    ...(own.length === 0 ? [] : ['', ...optionTable(own)]),
    ...(takesCommon(command, common)
      ? ['', `Also the [options of several commands](#${anchorOf(COMMON)}).`]
      : []),
  ];
}

function argumentRow(argument: Argument): readonly string[] {
  return [
    code(argumentText(argument)),
    [prose(sentence(argument.description)), choices(argument.argChoices)].join(' ').trim(),
  ];
}

function optionTable(options: readonly Option[]): readonly string[] {
  return table(['option', 'default', 'what'], options.map(optionRow));
}

function optionRow(option: Option): readonly string[] {
  const { description, spoken, value } = toldOf(option);
  const byDefault = spoken?.replaceAll('"', '`') ?? (value === undefined ? '' : code(value));
  return [
    code(option.flags),
    byDefault,
    [prose(sentence(description)), choices(option.argChoices)].join(' ').trim(),
  ];
}

const choices = (values: readonly string[] | undefined): string =>
  values === undefined || values.length === 0 ? '' : `One of ${values.map(code).join(', ')}.`;
