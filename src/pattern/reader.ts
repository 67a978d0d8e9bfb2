/**
 * A place in the text of a regular expression.
 */

export interface Reader {
  readonly letters: readonly string[];
  readonly flags: string;
  at: number;
  /** Groups that are open here. */
  depth: number;
}

/** Whether this text comes next; it is taken then. */
export function takes(reader: Reader, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (reader.letters[reader.at + i] !== text[i]) return false;
  reader.at += text.length;
  return true;
}

/** What stands up to a letter, which is taken too. */
export function readUntil(reader: Reader, end: string): string {
  const from = reader.at;
  while (reader.at < reader.letters.length && reader.letters[reader.at] !== end) reader.at++;
  return reader.letters.slice(from, reader.at++).join('');
}

/** What stands from a place up to here. */
export const textSince = ({ at, letters }: Reader, from: number): string => letters.slice(from, at).join('');
