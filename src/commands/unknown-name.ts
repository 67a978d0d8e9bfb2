/** A name on the command line that there is not. */
import { didYouMean } from '../config/suggest.ts';

/** Says on standard error that the configuration has no such name; returns the exit code. */
export function refuseName(what: string, name: string, known: Iterable<string>): number {
  process.stderr.write(`unknown ${what} "${name}"${didYouMean(name, known)}\n`);
  return 1;
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
