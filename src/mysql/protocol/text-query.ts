/**
 * One statement in MySQL's text protocol: sends it and reads its result as rows of text.
 *
 * In place of the driver's own: every length is checked against its packet, rows are plain arrays of text, and a
 * result is counted while it arrives. The driver's reader loops to a length that the server only claims, compiles code
 * from column names and keeps every row (mysql2 3.24.6, `parseLengthCodedIntNoBigCheck`).
 *
 * The answer to a CALL is several results, the first of those with columns counts. The others are read and
 * dropped, within the same limits, so that nothing of them is taken for the answer to the next statement.
 *
 * Protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html
 */
import { failure, fromLostConnection, fromServerError, type MysqlFailure } from '../failure.ts';
import type { Asked } from './channel.ts';
import {
  announcesMore,
  comQuery,
  type IncomingPacket,
  isEof,
  MARKER_ERR,
  ProtocolViolation,
  readError,
  readLength,
  readText,
  skipText,
  statusOfOk,
} from './packet.ts';
import { ResultRows } from './result-rows.ts';

/** What the server answered: names of the columns and cells as text, NULL as null. */
export interface TextResult {
  readonly ok: true;
  /** Empty for a statement that returns no rows, such as SET or the CALL of a procedure without a result. */
  readonly columns: readonly string[];
  /** Made when first asked for. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number;
  /** What the server sent for it, in packets. */
  readonly bytes: number;
  /** The same cells as bytes; undefined when some are raw bits. */
  readonly cells: ResultRows | undefined;
}

export interface ResultLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** For a statement that returns no rows. */
export const NO_ROWS: ResultLimits = { maxRows: 1, maxBytes: 1 << 16 };

/** What becomes of a statement. */
export interface TextQueryEvents {
  /** Called when what arrives from now on answers it. */
  readonly begin: () => void;
  /** Called once, with the result or with why there is none. */
  readonly answer: (result: TextResult | MysqlFailure) => void;
  /** Called when the server has nothing more to say of it. */
  readonly over: () => void;
}

const MARKER_OK = 0x00;
const MARKER_LOCAL_INFILE = 0xfb;
const TYPE_BIT = 16;
/** MySQL's own limit for a table; a join may select more, but no sensible metric query does. */
const MAX_COLUMNS = 4096;

/** Why a statement has no answer that was withdrawn before it had one: it can be asked anew. */
export const WITHDRAWN: MysqlFailure = {
  ...failure('queue', 'another statement takes too long'),
  retryable: true,
};

/** How soon the end of a connection shows that was dead already. */
const STALE_MS = 30;

type Reading = 'header' | 'columns' | 'columns_end' | 'rows';

export class TextQuery implements Asked {
  readonly packet: Buffer;
  /** Called when the server begins to answer. */
  onFirstByte: (() => void) | undefined;
  readonly #limits: ResultLimits;
  readonly #mayBeStale: boolean;
  readonly #events: TextQueryEvents;
  #reading: Reading = 'header';
  #answered = false;
  #bytes = 0;
  /** When it was its turn to be answered; undefined before that. */
  #begunAt: number | undefined;
  /** Whether the connection has proven to be alive since it was sent. */
  #isProven = false;
  /** Whether the event loop has looked at the socket since then. */
  #looked = true;
  /** Of the result that is being read. */
  #columnCount = 0;
  #columnsLeft = 0;
  /** Whether the result that counts has been read: what comes now is dropped. */
  #hasResult = false;
  /** Of all results together. */
  #rowCount = 0;
  readonly #columns: string[] = [];
  readonly #isBit: boolean[] = [];
  #rows: ResultRows | undefined;

  /** @param mayBeStale whether the connection was idle for so long that it may have died unnoticed */
  constructor(sql: string, limits: ResultLimits, events: TextQueryEvents, mayBeStale = true) {
    this.packet = comQuery(sql);
    this.#limits = limits;
    this.#mayBeStale = mayBeStale;
    this.#events = events;
  }

  /** Whether there is an answer, or nobody waits for one. */
  get isAnswered(): boolean {
    return this.#answered;
  }

  /** On the clock of `performance.now()`; undefined until what arrives answers it. */
  get begunAt(): number | undefined {
    return this.#begunAt;
  }

  lose(error: unknown): void {
    this.#settle({ ...fromLostConnection(error), retryable: this.#bytes === 0 && this.#wasStale(error) });
  }

