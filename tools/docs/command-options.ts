/** Options of the command line as pages tell them: those that several commands have, and defaults. */
import type { Argument, Command, Option } from 'commander';

/** Those that more than one command has, with the same meaning. */
export function commonOptions(commands: readonly Command[]): readonly Option[] {
  const all = commands.flatMap(({ options }) => options);
  const isFirst = (option: Option, i: number) => all.findIndex(isSame(option)) === i;
  return all.filter((option, i) => isFirst(option, i) && all.filter(isSame(option)).length > 1);
}

/** Those that only this command has. */
export const ownOptions = ({ options }: Command, common: readonly Option[]): readonly Option[] =>
  options.filter((option) => !common.some(isSame(option)));

export const takesCommon = ({ options }: Command, common: readonly Option[]): boolean =>
  common.some((option) => options.some(isSame(option)));

const isSame = (a: Option) => (b: Option) => a.flags === b.flags && a.description === b.description;

export interface Told {
  /** Without the default. */
  readonly description: string;
  /** A default that is not a fixed value stands in the description, and is these words. */
  readonly spoken: string | undefined;
  /** A fixed default. */
  readonly value: string | undefined;
}

/** What an option is for, apart from its default. */
export function toldOf(option: Option): Told {
  const [, description = '', spoken] = /^(.*?)(?: \(default: (.*)\))?$/.exec(option.description) ?? [];
  return { description, spoken, value: spoken === undefined ? fixedDefault(option) : undefined };
}

function fixedDefault({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  const value: unknown = defaultValue;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new Error(`a default needs a description: ${JSON.stringify(value)}`);
}

/** The commands that do something, without the one that shows the help of others. */
export const commandsOf = (program: Command): readonly Command[] =>
  program.commands.filter((command) => command.name() !== 'help');

/** An argument as it is written in a call. */
export function argumentText(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
