/**
 * One statement in MySQL's text protocol: sends it and reads its result as rows of text.
 *
 * A command for the driver's queue that replaces the driver's own query: every length is checked against
 * its packet, rows are plain arrays of text, and a result is counted while it arrives. The driver's reader
 * loops to a length that the server only claims, compiles code from column names and keeps every row
 * (mysql2 3.24.6, `parseLengthCodedIntNoBigCheck`).
 *
 * Protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html
 */
import { failure, fromLostConnection, fromServerError, type MysqlFailure } from './failure.ts';
import {
  type DriverPacket,
  isEof,
  ProtocolViolation,
  readBits,
  readError,
  readLength,
  readText,
  refuseMoreResults,
  skipText,
  statusOfOk,
} from './packet.ts';

/** What the server answered: names of the columns and cells as text, NULL as null. */
export interface TextResult {
  readonly ok: true;
  /** Empty for a statement that returns no rows, such as SET. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface ResultLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** For a statement whose answer is that it was done. */
export const NO_ROWS: ResultLimits = { maxRows: 1, maxBytes: 1 << 16 };

/** What this command needs of the driver's connection. */
export interface CommandHost {
  readonly _mariadbExtendedMetadata: boolean;
  _resetSequenceId(): void;
  writePacket(packet: OutgoingPacket): void;
}

interface OutgoingPacket {
  readonly buffer: Buffer;
  readonly _name: string;
  length(): number;
  writeHeader(sequenceId: number): void;
}

const COM_QUERY = 3;
const MARKER_OK = 0x00;
const MARKER_LOCAL_INFILE = 0xfb;
const MARKER_ERR = 0xff;
const TYPE_BIT = 16;
/** MySQL's own limit for a table; a join may select more, but no sensible metric query does. */
const MAX_COLUMNS = 4096;

/** How soon the end of a connection shows that was dead already. */
const STALE_MS = 30;

type Reading = 'nothing' | 'header' | 'columns' | 'columns_end' | 'rows';

export class TextQuery {
  readonly #sql: string;
  readonly #limits: ResultLimits;
  readonly #answer: (result: TextResult | MysqlFailure) => void;
  readonly #over: () => void;
  #reading: Reading = 'nothing';
  #answered = false;
  #bytes = 0;
  #sentAt = 0;
  #columnCount = 0;
  #hasBits = false;
  readonly #columns: string[] = [];
  readonly #isBit: boolean[] = [];
  #rows: (string | null)[][] = [];

  /**
   * @param answer called once, with the result or with why there is none
   * @param over called when the server has nothing more to say: the connection is free again
   */
  constructor(
    sql: string,
    limits: ResultLimits,
    answer: (result: TextResult | MysqlFailure) => void,
    over: () => void,
  ) {
    this.#sql = sql;
    this.#limits = limits;
    this.#answer = answer;
    this.#over = over;
  }

  /** The driver calls this when the connection fails under us. */
  onResult(error: unknown): void {
    this.#settle({ ...fromLostConnection(error), retryable: this.#bytes === 0 && this.#wasStale(error) });
  }

  /**
   * Whether the connection was dead before we asked: it is reset, or its end arrives at once. One that ends
   * later was ended on purpose, by a KILL or a crash, and the statement may be why: it is not sent again.
   */
  #wasStale(error: unknown): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ECONNRESET' || code === 'EPIPE' || performance.now() - this.#sentAt < STALE_MS;
  }

  /** Forgets the rows: whoever asked has gone, the rest of the result is read and dropped. */
  abandon(): void {
    this.#answered = true;
    this.#rows = [];
  }

  /** Answers that the result is too large. What still arrives is read and dropped. */
  refuseSize(): void {
    this.#refuse(`the result is larger than ${this.#limits.maxBytes} bytes`);
  }

