/**
 * The cell of a result that was last sought, as bytes.
 */
import type { Cells } from '../compiled.ts';

/** Whether the cell has the bytes of a text, or of a part of it. */
export function isText({ buffer, end, start }: Cells, text: Uint8Array, from = 0, to = text.length): boolean {
  if (end - start !== to - from) return false;
  // Byte by byte on purpose: a call of the runtime's own costs more than the few bytes of a key.
  for (let at = start, t = from; at < end; at++, t++) if (buffer[at] !== text[t]) return false;
  return true;
}

/** The bytes of the cell, to be kept. */
export const copyOf = ({ buffer, end, start }: Cells): Uint8Array =>
  new Uint8Array(buffer.subarray(start, end));
