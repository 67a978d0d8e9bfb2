#!/usr/bin/env node
/** The entry: runs the command line. */
import { createCommandLine } from './commands/command-line.ts';

// A reader such as `head` closes the pipe early, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await createCommandLine().parseAsync();
