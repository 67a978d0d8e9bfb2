/** The options of every command that works with a configuration: its files, the limit of statements, the log. */
import type { Command } from 'commander';
import type { ConfigOptions } from '../read-config.ts';
import { addConfigFiles, type ConfigFileFlags, configFiles } from './config-files.ts';
import { addLog, type LogFlags, logLevelOf } from './log.ts';
import { wholeNumber } from './values.ts';

export interface ConfigFlags extends ConfigFileFlags, LogFlags {
  readonly maxQueries: number;
}

/** Adds the options; those that a command adds later stand below them in its help. */
export function addConfigOptions(command: Command): Command {
  addConfigFiles(command).option(
    '--max-queries <n>',
    'most statements under way at once in the whole process',
    wholeNumber,
    1024,
  );
  return addLog(command);
}

/** What the options say together; ends the program when they contradict each other. */
export function configOptions(command: Command, flags: ConfigFlags): ConfigOptions {
  const named = configFiles(flags);
  if (!named.ok) command.error(`error: ${named.sentence}`);
  return {
    files: named.files,
    maxQueries: flags.maxQueries,
    logLevel: flags['log.level'] ?? logLevelOf(process.env, flags['log.format']),
    logFormat: flags['log.format'],
  };
}
