/** Reads a statement from a file of its own. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

/** Longer than any statement written by hand, and shorter than the 16 MB that fit into a packet. */
const MAX_BYTES = 1 << 20;

/** The statement without white space around it. A message names neither the file nor its content. */
export function readSqlFile(path: string): Parsed<string> {
  try {
    // Non-blocking: opening a named pipe would wait for a writer.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) return refused('is not a file');
      return readOpen(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return refused('does not exist');
    if (code === 'EACCES') return refused('cannot be read: the permission is missing');
    return refused(`cannot be read (${code ?? 'unknown reason'})`);
  }
}

function readOpen(file: number): Parsed<string> {
  const buffer = Buffer.allocUnsafe(MAX_BYTES + 1);
  let length = 0;
  for (;;) {
    const more = readSync(file, buffer, length, buffer.length - length, null);
    length += more;
    if (length > MAX_BYTES) return refused(`is larger than ${MAX_BYTES >> 20} MiB, too long for a statement`);
    if (more === 0) break;
  }
  const sql = textOf(buffer.subarray(0, length))?.trim();
  if (sql === undefined) return refused('is no UTF-8 text');
  return sql === '' ? refused('is empty: write one statement into it') : parsed(sql);
}

/** The text without a byte order mark, which editors on Windows write; undefined when it is not UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
