/** A name on the command line that there is not. */
import { didYouMean, hintFor } from '../diagnostics/suggest.ts';

const PLURALS = { target: 'targets', 'query set': 'query sets', query: 'queries' } as const;

/** Says on standard error that the configuration has no such name; returns the exit code, that of a wrong call. */
export function refuseName(what: keyof typeof PLURALS, name: string, known: Iterable<string>): number {
  process.stderr.write(`unknown ${what} "${name}"${hintFor(name, [...known], PLURALS[what])}\n`);
  return 2;
}

/**
 * What is wrong with a word where none belongs.
 *
 * @param first the first word of the command line, undefined when an option stands there
 */
export function unknownCommand(word: string, first: string | undefined, commands: readonly string[]): string {
  if (first === 'serve') return `serve takes no argument, found "${word}"`;
  if (commands.includes(word)) return `the command "${word}" must stand before the options`;
  return `unknown command "${word}"${didYouMean(word, commands)}\ncommands are: ${commands.join(', ')}`;
}
