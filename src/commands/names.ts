/** The commands, in the order of the help. */
export const COMMAND_NAMES = [
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
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** What the program does when no command is named. */
export const DEFAULT_COMMAND: CommandName = 'serve';

export const isCommandName = (word: string | undefined): word is CommandName =>
  COMMAND_NAMES.some((name) => name === word);
