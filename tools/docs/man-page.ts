/** deploy/man/mysql-query-exporter.1: the manual page, from the command line itself. */
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

const COMMON = 'OPTIONS OF SEVERAL COMMANDS';

/** What is true of all commands. */
const END = `.SH EXIT STATUS
0 good, 1 failed, 2 wrong call.
.SH SIGNALS
.TP
.BR SIGTERM , " SIGINT"
\\fBserve\\fR lets running probes finish and closes its connections, which takes less than ten seconds.
.TP
.B SIGHUP
\\fBserve\\fR reads its configuration again; with a mistake in it, what it has stays in use.
.SH ENVIRONMENT
.TP
.B LOG_LEVEL
The least important lines to log, where \\fB\\-\\-log.level\\fR does not say.
.P
Variables that the configuration names as \${NAME} are read when it is loaded.
.SH SEE ALSO
.BR systemd.service (5),
and the folder docs of the package: guides, and a reference of every key, metric and reason.
`;

/** The page in roff, with the macros of man(7). */
export function manPage(program: Command): string {
  const commands = commandsOf(program);
  const common = commonOptions(commands);
  const name = program.name();
  const [what = ''] = program.description().split(':');
  return `.\\" Made by \`npm run docs\` from src/commands: change that.
.TH ${roff(name.toUpperCase())} 1 "" "${roff(name)}" "User Commands"
.SH NAME
${roff(name)} \\- ${roff(what)}
.SH SYNOPSIS
${commands.map((command) => `.B ${roff(name)} ${roff(command.name())}\n${italic(command.usage())}\n`).join('.br\n')}.SH DESCRIPTION
${line(program.description())}
.P
Without a command it does what \\fBserve\\fR does. A command stands before its options.
.SH COMMANDS
${commands.map((command) => commandSection(command, common)).join('')}.SH ${COMMON}
Of ${commands
    .filter((command) => takesCommon(command, common))
    .map((command) => bold(command.name()))
    .join(', ')}.
${common.map(optionItem).join('')}${END}`;
}

function commandSection(command: Command, common: readonly Option[]): string {
  return `.SS ${roff(command.name())}
${line(sentence(command.description()))}
${command.registeredArguments.map(argumentItem).join('')}${ownOptions(command, common).map(optionItem).join('')}${
  takesCommon(command, common) ? '.P\nAlso the options of several commands.\n' : ''
}`;
}

const argumentItem = (argument: Argument): string =>
  item(italic(argumentText(argument)), sentence(argument.description), argument.argChoices);

function optionItem(option: Option): string {
  const { description, spoken, value } = toldOf(option);
  const [flag = '', ...taken] = option.flags.split(' ');
  const byDefault = spoken ?? value;
  return item(
    [bold(flag), ...taken.map(italic)].join(' '),
    sentence(description),
    option.argChoices,
    byDefault === undefined || byDefault === '' ? '' : `Default: ${byDefault}.`,
  );
}

const item = (tag: string, text: string, choices: readonly string[] = [], end = ''): string =>
  `.TP
${tag}
${line([text, choices.length === 0 ? '' : `One of ${choices.join(', ')}.`, end].filter((part) => part !== '').join(' '))}
`;

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
const italic = (text: string): string => `\\fI${roff(text)}\\fR`;

/** A line of text, which must not look like a request. */
const line = (text: string): string => `\\&${roff(text)}`;

/** Letters that stand for themselves on paper and in a terminal, so that what is copied from the page works. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

const roff = (text: string): string => text.replaceAll(/[\\'"`^~-]/g, (letter) => ESCAPES[letter] ?? letter);
