/**
 * The rows of one result, kept as the bytes that arrived: most cells of a large result are numbers or known keys, and
 * a text of each would cost more than all that is done with it.
 *
 * Rows in the text protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
 */
import {
  HEADER_BYTES,
  type IncomingPacket,
  ProtocolViolation,
  payloadLength,
  readBits,
  readLength,
} from './packet.ts';

type Row = readonly (string | null)[];

const MARKER_NULL = 0xfb;
/** More take time with the square of their number to read: minutes for a megabyte. */
const MAX_BIT_BYTES = 8;
const NOTHING = Buffer.alloc(0);

/** Rows whose packets follow one another in a buffer. */
interface Segment {
  readonly buffer: Buffer;
  /** The number of the first. */
  readonly row: number;
  /** Where its payload begins. */
  readonly offset: number;
}

/** Filled while the result arrives, only read after that; cheapest in the order of the rows. */
export class ResultRows {
  /** Where the cell that was last sought lies. */
  buffer: Buffer = NOTHING;
  start = 0;
  end = 0;
  /** Of all rows together, with the lengths of their cells. */
  bytes = 0;
  /** No place of each row: a large result would be two arrays of as many numbers, which grow while it arrives. */
  readonly #segments: Segment[] = [];
  #length = 0;
  /** Where the row that was added last ends. */
  #last: Buffer = NOTHING;
  #lastEnd = 0;
  /** The row that was found last. */
  #segment = 0;
  #row = 0;
  #offset = 0;
  readonly #isBit: readonly boolean[];
  readonly #cursor = { at: 0 };
  #texts: readonly Row[] | undefined;

  /** @param isBit for each column whether its cells are raw bits */
  constructor(isBit: readonly boolean[]) {
    this.#isBit = isBit;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether any cell is raw bits, which are no text. */
  get hasBits(): boolean {
    return this.#isBit.includes(true);
  }

  /** Keeps a row once every length in it has been checked; throws a {@link ProtocolViolation}. */
  add(packet: IncomingPacket): void {
    const { buffer, end, offset } = packet;
    const cursor = this.#cursor;
    cursor.at = offset;
    for (let c = 0; c < this.#isBit.length; c++) {
      const first = buffer[cursor.at]!;
      if (first < MARKER_NULL) cursor.at += 1 + first;
      else if (first === MARKER_NULL) cursor.at++;
      else {
        const length = readLength(packet, cursor);
        cursor.at += length;
      }
      if (cursor.at > end) throw new ProtocolViolation('a cell is longer than its packet');
      if (this.#isBit[c] && first > MAX_BIT_BYTES && first !== MARKER_NULL)
        throw new ProtocolViolation('a BIT of more than 64 bits');
    }
    if (cursor.at !== end) throw new ProtocolViolation('a row is longer than its columns');
    if (buffer !== this.#last || offset !== this.#lastEnd + HEADER_BYTES)
      this.#segments.push({ buffer, row: this.#length, offset });
    this.#last = buffer;
    this.#lastEnd = end;
    this.#length++;
    this.bytes += end - offset;
  }

  /** Finds a cell for `buffer`, `start` and `end`; false when it is NULL. */
  seek(row: number, column: number): boolean {
    const buffer = this.#find(row);
    let at = this.#offset;
    for (let c = 0; ; c++) {
      const first = buffer[at]!;
      let length = first;
      if (first < MARKER_NULL) at++;
      else if (first === MARKER_NULL) {
        length = 0;
        at++;
      } else {
        const cursor = this.#cursor;
        cursor.at = at;
        length = readLength({ buffer, offset: at, end: buffer.length }, cursor);
        at = cursor.at;
      }
      if (c === column) {
        this.buffer = buffer;
        this.start = at;
        this.end = at + length;
        return first !== MARKER_NULL;
      }
      at += length;
    }
  }

  /** Sets `#offset`; the buffer that it is an offset of. */
  #find(row: number): Buffer {
    const segments = this.#segments;
    if (row < this.#row || this.#row === 0) this.#enter(0);
    while (this.#segment + 1 < segments.length && segments[this.#segment + 1]!.row <= row)
      this.#enter(this.#segment + 1);
    const { buffer } = segments[this.#segment]!;
    for (; this.#row < row; this.#row++)
      this.#offset += payloadLength(buffer, this.#offset - HEADER_BYTES) + HEADER_BYTES;
    return buffer;
  }

  #enter(segment: number): void {
    const { offset, row } = this.#segments[segment]!;
    this.#segment = segment;
    this.#row = row;
    this.#offset = offset;
  }

  /** The text of the cell that was last sought. */
  text(): string {
    return this.buffer.toString('utf8', this.start, this.end);
  }

  /** All cells as text, NULL as null; made when first asked for. */
  get texts(): readonly Row[] {
    this.#texts ??= Array.from({ length: this.#length }, (_, row) => this.row(row));
    return this.#texts;
  }

  /** The cells of one row as text. */
  row(row: number): Row {
    const buffer = this.#find(row);
    const texts = new Array<string | null>(this.#isBit.length);
    const cursor = { at: this.#offset };
    const packet = { buffer, offset: cursor.at, end: buffer.length };
    for (let c = 0; c < texts.length; c++) {
      if (buffer[cursor.at] === MARKER_NULL) {
        texts[c] = null;
        cursor.at++;
        continue;
      }
      const end = readLength(packet, cursor) + cursor.at;
      texts[c] = this.#isBit[c] ? readBits(buffer, cursor.at, end) : buffer.toString('utf8', cursor.at, end);
      cursor.at = end;
    }
    return texts;
  }
}
