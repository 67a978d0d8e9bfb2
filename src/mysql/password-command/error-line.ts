/**
 * What may be told of a program's standard error: one short line that is not likely to hold a secret.
 *
 * Scripts print their own words there, and with `set -x` all that they call with its arguments.
 */

import { cut, replaceUnseen } from '../../visible-text.ts';
import type { FailedRun } from './run-program.ts';

const MAX_LINE = 200;

/** Long words with digits are keys and tokens more often than anything that helps, unless they are paths. */
const BETWEEN_WORDS = /([^\w+=.~/-])/;
const LONG = 24;
const IS_OPEN = /^[/.~]|^\D*$/;
const SECRET_NAME = /secret|token|passw|pwd|key|credential/i;
const MIN_SECRET = 6;
/** A token and its like are shorter; what is longer is no list of words to compare with. */
const MAX_OUTPUT = 8192;
const MASK = '<...>';

/**
 * The first line that says something, cut and masked; empty when there is none.
 *
 * @param open words that are no secret: host and user
 * @param env the environment of the program
 */
export function errorLine(
  { output, said }: Pick<FailedRun, 'said' | 'output'>,
  open: readonly string[],
  env: NodeJS.ProcessEnv,
): string {
  const lines = said.split(/[\r\n]+/).map((text) => text.trim());
  // Lines of `set -x` begin with a plus sign.
  const line = lines.find((text) => text !== '' && !text.startsWith('+'));
  if (line === undefined) return '';
  const secrets = [
    ...output.toString('utf8', 0, MAX_OUTPUT).split(/\s+/),
    ...Object.entries(env).flatMap(([name, value = '']) => (SECRET_NAME.test(name) ? [value] : [])),
  ].filter((secret) => secret.length >= MIN_SECRET);
  const masked = secrets
    .reduce((text, secret) => text.replaceAll(secret, MASK), line)
    .split(BETWEEN_WORDS)
    .map((word) => (word.length < LONG || open.includes(word) || IS_OPEN.test(word) ? word : MASK))
    .join('');
  return cut(
    replaceUnseen(masked, () => '?'),
    MAX_LINE,
  );
}
