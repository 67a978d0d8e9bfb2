/** A name on the command line that the configuration does not have. */
import { nearestName } from '../config/suggest.ts';

/** Says so on standard error; returns the exit code. */
export function refuseName(what: string, name: string, known: Iterable<string>): number {
  const near = nearestName(name, known);
  process.stderr.write(`unknown ${what} "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}\n`);
  return 1;
}
