/**
 * Rows as a server sends them, for what reads them.
 */
import { ResultRows } from '../../src/mysql/protocol/result-rows.ts';

type Row = readonly (string | null)[];

/** The payload of the packet of a row. */
export function rowPayload(row: Row): Buffer {
  return Buffer.concat(
    row.map((cell) => (cell === null ? Buffer.from([0xfb]) : withLength(Buffer.from(cell)))),
  );
}

function withLength(text: Buffer): Buffer {
  if (text.length < 0xfb) return Buffer.concat([Buffer.from([text.length]), text]);
  const length = Buffer.alloc(text.length < 0x10000 ? 3 : 4);
  length[0] = text.length < 0x10000 ? 0xfc : 0xfd;
  length.writeUIntLE(text.length, 1, length.length - 1);
  return Buffer.concat([length, text]);
}

/** Several in one buffer, as they mostly arrive. */
export function resultRows(rows: readonly Row[], columns = rows[0]?.length ?? 0): ResultRows {
  const result = new ResultRows(Array.from({ length: columns }, () => false));
  const payloads = rows.map(rowPayload);
  const buffer = Buffer.concat(payloads);
  let offset = 0;
  for (const { length } of payloads) {
    result.add({ buffer, offset, end: offset + length });
    offset += length;
  }
  return result;
}
