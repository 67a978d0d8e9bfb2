/** A name on the command line that there is not. */
import { didYouMean, hintFor } from '../diagnostics/suggest.ts';
import type { LogFormat } from '../telemetry/logger.ts';
import { COMMAND_NAMES, isCommandName } from './names.ts';
import { reportAtStart } from './start-up-report.ts';

const PLURALS = { target: 'targets', 'query set': 'query sets', query: 'queries', group: 'groups' } as const;

interface UnknownName {
  readonly what: keyof typeof PLURALS;
  readonly name: string;
  readonly known: Iterable<string>;
}

/** Says on standard error that the configuration has no such name; returns the exit code, that of a wrong call. */
export function refuseName(format: LogFormat, { known, name, what }: UnknownName): number {
  const sentence = `unknown ${what} "${name}"${hintFor(name, [...known], PLURALS[what])}`;
  reportAtStart(format, { level: 'error', sentence });
  return 2;
}

/** What is wrong with a word that stands where `serve`, the default command, takes none. */
export function unknownCommand(word: string, first: string | undefined): string {
  if (first === 'serve') return `serve takes no argument, found "${word}"`;
  if (isCommandName(word)) return `the command "${word}" must stand before the options`;
  const names = COMMAND_NAMES.join(', ');
  return `unknown command "${word}"${didYouMean(word, COMMAND_NAMES)}\ncommands are: ${names}`;
}
