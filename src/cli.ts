#!/usr/bin/env node
/** The entry: runs the command line. */
import './commands/no-inspector.ts';
import './commands/hangup.ts';
import { createHealthcheckLine, HEALTHCHECK } from './commands/healthcheck/healthcheck.ts';
import { createTokenLine, RDS_TOKEN } from './commands/rds-token.ts';

// A reader such as `head` closes the pipe early, which is no error.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`standard output cannot be written to: ${code}\n`);
  process.exit(1);
});
// Nobody can be told, and the work goes on.
process.stderr.on('error', () => {});
/** Commands that run again and again: what the others load would take most of their time. */
const ALONE = new Map([
  [RDS_TOKEN, createTokenLine],
  [HEALTHCHECK, createHealthcheckLine],
]);
const alone = ALONE.get(process.argv[2] ?? '');
const commandLine = alone?.() ?? (await import('./commands/command-line.ts')).createCommandLine();
await commandLine.parseAsync();
