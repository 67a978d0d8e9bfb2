/**
 * The command line: each command adds itself, with its options and their defaults.
 *
 * A new command is a file that exports such a function, its name in names.ts and an entry below.
 */
import type { Command } from 'commander';
import { VERSION } from '../package.ts';
import { createFrame } from './frame.ts';
import { endByHangup } from './hangup.ts';
import { COMMAND_NAMES, type CommandName, DEFAULT_COMMAND, isCommandName } from './names.ts';

type AddCommand = (program: Command) => void;

/** Loaded when they are wanted: what `serve` is made of would take most of the time of the others. */
const COMMANDS: Readonly<Record<CommandName, () => Promise<AddCommand>>> = {
  serve: async () => (await import('./serve/serve.ts')).addServe,
  probe: async () => (await import('./probe/probe.ts')).addProbe,
  check: async () => (await import('./check/check.ts')).addCheck,
  canary: async () => (await import('./canary/canary.ts')).addCanary,
  config: async () => (await import('./config.ts')).addConfig,
  grants: async () => (await import('./grants/grants.ts')).addGrants,
  sd: async () => (await import('./sd.ts')).addSd,
  schema: async () => (await import('./schema.ts')).addSchema,
  convert: async () => (await import('./convert.ts')).addConvert,
  'rds-token': async () => (await import('./rds-token.ts')).addRdsToken,
  healthcheck: async () => (await import('./healthcheck/healthcheck.ts')).addHealthcheck,
};

/** Builds it with these commands; nothing runs before its `parseAsync`. Exit codes: 0 good, 1 failed, 2 usage. */
export async function createCommandLine(names: readonly CommandName[] = COMMAND_NAMES): Promise<Command> {
  const program = createFrame().version(VERSION);
  for (const name of names) (await COMMANDS[name]())(program);
  program.hook('preAction', (_program, command) => {
    if (command.name() !== DEFAULT_COMMAND) endByHangup();
  });
  return program;
}

/** The commands that a call needs: one as a rule, all of them for the help and for what is no command. */
export function commandsFor(words: readonly string[]): readonly CommandName[] {
  const [first] = words;
  if (isCommandName(first)) return [first];
  if (first === '--version' || first === '-V') return [];
  const wantsHelp = words.some((word) => word === '--help' || word === '-h');
  return first === undefined || (first.startsWith('-') && !wantsHelp) ? [DEFAULT_COMMAND] : COMMAND_NAMES;
}
