/** What every command line has in common: how a wrong call is reported, and its exit code. */
import { Command } from 'commander';
import { textFor } from './printable.ts';
import { asksForJson, reportAtStart } from './start-up-report.ts';

/** A command line without commands. Exit codes: 0 good, 1 failed, 2 usage. */
export function createFrame(): Command {
  return (
    new Command('mysql-query-exporter')
      .description('Prometheus exporter for MySQL and MariaDB: one process watches hundreds of servers.')
      .configureOutput({ writeErr: writeUsage })
      .showHelpAfterError('(--help tells what there is)')
      // 1 is for what failed; a wrong call is 2, as in Prometheus' own programs.
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  );
}

/** What is wrong with a call. */
function writeUsage(text: string): void {
  if (!asksForJson(process.argv)) process.stderr.write(textFor(text, true));
  else reportAtStart('json', { level: 'error', sentence: text.trim() });
}
