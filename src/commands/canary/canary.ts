/**
 * `canary SET/QUERY`: what a query would do, tried on a few servers of each kind before all are asked.
 */
import type { Command } from 'commander';
import { createLogger } from '../../telemetry/logger.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { wholeNumber } from '../options/values.ts';
import { assemble } from '../program.ts';
import { type ConfigOptions, readConfig } from '../read-config.ts';
import { reportAtStart } from '../start-up-report.ts';
import { refuseName } from '../unknown-name.ts';
import { printCanaries } from './canary-text.ts';
import { fitsGlob } from './glob.ts';
import { spread } from './spread.ts';
import { learnTargets, tryQuery } from './trial.ts';

interface CanaryFlags extends ConfigFlags {
  readonly targets: string;
  readonly limit: number;
}

const FEW = 8;

/** Adds the command. */
export function addCanary(program: Command): void {
  addConfigOptions(program.command('canary'))
    .description('run a query once on a few servers of each flavour and version, side by side')
    .argument('<set/query>', 'the query, whether targets have its set or not')
    .option('--targets <glob>', 'only targets with such a name; * stands for any part of it', '*')
    .option('--limit <n>', 'most servers that it is run on', wholeNumber, FEW)
    .action(async (query: string, flags: CanaryFlags, command: Command) => {
      process.exitCode = await canary(query, flags, configOptions(command, flags));
    });
}

/** Prints what became of it; returns the exit code, 1 when it did not run as it should. */
async function canary(
  path: string,
  { limit, targets: glob }: CanaryFlags,
  options: ConfigOptions,
): Promise<number> {
  const config = await readConfig(options);
  if (config === undefined) return 1;
  // What the log would say stands in the lines that are printed.
  const program = assemble(
    config,
    createLogger({ level: 'error', format: options.logFormat }),
    options.maxQueries,
  );
  const paths = [...config.querySets.values()].flatMap(({ name, queries }) =>
    queries.map((query) => `${name}/${query.name}`),
  );
  if (!paths.includes(path))
    return refuseName(options.logFormat, { what: 'query', name: path, known: paths });
  const targets = [...config.targets.values()].filter(({ enabled, name }) => enabled && fitsGlob(glob, name));
  if (targets.length === 0) {
    const sentence = `no enabled target has a name such as ${JSON.stringify(glob)}`;
    reportAtStart(options.logFormat, { level: 'error', sentence });
    return 1;
  }
  const learned = await learnTargets(targets, program);
  const chosen = spread(learned.known, limit);
  const trials = await Promise.all(chosen.map((target) => tryQuery(path, target, program)));
  await program.pools.close();
  return printCanaries({ path, targets: targets.length, ...learned, trials });
}
