/**
 * Packets of MySQL's protocol, read with every length checked against its packet.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_strings.html
 */
import type { ServerError } from '../failure.ts';

/** A packet that has arrived: `offset` is where its payload starts, `end` where it ends. */
export interface IncomingPacket {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}

/** Length of the payload in three bytes, then the sequence number. */
export const HEADER_BYTES = 4;
/** The length of the payload of the packet whose header stands at a place. */
export const payloadLength = (buffer: Buffer, at: number): number =>
  buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16);

/** The first byte of an ERR packet. */
export const MARKER_ERR = 0xff;
const MARKER_EOF = 0xfe;
const MORE_RESULTS_EXIST = 0x0008;

/** Thrown at a packet that breaks the protocol. What follows on the wire cannot be trusted: close it. */
export class ProtocolViolation extends Error {}

/** Where reading stands in a packet's buffer. */
export interface Cursor {
  at: number;
}

/** Length-encoded integer. A length above 2^53 cannot fit a packet: Infinity, so that every bound refuses it. */
export function readLength(packet: IncomingPacket, cursor: Cursor): number {
  const { buffer, end } = packet;
  const first = buffer[cursor.at];
  if (first === undefined || cursor.at >= end) throw new ProtocolViolation('a length is cut off');
  if (first < 0xfb) {
    cursor.at++;
    return first;
  }
  const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
  if (size === 0 || cursor.at + 1 + size > end) throw new ProtocolViolation('a length is malformed');
  const start = cursor.at + 1;
  cursor.at = start + size;
  if (size < 8) return buffer.readUIntLE(start, size);
  const high = buffer.readUInt32LE(start + 4);
  return high > 0 ? Number.POSITIVE_INFINITY : buffer.readUInt32LE(start);
}

/** Steps over a length-encoded text. */
export function skipText(packet: IncomingPacket, cursor: Cursor): void {
  const length = readLength(packet, cursor);
  cursor.at += length;
  if (cursor.at > packet.end) throw new ProtocolViolation('a text is longer than its packet');
}

/** A length-encoded text. */
export function readText(packet: IncomingPacket, cursor: Cursor): string {
  const length = readLength(packet, cursor);
  const start = cursor.at;
  cursor.at += length;
  if (cursor.at > packet.end) throw new ProtocolViolation('a text is longer than its packet');
  return packet.buffer.toString('utf8', start, cursor.at);
}

/** BIT(n) comes as up to eight raw bytes, most significant first; as text it is a decimal number. */
export function readBits(buffer: Buffer, start: number, end: number): string {
  let bits = 0n;
  for (let at = start; at < end; at++) bits = (bits << 8n) | BigInt(buffer[at] ?? 0);
  return bits.toString();
}

/** Low byte of the status flags of an OK packet, behind two length-encoded numbers; a short packet has none. */
export function statusOfOk(packet: IncomingPacket): number {
  const cursor = { at: packet.offset + 1 };
  if (cursor.at >= packet.end) return 0;
  readLength(packet, cursor); // affected rows
  readLength(packet, cursor); // last insert id
  return cursor.at < packet.end ? (packet.buffer[cursor.at] ?? 0) : 0;
}

/** Whether what comes next belongs to this statement still: a CALL is answered by several results. */
export function announcesMore(status: number): boolean {
  return (status & MORE_RESULTS_EXIST) !== 0;
}

/** Whether a packet ends a list of columns or rows. */
export function isEof(packet: IncomingPacket): boolean {
  // A row may start with 0xfe too (a cell of more than 16 MB); an EOF packet is short.
  return packet.buffer[packet.offset] === MARKER_EOF && packet.end - packet.offset < 9;
}

/** What a server says in an ERR packet. */
export function readError(packet: IncomingPacket): ServerError {
  const { buffer, offset, end } = packet;
  if (end - offset < 3) throw new ProtocolViolation('an error is cut off');
  const errno = buffer.readUInt16LE(offset + 1);
  const hasState = buffer[offset + 3] === 0x23 && end - offset >= 9; // '#', then five characters
  return {
    errno,
    sqlState: hasState ? buffer.toString('latin1', offset + 4, offset + 9) : '',
    message: buffer.toString('utf8', offset + (hasState ? 9 : 3), Math.min(end, offset + 1024)),
  };
}

const QUERY = 3;
const QUIT = 1;

/** The packet that says good-bye. */
export const COM_QUIT = Buffer.from([1, 0, 0, 0, QUIT]);

/** The packet that asks a statement. */
export function comQuery(sql: string): Buffer {
  const length = Buffer.byteLength(sql, 'utf8') + 1;
  const packet = Buffer.allocUnsafe(4 + length);
  packet.writeUIntLE(length, 0, 3);
  packet[3] = 0;
  packet[4] = QUERY;
  packet.write(sql, 5, 'utf8');
  return packet;
}
