#!/usr/bin/env node
/** The entry: runs the command line. */
import './commands/no-inspector.ts';
import './commands/hangup.ts';
import { commandsFor, createCommandLine } from './commands/command-line.ts';

// A reader such as `head` closes the pipe early, which is no error.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`standard output cannot be written to: ${code}\n`);
  process.exit(1);
});
// Nobody can be told, and the work goes on.
process.stderr.on('error', () => {});
const commandLine = await createCommandLine(commandsFor(process.argv.slice(2)));
await commandLine.parseAsync();
