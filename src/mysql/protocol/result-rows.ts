/**
 * The rows of one result, kept as the bytes that arrived: most cells of a large result are numbers or known keys, and
 * a text of each would cost more than all that is done with it.
 *
 * Rows in the text protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
 */
import { type IncomingPacket, ProtocolViolation, readBits, readLength } from './packet.ts';

type Row = readonly (string | null)[];

const MARKER_NULL = 0xfb;
/** More take time with the square of their number to read: minutes for a megabyte. */
const MAX_BIT_BYTES = 8;
const NOTHING = Buffer.alloc(0);

/** Filled while the result arrives, only read after that. */
export class ResultRows {
  /** Where the cell that was last sought lies. */
  buffer: Buffer = NOTHING;
  start = 0;
  end = 0;
  /** Of all rows together, with the lengths of their cells. */
  bytes = 0;
  readonly #buffers: Buffer[] = [];
  readonly #offsets: number[] = [];
  readonly #isBit: readonly boolean[];
  readonly #cursor = { at: 0 };
  #texts: readonly Row[] | undefined;

  /** @param isBit for each column whether its cells are raw bits */
  constructor(isBit: readonly boolean[]) {
    this.#isBit = isBit;
  }

  get length(): number {
    return this.#offsets.length;
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
    this.#buffers.push(buffer);
    this.#offsets.push(offset);
    this.bytes += end - offset;
  }

  /** Finds a cell for `buffer`, `start` and `end`; false when it is NULL. */
  seek(row: number, column: number): boolean {
    const buffer = this.#buffers[row]!;
    let at = this.#offsets[row]!;
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

  /** The text of the cell that was last sought. */
  text(): string {
    return this.buffer.toString('utf8', this.start, this.end);
  }

  /** All cells as text, NULL as null; made when first asked for. */
  get texts(): readonly Row[] {
    this.#texts ??= this.#offsets.map((_, row) => this.row(row));
    return this.#texts;
  }

  /** The cells of one row as text. */
  row(row: number): Row {
    const buffer = this.#buffers[row]!;
    const texts = new Array<string | null>(this.#isBit.length);
    const cursor = { at: this.#offsets[row]! };
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