  /**
   * Whether the connection was dead before we asked: nothing could be sent any more, it is reset, or its end arrives
   * at once, however long a busy machine takes to notice. One that ends later was ended on purpose, by a KILL or a
   * crash, and the statement may be why: it is not sent again.
   */
  #wasStale(error: unknown): boolean {
    if (this.#begunAt === undefined) return true;
    if (this.#isProven) return false;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ECONNRESET' || code === 'EPIPE' || !this.#looked) return true;
    return performance.now() - this.#begunAt < STALE_MS;
  }

  /** The first of these follows the look at sockets that is under way, the second the one after it. */
  #noteLook(): void {
    this.#looked = false;
    setImmediate(() => setImmediate(() => (this.#looked = true)));
  }

  begin(answersOthers: boolean): void {
    this.#begunAt = performance.now();
    this.#isProven = answersOthers;
    if (this.#mayBeStale && !answersOthers) this.#noteLook();
    this.#events.begin();
  }

  withdraw(): void {
    this.#settle(WITHDRAWN);
  }

  /** Forgets the rows: the caller has given up, so the rest of the result is read and dropped. */
  abandon(): void {
    this.#answered = true;
    this.#rows = undefined;
  }

  /** Answers that the result is too large. What still arrives is read and dropped. */
  refuseSize(): void {
    this.#refuse(`the result is larger than ${this.#limits.maxBytes} bytes`);
  }

  /** Answers that the results of all targets together are too large. */
  refuseTogether(max: number): void {
    this.#refuse(`the results that arrive now are larger than ${max} bytes together (--max-result-bytes)`);
  }

  take(packet: IncomingPacket, hasExtendedMetadata: boolean): boolean {
    if (packet.offset >= packet.end) throw new ProtocolViolation('an empty packet');
    if (this.#bytes === 0) this.onFirstByte?.();
    this.#bytes += packet.end - packet.offset;
    if (this.#bytes > this.#limits.maxBytes) this.refuseSize();
    if (packet.buffer[packet.offset] === MARKER_ERR) {
      this.#settle(fromServerError(readError(packet), 'query'));
      return true;
    }
    switch (this.#reading) {
      case 'header':
        return this.#readHeader(packet);
      case 'columns':
        return this.#readColumn(packet, hasExtendedMetadata);
      case 'columns_end':
        if (!isEof(packet)) throw new ProtocolViolation('no end of the column definitions');
        this.#reading = 'rows';
        return false;
      case 'rows':
        return this.#readRow(packet);
    }
  }

  #readHeader(packet: IncomingPacket): boolean {
    const marker = packet.buffer[packet.offset];
    if (marker === MARKER_OK) return this.#endResult(statusOfOk(packet));
    if (marker === MARKER_LOCAL_INFILE) throw new ProtocolViolation('the server asked for a local file');
    const cursor = { at: packet.offset };
    this.#columnCount = readLength(packet, cursor);
    if (this.#columnCount < 1) throw new ProtocolViolation('a result without columns');
    if (this.#columnCount > MAX_COLUMNS) {
      const detail = `the result has ${this.#columnCount} columns, more than ${MAX_COLUMNS}`;
      this.#settle(failure('limit', detail));
      throw new ProtocolViolation(detail); // closing is cheaper than reading that many definitions
    }
    this.#columnsLeft = this.#columnCount;
    this.#reading = 'columns';
    return false;
  }

  #readColumn(packet: IncomingPacket, hasExtendedMetadata: boolean): boolean {
    if (!this.#hasResult) this.#keepColumn(packet, hasExtendedMetadata);
    if (--this.#columnsLeft === 0) this.#reading = 'columns_end';
    return false;
  }

  #keepColumn(packet: IncomingPacket, hasExtendedMetadata: boolean): void {
    const cursor = { at: packet.offset };
    for (let skipped = 0; skipped < 4; skipped++) skipText(packet, cursor); // catalog, schema, table, original table
    this.#columns.push(readText(packet, cursor));
    skipText(packet, cursor); // original name
    if (hasExtendedMetadata) skipText(packet, cursor);
    cursor.at += 1 + 2 + 4; // length of what follows, character set, display width
    if (cursor.at >= packet.end) throw new ProtocolViolation('a column definition is cut off');
    this.#isBit.push(packet.buffer[cursor.at] === TYPE_BIT);
  }

  #readRow(packet: IncomingPacket): boolean {
    if (isEof(packet)) {
      this.#hasResult = true;
      // After the marker: two bytes of warnings, two bytes of status.
      const at = packet.offset + 3;
      return this.#endResult(at < packet.end ? (packet.buffer[at] ?? 0) : 0);
    }
    if (this.#answered) return false;
    if (this.#rowCount >= this.#limits.maxRows) {
      this.#refuse(`the result has more than ${this.#limits.maxRows} rows`);
      return false;
    }
    this.#rowCount++;
    if (this.#hasResult) return false;
    this.#rows ??= new ResultRows(this.#isBit);
    this.#rows.add(packet);
    return false;
  }

  /** Answers at the end of the last result only: a procedure may fail behind its first. */
  #endResult(status: number): boolean {
    if (announcesMore(status)) {
      this.#reading = 'header';
      return false;
    }
    this.#settle(new Result(this.#columns, this.#rows, this.#bytes));
    return true;
  }

  /** Answers with a failure while the server goes on sending; the caller has the statement killed. */
  #refuse(detail: string): void {
    this.#settle(failure('limit', detail));
    this.#rows = undefined;
  }

  #settle(result: TextResult | MysqlFailure): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#events.answer(result);
  }

  over(): void {
    this.#rows = undefined; // a reference to the finished statement must not keep its result alive
    this.#events.over();
  }
}

class Result implements TextResult {
  readonly ok = true;
  readonly columns: readonly string[];
  readonly bytes: number;
  readonly #rows: ResultRows | undefined;

  constructor(columns: readonly string[], rows: ResultRows | undefined, bytes: number) {
    this.columns = columns;
    this.bytes = bytes;
    this.#rows = rows;
  }

  get rows(): TextResult['rows'] {
    return this.#rows?.texts ?? [];
  }

  get rowCount(): number {
    return this.#rows?.length ?? 0;
  }

  get cells(): ResultRows | undefined {
    return this.#rows?.hasBits === true ? undefined : this.#rows;
  }
}
