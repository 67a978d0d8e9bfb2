/**
 * What a configuration was read from, so that one can tell later whether reading it again would give another.
 */
import { createHash } from 'node:crypto';
import type { Parsed } from './parsed.ts';

type Content = string | Uint8Array;

/** One file, or the names that a pattern matches. */
export interface Input {
  /** What it was when it was read: its content, or why there was none. */
  readonly digest: string;
  /** What it is now. */
  readonly read: () => Promise<string>;
}

/** @param was what was read, @param again reads it anew */
export function inputOf(was: Parsed<Content>, again: () => Promise<Parsed<Content>>): Input {
  return { digest: digestOf(was), read: async () => digestOf(await again()) };
}

/** Whether any of them is another than it was. */
export async function haveChanged(inputs: readonly Input[]): Promise<boolean> {
  for (const { digest, read } of inputs) if ((await read()) !== digest) return true;
  return false;
}

function digestOf(read: Parsed<Content>): string {
  const content = read.ok ? read.value : read.message;
  return createHash('sha256').update(`${read.ok}\n`).update(content).digest('base64');
}
