/**
 * The whole command line: each command adds itself, with its options and their defaults.
 *
 * A new command is a file that exports such a function, and an entry below.
 */
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { addCheck } from './check/check.ts';
import { addConvert } from './convert.ts';
import { addGrants } from './grants.ts';
import { textFor } from './printable.ts';
import { addProbe } from './probe/probe.ts';
import { addSchema } from './schema.ts';
import { addSd } from './sd.ts';
import { addServe } from './serve/serve.ts';
import { asksForJson, reportAtStart } from './start-up-report.ts';

/** What is wrong with a call. */
function writeUsage(text: string): void {
  if (!asksForJson(process.argv)) process.stderr.write(textFor(text, true));
  else reportAtStart('json', { level: 'error', sentence: text.trim() });
}

/** In the order of the help. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addServe,
  addProbe,
  addCheck,
  addGrants,
  addSd,
  addSchema,
  addConvert,
];

/** Builds it; nothing runs before its `parseAsync`. Exit codes: 0 good, 1 failed, 2 usage. */
export function createCommandLine(): Command {
  const program = new Command('mysql-query-exporter')
    .description('Prometheus exporter for MySQL and MariaDB: one process watches hundreds of servers.')
    .version(VERSION)
    .configureOutput({ writeErr: writeUsage })
    .showHelpAfterError('(--help tells what there is)')
    // 1 is for what failed; a wrong call is 2, as in Prometheus' own programs.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  for (const add of COMMANDS) add(program);
  return program;
}
