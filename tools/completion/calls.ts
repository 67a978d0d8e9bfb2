/** What may be written behind the program's name, for the shells that complete it: from the command line itself. */
import type { Argument, Command, Option } from 'commander';
import { commandsOf } from '../docs/command-options.ts';

/** What a value is: one of a list, a path, or something that no shell knows. */
export type Value =
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'unknown' };

export interface Flag {
  /** Such as `-h` and `--help`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly repeats: boolean;
  /** Undefined when it has none. */
  readonly value: (Value & { readonly name: string }) | undefined;
}

export interface Operand {
  readonly name: string;
  readonly description: string;
  readonly repeats: boolean;
  readonly value: Value;
}

export interface Call {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly operands: readonly Operand[];
}

/** The commands, each with its options and arguments. */
export const callsOf = (program: Command): readonly Call[] =>
  commandsOf(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: flagsOf(command),
    operands: command.registeredArguments.map(operandOf),
  }));

/** The options of a command or of the program itself, with that for its help. */
export const flagsOf = (command: Command): readonly Flag[] =>
  command.createHelp().visibleOptions(command).map(flagOf);

function flagOf(option: Option): Flag {
  const [, name] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    names: [option.short, option.long].filter((one) => one !== undefined),
    description: option.description,
    repeats: /\bmay be repeated\b/.test(option.description),
    value: name === undefined ? undefined : { name, ...kindOf(name, option.argChoices) },
  };
}

function operandOf(argument: Argument): Operand {
  const name = argument.name();
  const { argChoices, description, variadic: repeats } = argument;
  return { name, description, repeats, value: kindOf(name, argChoices) };
}

/** Help calls a path `<file>` or `<folder>`. */
function kindOf(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'choice', choices };
  return { kind: name === 'file' || name === 'folder' ? name : 'unknown' };
}
