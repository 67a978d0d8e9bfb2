/**
 * A session's socket after its login: statements go out, and the packets of their answers come in, in the same order.
 *
 * In place of the driver, which has logged in: what it holds of each connection, and does for each packet, nobody needs
 * any more. Statements that are asked together are written together, and the server answers them one after another.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html
 */
import type { Socket } from 'node:net';
import type { Turns } from '../../turns.ts';
import { type Budget, listen, refuse } from './incoming.ts';
import { COM_QUIT, type IncomingPacket, ProtocolViolation } from './packet.ts';
import { PacketReader, type ReusablePacket } from './packet-reader.ts';

/** A statement on its way. */
export interface Asked {
  /** The packet that asks it. */
  readonly packet: Buffer;
  /**
   * Called when what arrives from now on answers it.
   *
   * @param answersOthers whether the server has answered another one that was sent with it
   */
  begin(answersOthers: boolean): void;
  /**
   * Takes a packet of the answer.
   *
   * @returns whether it was the last one
   */
  take(packet: IncomingPacket, hasExtendedMetadata: boolean): boolean;
  /** Called when nobody waits for the answer any more, and it has not begun. */
  withdraw(): void;
  /** Called behind the last packet: the server has nothing more to say of it. */
  over(): void;
  /** Called when the connection has failed: there is no answer, or no more of it. */
  lose(error: unknown): void;
}

export interface ChannelOptions {
  readonly stream: Socket;
  /** Whether MariaDB describes columns with one text more. */
  readonly hasExtendedMetadata: boolean;
  readonly budget: Budget;
  readonly turns: Turns;
}

export class Channel {
  readonly stream: Socket;
  readonly budget: Budget;
  readonly #hasExtendedMetadata: boolean;
  readonly #reader: PacketReader;
  /** The first is the one that is being answered. */
  readonly #asked: Asked[] = [];
  /** What has been asked in this turn and is not written yet. */
  #unsent: Asked[] = [];
  /** The number that the next packet must have. */
  #sequence = 0;
  #failure: unknown;

  constructor({ budget, hasExtendedMetadata, stream, turns }: ChannelOptions) {
    this.stream = stream;
    this.budget = budget;
    this.#hasExtendedMetadata = hasExtendedMetadata;
    const packet: ReusablePacket = { ...NO_PACKET };
    this.#reader = new PacketReader(packet, {
      packet: (next) => this.#read(next),
      tooLong: () => refuse(stream, budget),
    });
    listen(stream, (chunk) => this.#reader.execute(chunk), budget, turns);
    stream.on('error', (error) => this.#lose(error));
    stream.once('close', () => this.#lose(new Error('the server closed the connection')));
  }

  /** Whether nothing is being answered. */
  get isFree(): boolean {
    return this.#asked.length === 0;
  }

  /** Asks a statement behind those that are under way; all that is asked in one go is written in one. */
  ask(asked: Asked): void {
    if (this.#failure !== undefined) {
      asked.lose(this.#failure);
      return;
    }
    this.#asked.push(asked);
    if (this.#unsent.push(asked) === 1) queueMicrotask(() => this.#send());
  }

  /** Gives back what is not being answered yet; the server answers it all the same, which is dropped. */
  withdraw(): void {
    for (const asked of this.#asked.slice(1)) asked.withdraw();
  }

  /** Lets go of the bytes that arrived last, up to 64 KB: an idle connection needs them no more. */
  forget(): void {
    this.#reader.forget();
  }

  /** Sends COM_QUIT behind what is under way; the server closes the connection. */
  end(): void {
    this.stream.write(COM_QUIT);
  }

  #send(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    const [first] = unsent;
    if (first === undefined || this.#failure !== undefined) return;
    if (first === this.#asked[0]) this.#begin(first, false);
    this.stream.write(unsent.length === 1 ? first.packet : Buffer.concat(unsent.map(({ packet }) => packet)));
  }

  #begin(asked: Asked, answersOthers: boolean): void {
    this.#sequence = 1; // the statement's own packet was 0
    asked.begin(answersOthers);
  }

  #read(packet: ReusablePacket): void {
    if (this.stream.destroyed) return; // the rest of a chunk whose beginning was refused
    try {
      this.#answer(packet);
    } catch (error) {
      this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #answer(packet: ReusablePacket): void {
    const [asked] = this.#asked;
    // A server says good-bye by itself: it stops, was told to, or has waited for too long.
    if (asked === undefined) throw new ProtocolViolation('a packet that nobody has asked for');
    if (packet.sequenceId !== this.#sequence)
      throw new ProtocolViolation(`packet ${packet.sequenceId} out of order, not ${this.#sequence}`);
    this.#sequence = (this.#sequence + 1) % 256;
    if (!asked.take(packet, this.#hasExtendedMetadata)) return;
    this.#asked.shift();
    asked.over();
    const [next] = this.#asked;
    if (next !== undefined && !this.#unsent.includes(next)) this.#begin(next, true);
  }

  #lose(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const asked of this.#asked.splice(0)) asked.lose(error);
  }
}

const NO_PACKET: ReusablePacket = {
  sequenceId: 0,
  numPackets: 0,
  buffer: Buffer.alloc(0),
  start: 0,
  offset: 0,
  end: 0,
};
