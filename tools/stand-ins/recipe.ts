/**
 * What a stand-in is made of: packages of Debian, a few files, and what its image says of itself.
 */

export interface Recipe {
  /** Of Debian; `own` is the suite that the official image has. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Commands of a shell outside of the image; "$1" is the folder that becomes its root. */
  readonly steps: readonly string[];
  /** As in a Dockerfile, such as `EXPOSE 3306`. */
  readonly settings: readonly string[];
}

/** A word for the shell. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The step that puts a program of ours into the image. */
export const installed = (from: string, to: string): string =>
  `install -D -m 755 ${quoted(from)} "$1"${quoted(to)}`;
