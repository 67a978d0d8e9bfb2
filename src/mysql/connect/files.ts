/**
 * Files that are read anew for each connection: passwords and certificates.
 *
 * A file system that hangs keeps the thread that reads from it, and Node has four for everything: names in files,
 * compression, other files. So only two read such files, each file is read once at a time for all who want it, and
 * nobody waits longer than for a connection. What was read before is good enough meanwhile.
 */
import { readFile, stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { Deadline } from '../../deadline.ts';

export type FileRead =
  | { readonly ok: true; readonly bytes: Buffer }
  /** `detail` goes on after the path: "cannot be read (ENOENT)". */
  | { readonly ok: false; readonly detail: string };

/** Of four threads of the process, unless UV_THREADPOOL_SIZE says otherwise. */
const AT_ONCE = 2;
/** No password and no chain of certificates has as much. */
const MAX_BYTES = 1 << 20;

/** How long to wait for a file whose earlier content is known: the login needs the rest of the time. */
const KNOWN_WAIT_MS = 500;

const slots = pLimit(AT_ONCE);
const underWay = new Map<string, Promise<FileRead>>();
/** By path; as many as the configuration names. */
const lastRead = new Map<string, FileRead>();

/**
 * The whole content of a file. When it takes too long, what it was before; a failure when that is not known. Never
 * rejects.
 */
export function readShared(path: string, until: Deadline): Promise<FileRead> {
  const running = underWay.get(path) ?? slots(() => read(path)).finally(() => underWay.delete(path));
  underWay.set(path, running);
  const known = lastRead.get(path);
  return new Promise((resolve) => {
    const off = until.onEnd(() => resolve(known ?? TOO_LATE));
    const timer = known && setTimeout(resolve, KNOWN_WAIT_MS, known);
    void running.then((result) => {
      off();
      clearTimeout(timer);
      if (result.ok) lastRead.set(path, result);
      else lastRead.delete(path); // gone or forbidden: somebody wants it so
      resolve(result);
    });
  });
}

const TOO_LATE: FileRead = { ok: false, detail: 'is not read in time: its file system hangs, or others do' };

async function read(path: string): Promise<FileRead> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return { ok: false, detail: `has ${size} bytes, more than ${MAX_BYTES}` };
    return { ok: true, bytes: await readFile(path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return { ok: false, detail: `cannot be read (${code})` };
  }
}
