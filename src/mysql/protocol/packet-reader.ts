/**
 * Cuts what arrives into packets, in place of the driver's parser.
 *
 * That one keeps the pieces of a long packet and copies all of them when the last has come, and once more at 16 MB: up
 * to 110 ms in which nothing else happens in the process (mysql2 3.24.6). Here each piece is copied as it arrives, and
 * of a long error no more than anybody reads.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */

import { HEADER_BYTES, MARKER_ERR, payloadLength } from './packet.ts';

/** A packet as the driver's commands read it; one object is used for all of them. */
export interface ReusablePacket {
  sequenceId: number;
  numPackets: number;
  buffer: Buffer;
  start: number;
  offset: number;
  end: number;
}

/** A payload of this length goes on in the next packet. No result has room for one. */
const TOO_LONG = 0xff_ffff;
/** A packet that is announced as longer gets its room when so much of it has come. */
const FIRST_ROOM = 1 << 20;
/** So much is kept of an error that comes in several pieces: its words are cut at less. No row begins as an error does. */
const MOST_OF_AN_ERROR = 4096;
const NOTHING = Buffer.alloc(0);

export interface PacketEvents {
  /** The packet is this one only until the call returns. */
  readonly packet: (packet: ReusablePacket) => void;
  /** A packet of 16 MB or more begins; nothing more is read. */
  readonly tooLong: () => void;
}

export class PacketReader {
  readonly #packet: ReusablePacket;
  readonly #events: PacketEvents;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  /** The beginning of a packet whose end has not come. */
  #gathered = NOTHING;
  #have = 0;
  /** Bytes of that packet with its header; 0 while the header is not whole. */
  #need = 0;
  /** How many of these are kept; known with the first byte behind the header. */
  #keep = 0;
  #isOver = false;

  /** @param packet filled for each packet; the driver's own, which has the methods that its login calls */
  constructor(packet: ReusablePacket, events: PacketEvents) {
    this.#packet = packet;
    this.#events = events;
  }

  /** Takes what has arrived. The name is the driver's. */
  execute(chunk: Buffer): void {
    let at = this.#have === 0 ? 0 : this.#goOn(chunk);
    while (!this.#isOver && chunk.length - at >= HEADER_BYTES) {
      const need = this.#needOf(chunk, at);
      if (this.#isOver || at + need > chunk.length) break;
      this.#tell(chunk, at, at + need);
      at += need;
    }
    if (!this.#isOver && at < chunk.length) this.#goOn(chunk.subarray(at));
  }

  /** Lets go of the bytes that arrived last, up to 64 KB: an idle connection needs them no more. */
  forget(): void {
    this.#packet.buffer = NOTHING;
  }

  /** Adds to the packet that has begun, or begins one; returns how many bytes belong to it. */
  #goOn(chunk: Buffer): number {
    let at = 0;
    while (this.#have < HEADER_BYTES && at < chunk.length) this.#header[this.#have++] = chunk[at++]!;
    if (this.#have < HEADER_BYTES) return at;
    if (this.#need === 0) {
      this.#need = this.#needOf(this.#header, 0);
      if (this.#isOver) return at;
    }
    const end = Math.min(chunk.length, at + this.#need - this.#have);
    if (this.#keep === 0 && (end > at || this.#need === HEADER_BYTES)) this.#beginToKeep(chunk[at]);
    const kept = Math.min(this.#have + end - at, this.#keep);
    if (kept > this.#have) {
      this.#makeRoom(kept);
      chunk.copy(this.#gathered, this.#have, at, at + kept - this.#have);
    }
    this.#have += end - at;
    if (this.#have === this.#need) this.#tellGathered();
    return end;
  }

  #beginToKeep(marker: number | undefined): void {
    this.#keep = marker === MARKER_ERR ? Math.min(this.#need, MOST_OF_AN_ERROR) : this.#need;
    this.#gathered = Buffer.allocUnsafe(Math.min(this.#keep, FIRST_ROOM));
    this.#header.copy(this.#gathered);
  }

  #needOf(buffer: Buffer, at: number): number {
    const length = payloadLength(buffer, at);
    if (length === TOO_LONG) {
      this.#isOver = true;
      this.#events.tooLong();
    }
    return HEADER_BYTES + length;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#gathered.length) return;
    const gathered = Buffer.allocUnsafe(this.#keep);
    this.#gathered.copy(gathered, 0, 0, this.#have);
    this.#gathered = gathered;
  }

  #tellGathered(): void {
    const gathered = this.#gathered;
    this.#gathered = NOTHING;
    this.#have = 0;
    const keep = this.#keep;
    this.#need = 0;
    this.#keep = 0;
    this.#tell(gathered, 0, keep);
  }

  #tell(buffer: Buffer, start: number, end: number): void {
    const packet = this.#packet;
    packet.sequenceId = buffer[start + 3]!;
    packet.numPackets = 1;
    packet.buffer = buffer;
    packet.start = start;
    packet.offset = start + HEADER_BYTES;
    packet.end = end;
    this.#events.packet(packet);
  }
}
