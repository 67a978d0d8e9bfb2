/** deploy/completion/_mysql-query-exporter: completion for zsh. */
import type { Command } from 'commander';
import { DEFAULT_COMMAND } from '../../src/commands/names.ts';
import { type Call, callsOf, type Flag, flagsOf, type Operand, type Value } from './calls.ts';

/** The function as text, to be found by the name of its file. */
export function zshCompletion(program: Command): string {
  const calls = callsOf(program);
  return `#compdef mysql-query-exporter
# Completion of mysql-query-exporter for zsh. Made by \`npm run docs\` from src/commands: change that.

_mysql-query-exporter() {
  local command=${DEFAULT_COMMAND}
  local -a commands=(
${calls.map(({ description, name }) => `    ${quoted(`${name}:${description}`)}\n`).join('')}  )
  local -a first=()
  if ((CURRENT == 2)); then
    if [[ $words[2] != -* ]]; then
      _describe -t commands command commands
      return
    fi
    # Only in place of a command.
    first=(
${flagsOf(program)
  .filter(({ names }) => !names.includes('--help'))
  .map((flag) => `      ${flagSpec(flag)}\n`)
  .join('')}    )
  fi
  case $words[2] in
    ${calls.map(({ name }) => name).join(' | ')})
      command=$words[2]
      shift words
      ((CURRENT--))
      ;;
  esac
  case $command in
${calls.map(branch).join('')}  esac
}

_mysql-query-exporter "$@"
`;
}

function branch({ flags, name, operands }: Call): string {
  const specs = [...flags.map(flagSpec), ...operands.map(operandSpec)];
  const first = name === DEFAULT_COMMAND ? ' $first' : '';
  return `    ${name})
      _arguments${first} \\
${specs.map((spec) => `        ${spec}`).join(' \\\n')}
      ;;
`;
}

/** As _arguments takes it: \`*\` may be repeated, \`=\` takes its value in the same word or in the next one. */
function flagSpec({ description, names, repeats, value }: Flag): string {
  const told = `[${escaped(description)}]`;
  const taken = value === undefined ? '' : `:${escaped(value.name)}:${action(value)}`;
  const [name = '', ...others] = names;
  if (others.length === 0)
    return quoted(`${repeats ? '*' : ''}${name}${value === undefined ? '' : '='}${told}${taken}`);
  if (value !== undefined || repeats) throw new Error(`${name}: two names and a value`);
  return `'(${names.join(' ')})'{${names.join(',')}}${quoted(told)}`;
}

const operandSpec = ({ name, repeats, value }: Operand): string =>
  quoted(`${repeats ? '*' : ''}:${escaped(name)}:${action(value)}`);

function action(value: Value): string {
  switch (value.kind) {
    case 'choice':
      return `(${value.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'unknown':
      return ' ';
    default:
      throw new Error(value satisfies never);
  }
}

/** Without what ends a description or a message. */
const escaped = (text: string): string => text.replaceAll(/[\\[\]:]/g, '\\$&');

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
