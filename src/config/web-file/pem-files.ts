/**
 * The files that a web file is made of, itself among them. That each was read is noted, so that one can ask later
 * whether any has changed.
 */
import { readFile, stat } from 'node:fs/promises';
import { type Input, inputOf } from '../../diagnostics/input.ts';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

/** No web file and no chain of certificates has as much. */
const MAX_BYTES = 1 << 20;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
};

/** The content; a message goes on behind the name of the file. */
export async function readPart(
  path: string,
  found: { noteInput(input: Input): void },
): Promise<Parsed<Buffer>> {
  const content = await readLimited(path);
  found.noteInput(inputOf(content, () => readLimited(path)));
  return content;
}

async function readLimited(path: string): Promise<Parsed<Buffer>> {
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? refused('has more than a megabyte') : parsed(await readFile(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return refused(WHY[code] ?? `cannot be read (${code})`);
  }
}