  /**
   * The driver calls this to start, then for every packet.
   *
   * @returns true when the command is done
   */
  execute(packet: DriverPacket | undefined, host: CommandHost): boolean {
    if (packet === undefined) {
      host._resetSequenceId();
      this.#sentAt = performance.now();
      host.writePacket(comQuery(this.#sql));
      this.#reading = 'header';
      return false;
    }
    if (packet.offset >= packet.end) throw new ProtocolViolation('an empty packet');
    this.#bytes += packet.end - packet.offset;
    if (this.#bytes > this.#limits.maxBytes) this.refuseSize();
    if (packet.buffer[packet.offset] === MARKER_ERR) {
      this.#settle(fromServerError(readError(packet), 'query'));
      return this.#end();
    }
    switch (this.#reading) {
      case 'header':
        return this.#readHeader(packet);
      case 'columns':
        return this.#readColumn(packet, host._mariadbExtendedMetadata);
      case 'columns_end':
        if (!isEof(packet)) throw new ProtocolViolation('no end of the column definitions');
        this.#reading = 'rows';
        return false;
      case 'rows':
        return this.#readRow(packet);
      case 'nothing':
        throw new ProtocolViolation('an answer before the question');
    }
  }

  #readHeader(packet: DriverPacket): boolean {
    const marker = packet.buffer[packet.offset];
    if (marker === MARKER_OK) {
      refuseMoreResults(statusOfOk(packet));
      this.#settle({ ok: true, columns: [], rows: [] });
      return this.#end();
    }
    if (marker === MARKER_LOCAL_INFILE) throw new ProtocolViolation('the server asked for a local file');
    const cursor = { at: packet.offset };
    this.#columnCount = readLength(packet, cursor);
    if (this.#columnCount < 1) throw new ProtocolViolation('a result without columns');
    if (this.#columnCount > MAX_COLUMNS) {
      const detail = `the result has ${this.#columnCount} columns, more than ${MAX_COLUMNS}`;
      this.#settle(failure('limit', detail));
      throw new ProtocolViolation(detail); // closing is cheaper than reading that many definitions
    }
    this.#reading = 'columns';
    return false;
  }

  #readColumn(packet: DriverPacket, extendedMetadata: boolean): boolean {
    const cursor = { at: packet.offset };
    for (let skipped = 0; skipped < 4; skipped++) skipText(packet, cursor); // catalog, schema, table, original table
    this.#columns.push(readText(packet, cursor));
    skipText(packet, cursor); // original name
    if (extendedMetadata) skipText(packet, cursor);
    cursor.at += 1 + 2 + 4; // length of what follows, character set, display width
    if (cursor.at >= packet.end) throw new ProtocolViolation('a column definition is cut off');
    const isBit = packet.buffer[cursor.at] === TYPE_BIT;
    this.#isBit.push(isBit);
    this.#hasBits ||= isBit;
    if (this.#columns.length === this.#columnCount) this.#reading = 'columns_end';
    return false;
  }

  #readRow(packet: DriverPacket): boolean {
    if (isEof(packet)) {
      // After the marker: two bytes of warnings, two bytes of status.
      refuseMoreResults(packet.buffer[packet.offset + 3] ?? 0);
      this.#settle({ ok: true, columns: this.#columns, rows: this.#rows });
      return this.#end();
    }
    if (this.#answered) return false;
    if (this.#rows.length >= this.#limits.maxRows) {
      this.#refuse(`the result has more than ${this.#limits.maxRows} rows`);
      return false;
    }
    this.#rows.push(this.#parseRow(packet));
    return false;
  }

  #parseRow(packet: DriverPacket): (string | null)[] {
    const { buffer, end } = packet;
    const row = new Array<string | null>(this.#columnCount);
    const cursor = { at: packet.offset };
    for (let c = 0; c < row.length; c++) {
      if (buffer[cursor.at] === 0xfb) {
        row[c] = null;
        cursor.at++;
        continue;
      }
      const length = readLength(packet, cursor);
      const next = cursor.at + length;
      if (next > end) throw new ProtocolViolation('a cell is longer than its packet');
      row[c] =
        this.#hasBits && this.#isBit[c]
          ? readBits(buffer, cursor.at, next)
          : buffer.toString('utf8', cursor.at, next);
      cursor.at = next;
    }
    if (cursor.at !== end) throw new ProtocolViolation('a row is longer than its columns');
    return row;
  }

  /** Answers with a failure while the server goes on sending; the caller has the statement killed. */
  #refuse(detail: string): void {
    this.#settle(failure('limit', detail));
    this.#rows = [];
  }

  #settle(result: TextResult | MysqlFailure): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#answer(result);
  }

  #end(): true {
    this.#over();
    return true;
  }
}

function comQuery(sql: string): OutgoingPacket {
  const length = Buffer.byteLength(sql, 'utf8') + 1;
  const buffer = Buffer.allocUnsafe(4 + length);
  buffer[4] = COM_QUERY;
  buffer.write(sql, 5, 'utf8');
  return {
    buffer,
    _name: 'Query',
    length: () => buffer.length,
    writeHeader(sequenceId) {
      buffer.writeUIntLE(length, 0, 3);
      buffer[3] = sequenceId;
    },
  };
}
