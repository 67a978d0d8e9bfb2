/**
 * Values of a `.my.cnf` as values of targets.yml: both have variables of the environment, with other rules.
 */
import type { Option } from './ini.ts';
import { withoutVariables } from './targets-text.ts';

/**
 * mysqld_exporter replaces `${NAME}`, `$NAME`, every other `$` and `%(key)s`. Only the first is surely meant so: the
 * others are more often a part of a password that was written for the clients, which replace nothing.
 */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/;

/** With `${NAME}` as a variable and any other dollar as itself. */
export function textOf({ value }: Option): string {
  return value
    .split(new RegExp(VARIABLE.source, 'g'))
    .map((part, i) => (i % 2 === 0 ? withoutVariables(part) : `\${${part}}`))
    .join('');
}

/** Whether it holds something that mysqld_exporter replaces and textOf() does not. */
export function isReplacedThere({ value }: Option): boolean {
  return /\$|%\([^()]+\)s/.test(value.replaceAll(new RegExp(VARIABLE.source, 'g'), ''));
}

/** Whether nothing of it stands in the file. */
export const isVariable = ({ value }: Option): boolean => new RegExp(`^${VARIABLE.source}$`).test(value);
