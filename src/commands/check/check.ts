/**
 * `check`: all diagnostics of the configuration that need no server, for people or for machines.
 *
 * With a target, it also asks its server: check-target.ts.
 */

import { type Command, Option } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { readWebFile } from '../../config/web-file/web-file.ts';
import { type Diagnostic, formatDiagnostic, isError } from '../../diagnostics/diagnostic.ts';
import { filesText, isConfigNamed } from '../options/config-files.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { complain, pluralize, writeLine, writeText } from '../printable.ts';
import type { ConfigOptions } from '../program.ts';
import { checkFile } from './check-file.ts';
import { checkTarget } from './check-target.ts';

interface CheckFlags extends ConfigFlags {
  readonly target: string | undefined;
  readonly format: 'text' | 'json';
  readonly 'web.config.file': string | undefined;
}

interface CheckOptions extends ConfigOptions {
  /** What was found in the web file. */
  readonly web: readonly Diagnostic[];
  readonly format: 'text' | 'json';
  /** Also ask the server of this target. */
  readonly target: string | undefined;
}

/** Adds the command. */
export function addCheck(program: Command): void {
  addConfigOptions(program.command('check'))
    .description('check the configuration: all errors and warnings')
    .argument('[file]', 'the targets, instead of --config.file; or a query file alone')
    .addOption(new Option('--target <name>', 'also run the queries of this target once').conflicts('format'))
    .addOption(
      new Option('--format <format>', 'form of the findings').choices(['text', 'json']).default('text'),
    )
    .option('--web.config.file <file>', 'also check this web file; it alone when no other file is named')
    .action(async (file: string | undefined, flags: CheckFlags, command: Command) => {
      const { target, format, 'config.file': named, 'web.config.file': webFile } = flags;
      if (file !== undefined && named !== undefined)
        command.error(`error: both ${file} and ${named}: check one of them`);
      const options = configOptions(command, { ...flags, 'config.file': file ?? named });
      const web = webFile === undefined ? [] : (await readWebFile(webFile)).diagnostics;
      const isWebAlone = webFile !== undefined && file === undefined && !isConfigNamed(flags);
      if (isWebAlone) print([], [], { files: webFile, format, web });
      const code = isWebAlone ? 0 : await check({ ...options, target, format, web });
      process.exitCode = code === 0 && web.some(isError) ? 1 : code;
    });
}

/** Prints the diagnostics on standard output; returns the exit code, 1 when there is an error. */
async function check(options: CheckOptions): Promise<number> {
  const { files, target } = options;
  const alone = typeof files === 'string' ? await checkFile(files) : undefined;
  if (alone !== undefined) {
    const { diagnostics, sets } = alone;
    print(diagnostics, sets === 0 ? [] : [pluralize(sets, 'query set')], options);
    if (target === undefined) return diagnostics.some(isError) ? 1 : 0;
    complain(`${filesText(files)} has no targets: name a file that has, and the target "${target}"`);
    return 2;
  }
  const loaded = await loadConfig(files, process.env);
  const config = loaded.ok ? loaded.config : undefined;
  const things =
    config === undefined
      ? []
      : [
          pluralize(config.targets.size, 'target'),
          ...(config.patterns.length === 0 ? [] : [pluralize(config.patterns.length, 'pattern')]),
          pluralize(config.querySets.size, 'query set'),
        ];
  print(loaded.ok ? loaded.warnings : loaded.diagnostics, things, options);
  if (!loaded.ok) return 1;
  return target === undefined ? 0 : await checkTarget(target, loaded.config, options);
}

/** @param things numbers of targets and query sets, where they are known */
function print(
  ofFiles: readonly Diagnostic[],
  things: readonly string[],
  { files, format, web }: Pick<CheckOptions, 'files' | 'format' | 'web'>,
): void {
  const diagnostics = [...web, ...ofFiles];
  if (format === 'json') {
    writeText(`${JSON.stringify(diagnostics, undefined, 2)}\n`);
    return;
  }
  for (const diagnostic of diagnostics) writeLine(formatDiagnostic(diagnostic));
  const errors = diagnostics.filter(isError).length;
  const found = [pluralize(errors, 'error'), pluralize(diagnostics.length - errors, 'warning')];
  writeLine(`${filesText(files)}: ${[...(errors > 0 ? [] : things), ...found].join(', ')}`);
}
