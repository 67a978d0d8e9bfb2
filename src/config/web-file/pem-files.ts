/**
 * The files that a web file is made of, itself among them, with the content that was found: whether anything has
 * changed is asked of the content, since a folder that Kubernetes swaps changes nothing else.
 */
import { readFile, stat } from 'node:fs/promises';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

/** Undefined for a file that could not be read. */
export type Contents = ReadonlyMap<string, Buffer | undefined>;

/** No web file and no chain of certificates has as much. */
const MAX_BYTES = 1 << 20;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
};

export class FilesRead {
  readonly #contents = new Map<string, Buffer | undefined>();

  get contents(): Contents {
    return this.#contents;
  }

  /** The content; a message goes on behind the name of the file. */
  async read(path: string): Promise<Parsed<Buffer>> {
    try {
      const content = await readLimited(path);
      this.#contents.set(path, content);
      return content === undefined ? refused('has more than a megabyte') : parsed(content);
    } catch (error) {
      this.#contents.set(path, undefined);
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
      return refused(WHY[code] ?? `cannot be read (${code})`);
    }
  }
}

async function readLimited(path: string): Promise<Buffer | undefined> {
  const { size } = await stat(path);
  return size > MAX_BYTES ? undefined : await readFile(path);
}

/** Whether a file has other content now. Never rejects. */
export async function haveChanged(contents: Contents): Promise<boolean> {
  for (const [path, before] of contents) {
    const now = await readLimited(path).catch(() => undefined);
    if (before === undefined ? now !== undefined : now === undefined || !before.equals(now)) return true;
  }
  return false;
}
