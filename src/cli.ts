#!/usr/bin/env node
/** The entry: runs the command line. */
import { createCommandLine } from './commands/command-line.ts';

// `| head` has seen enough: what is left is for nobody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await createCommandLine().parseAsync();
