/** docs/reference/cli.md: every command with its arguments and flags, from the command line itself. */
import type { Argument, Command, Option } from 'commander';
import { anchorOf, code, prose, table } from './markdown.ts';

const INTRODUCTION = `<!-- Made by \`npm run docs\` from src/commands: change that. -->
# Command line

\`mysql-query-exporter COMMAND\` stands for \`node dist/cli.js\` in a clone of this project that is built. \`--help\` of each
command shows the same as this page.

Exit codes: 0 good, 1 failed, 2 wrong call. On SIGTERM and SIGINT \`serve\` lets running probes finish and closes its
connections, which takes less than ten seconds.`;

const COMMON = 'Options of several commands';

/** The page as text. */
export function cliPage(program: Command): string {
  const commands = program.commands.filter((command) => command.name() !== 'help');
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

/** Those that more than one command has, with the same meaning. */
function commonOptions(commands: readonly Command[]): readonly Option[] {
  const all = commands.flatMap(({ options }) => options);
  const isFirst = (option: Option, i: number) => all.findIndex(isSame(option)) === i;
  return all.filter((option, i) => isFirst(option, i) && all.filter(isSame(option)).length > 1);
}

const isSame = (a: Option) => (b: Option) => a.flags === b.flags && a.description === b.description;

const takesCommon = ({ options }: Command, common: readonly Option[]): boolean =>
  common.some((option) => options.some(isSame(option)));

const commandLink = (command: Command): string => `[${command.name()}](#${anchorOf(command.name())})`;

function commandSection(command: Command, common: readonly Option[]): readonly string[] {
  const own = command.options.filter((option) => !common.some(isSame(option)));
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
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  const shown = argument.required ? `<${name}>` : `[${name}]`;
  return [
    code(shown),
    [prose(sentence(argument.description)), choices(argument.argChoices)].join(' ').trim(),
  ];
}

function optionTable(options: readonly Option[]): readonly string[] {
  return table(['option', 'default', 'what'], options.map(optionRow));
}

function optionRow(option: Option): readonly string[] {
  // A default that is not a fixed value stands in the description.
  const [, description = '', spoken] = /^(.*?)(?: \(default: (.*)\))?$/.exec(option.description) ?? [];
  const byDefault = spoken ?? defaultText(option);
  return [
    code(option.flags),
    byDefault.replaceAll('"', '`'),
    [prose(sentence(description)), choices(option.argChoices)].join(' ').trim(),
  ];
}

function defaultText({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return code(defaultValueDescription);
  const value: unknown = defaultValue;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return code(String(value));
  throw new Error(`a default needs a description: ${JSON.stringify(value)}`);
}

const choices = (values: readonly string[] | undefined): string =>
  values === undefined || values.length === 0 ? '' : `One of ${values.map(code).join(', ')}.`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
