/**
 * `check`: all diagnostics of files that need no server, for people or for machines.
 *
 * With `--target` or `--all-targets` it also asks servers: check-targets.ts.
 */

import { type Command, Option } from 'commander';
import { isError } from '../../diagnostics/diagnostic.ts';
import { isConfigNamed } from '../options/config-files.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { writeText } from '../printable.ts';
import type { ConfigOptions } from '../read-config.ts';
import { reportAtStart, reportDiagnostics } from '../start-up-report.ts';
import { type JudgedFile, judgeFile, judgeWebFile } from './check-file.ts';
import type { AskedTargets } from './check-targets.ts';
import { findingsIn, printFindings, printFindingsAsJson } from './findings.ts';

interface CheckFlags extends ConfigFlags {
  readonly target: string | undefined;
  readonly allTargets?: true;
  readonly format: 'text' | 'json';
  readonly 'web.config.file': string | undefined;
}

interface CheckOptions extends Omit<ConfigOptions, 'files'> {
  readonly format: 'text' | 'json';
  /** Also ask these servers. */
  readonly asked: AskedTargets | undefined;
}

/** Adds the command. */
export function addCheck(program: Command): void {
  addConfigOptions(program.command('check'))
    .description('check files: all errors and warnings; on request also what servers say to the queries')
    .argument(
      '[file...]',
      'the targets, instead of --config.file; and any number of other targets, query files and web files',
    )
    .option('--target <name>', 'also run the queries of this target once')
    .addOption(
      new Option(
        '--all-targets',
        'also run the queries of all enabled targets once, of twenty targets at a time',
      ).conflicts('target'),
    )
    .addOption(
      new Option('--format <format>', 'form of the findings').choices(['text', 'json']).default('text'),
    )
    .option('--web.config.file <file>', 'also check this web file; it alone when no other file is named')
    .action(async (named: string[], flags: CheckFlags, command: Command) => {
      const { allTargets, format, target } = flags;
      const options = configOptions(command, withFile(named, flags, command));
      const asked = allTargets === true ? 'all' : target === undefined ? undefined : { target };
      const judged = await judgeAll(named, flags, options);
      process.exitCode = await check(judged, { ...options, format, asked });
    });
}

/** The flags, as if one file had been named by its flag. */
function withFile(named: readonly string[], flags: CheckFlags, command: Command): CheckFlags {
  const [file, ...others] = named;
  const { 'config.file': byFlag } = flags;
  if (file === undefined) return flags;
  if (byFlag !== undefined) command.error(`error: both ${file} and ${byFlag}: check one of them`);
  if (others.length > 0 && isConfigNamed(flags))
    command.error('error: several files, and another by its flag: name all files without flags');
  return { ...flags, 'config.file': file };
}

async function judgeAll(
  named: readonly string[],
  flags: CheckFlags,
  { files }: ConfigOptions,
): Promise<readonly JudgedFile[]> {
  const { allTargets, target, 'web.config.file': webFile } = flags;
  const web = webFile === undefined ? [] : [await judgeWebFile(webFile)];
  const wantsConfig = isConfigNamed(flags) || target !== undefined || allTargets === true;
  if (webFile !== undefined && named.length === 0 && !wantsConfig) return web;
  const judged: JudgedFile[] = [...web];
  for (const file of named.length > 1 ? new Set(named) : [files]) judged.push(await judgeFile(file));
  return judged;
}

/** Prints what was found; returns the exit code, 1 when there is an error. */
async function check(judged: readonly JudgedFile[], options: CheckOptions): Promise<number> {
  const { asked, format, logFormat } = options;
  // Of an answer in JSON the targets are the whole.
  if (asked !== undefined && format === 'json') reportDiagnostics(logFormat, findingsIn(judged));
  else if (format === 'json') printFindingsAsJson(judged);
  else printFindings(judged);
  const code = findingsIn(judged).some(isError) ? 1 : 0;
  return asked === undefined ? code : Math.max(code, await ask(asked, judged, options));
}

async function ask(
  asked: AskedTargets,
  judged: readonly JudgedFile[],
  options: CheckOptions,
): Promise<number> {
  const { format, logFormat } = options;
  const [first, ...others] = judged.filter(({ kind }) => kind === 'configuration');
  if (first === undefined || others.length > 0) {
    const what = asked === 'all' ? '--all-targets' : `the target "${asked.target}"`;
    const names = (files: readonly JudgedFile[]) => files.map(({ name }) => name).join(', ');
    const sentence =
      first === undefined
        ? `${names(judged)} ${judged.length > 1 ? 'have' : 'has'} no targets: name a file that has, and ${what}`
        : `${names([first, ...others])} all have targets: name one of them, and ${what}`;
    reportAtStart(logFormat, { level: 'error', sentence });
    return 2;
  }
  if (first.config !== undefined) {
    // What asks servers takes as long to load as the files of most configurations.
    const { checkTargets } = await import('./check-targets.ts');
    return await checkTargets(asked, first.config, options);
  }
  if (format === 'json') writeText('[]\n');
  return 1;
}
