/**
 * `config NAME`: the settings of a target as they hold, and which line says each.
 */
import type { Command } from 'commander';
import { targetFinder } from '../probe/target-finder.ts';
import { settingsText } from '../settings/settings-text.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from './options/config-options.ts';
import { writeText } from './printable.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { refuseName } from './unknown-name.ts';

/** Adds the command. */
export function addConfig(program: Command): void {
  addConfigOptions(program.command('config'))
    .description('print the settings of a target as they hold, and where each comes from')
    .argument('<name>', 'name of the target; also one that a pattern matches, or the pattern')
    .action(async (name: string, flags: ConfigFlags, command: Command) => {
      process.exitCode = await printConfig(name, configOptions(command, flags));
    });
}

/** Prints them on standard output as YAML; returns the exit code. */
async function printConfig(name: string, options: ConfigOptions): Promise<number> {
  const config = await readConfig(options);
  if (config === undefined) return 1;
  const { patterns, targets } = config;
  const pattern = patterns.find(({ text }) => text === name);
  const target = pattern?.template ?? targetFinder(config)(name);
  if (target === undefined)
    return refuseName(options.logFormat, {
      what: 'target',
      name,
      known: [...targets.keys(), ...patterns.map(({ text }) => text)],
    });
  writeText(settingsText(config, target));
  return 0;
}
