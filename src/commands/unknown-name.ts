/** A name on the command line that there is not. */
import type { Command } from 'commander';
import { didYouMean, hintFor } from '../diagnostics/suggest.ts';
import { complain } from './printable.ts';

const PLURALS = { target: 'targets', 'query set': 'query sets', query: 'queries', group: 'groups' } as const;

/** Says on standard error that the configuration has no such name; returns the exit code, that of a wrong call. */
export function refuseName(what: keyof typeof PLURALS, name: string, known: Iterable<string>): number {
  complain(`unknown ${what} "${name}"${hintFor(name, [...known], PLURALS[what])}`);
  return 2;
}

/** What is wrong with a word that stands where `serve`, the default command, takes none. */
export function unknownCommand(word: string, program: Command): string {
  const names = program.commands.map((command) => command.name());
  if (program.args[0] === 'serve') return `serve takes no argument, found "${word}"`;
  if (names.includes(word)) return `the command "${word}" must stand before the options`;
  return `unknown command "${word}"${didYouMean(word, names)}\ncommands are: ${names.join(', ')}`;
}
