/** Words for a terminal, and the only place where commands write to one. */

import { visible, visibleLines } from '../visible-text.ts';

/** A line for people on standard output. */
export function writeLine(line: string): void {
  process.stdout.write(`${visible(line)}\n`);
}

/** A line for people on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${visible(line)}\n`);
}

/** Lines for another program on standard output: as they are, unless a person looks at them. */
export function writeText(text: string): void {
  process.stdout.write(textFor(text, process.stdout.isTTY));
}

/** The lines as another program reads them, or as they are safe to look at. */
export function textFor(text: string, isTerminal: boolean): string {
  return isTerminal ? visibleLines(text) : text;
}

/** `no rows`, `1 row`, `2 rows`. */
export function pluralize(number: number, noun: string): string {
  return `${number === 0 ? 'no' : number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A reason from a closed list, and what a server or the exporter has to say about it. */
export function reasonText({ detail, reason }: { readonly reason: string; readonly detail: string }): string {
  return `${reason}: ${visible(detail)}`;
}
