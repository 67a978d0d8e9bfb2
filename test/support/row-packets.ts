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

/** Of a packet: the length of its payload, and its number. */
export function headerOf({ length }: Buffer, number: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(length, 0, 3);
  header[3] = number % 256;
  return header;
}

/** @param counts how many rows come in each buffer; all in one, as they mostly arrive, when left out */
export function resultRows(
  rows: readonly Row[],
  columns = rows[0]?.length ?? 0,
  counts: readonly number[] = [rows.length],
): ResultRows {
  const result = new ResultRows(Array.from({ length: columns }, () => false));
  const payloads = rows.map(rowPayload);
  let first = 0;
  for (const count of counts) {
    const some = payloads.slice(first, first + count);
    first += count;
    const buffer = Buffer.concat(some.flatMap((payload, i) => [headerOf(payload, i), payload]));
    let offset = 0;
    for (const { length } of some) {
      offset += 4;
      result.add({ buffer, offset, end: offset + length });
      offset += length;
    }
  }
  return result;
}
