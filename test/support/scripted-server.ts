/**
 * A TCP server that plays, by script, the faults that a real MySQL cannot: silence at a given byte, rogue
 * packets, logins that want too much, endless results.
 *
 * Listens on 127.0.0.1 only, remembers what each client sent, and takes everything down when it is closed.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as tls from 'node:tls';
import { INTRODUCTION_SQL } from '../../src/mysql/connect/identity.ts';

/** What the server does with one connection. It ends when the client is gone, whatever it waits for. */
export type Script = (peer: Peer) => Promise<void> | void;

export interface ScriptedServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Every connection there ever was, in the order of their coming. */
  readonly peers: readonly Peer[];
  /** Connections open now, and the most that ever were at the same time. */
  readonly open: number;
  readonly peak: number;
  /** Replaces the script for the connections to come. */
  play(script: Script): void;
  /** Ends all connections; an Error when a script failed for another reason than its client's leaving. */
  close(): Promise<void>;
}

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  let current = script;
  let peak = 0;
  const peers: Peer[] = [];
  const failures: unknown[] = [];
  const countOpen = () => peers.filter((peer) => !peer.isGone).length;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const peer = new Peer(socket, peers);
    peers.push(peer);
    peak = Math.max(peak, countOpen());
    Promise.resolve()
      .then(() => current(peer))
      .catch((error: unknown) => {
        if (!(error instanceof PeerGone)) failures.push(error);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    peers,
    get open() {
      return countOpen();
    },
    get peak() {
      return peak;
    },
    play(next) {
      current = next;
    },
    async close() {
      for (const peer of peers) peer.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (failures.length > 0) throw new AggregateError(failures, 'a script of the server failed');
    },
  };
}

/** Thrown out of a script that waits for a client that has left. */
class PeerGone extends Error {}

export class Peer {
  /** All bytes that the client sent, those inside TLS in clear. */
  received: Buffer = Buffer.alloc(0);
  /** Every statement that was read with {@link question}. */
  readonly asked: string[] = [];
  /** Whether the client said goodbye (COM_QUIT). */
  saidGoodbye = false;
  /** From 1, in the order of their coming; the connection's id unless the greeting says otherwise. */
  readonly number: number;
  /** Whether it goes on although the client has ended its half, as a frozen or rogue server does. */
  keepsOpen = false;
  /** The version of the greeting that it was sent; the question who the server is gets an answer that fits. */
  version = DEFAULT_VERSION;
  /** What it answers to that question, in place of the row that fits. */
  introduction: readonly Buffer[] | undefined;
  /** What the script does when another connection kills the statement that runs here. */
  whenKilled: () => void = () => {};
  /** Resolves when the connection is gone, whoever ended it. */
  readonly gone: Promise<void>;
  readonly #all: readonly Peer[];
  #stream: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #sequence = 0;
  #arrived: () => void = () => {};

  constructor(socket: Socket, before: readonly Peer[]) {
    this.#stream = socket;
    this.#all = before;
    this.number = before.length + 1;
    socket.on('end', () => this.keepsOpen || socket.end());
    socket.on('error', () => {}); // the client may reset the connection at any moment
    this.gone = new Promise((resolve) =>
      socket.once('close', () => {
        resolve();
        this.#arrived();
      }),
    );
    this.#listen();
  }

  get encrypted(): boolean {
    return this.#stream instanceof tls.TLSSocket;
  }

  get isGone(): boolean {
    return this.#stream.destroyed || this.#stream.writableEnded;
  }

  /** Sends payloads as packets with running numbers, in one write. */
  send(...payloads: readonly Buffer[]): void {
    this.raw(Buffer.concat(payloads.map((payload) => framed(payload, this.#sequence++ & 0xff))));
  }

  /** Sends bytes as they are. */
  raw(bytes: Buffer | string): void {
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  /** Sends bytes one at a time, until the client leaves. */
  async drip(bytes: Buffer, everyMs: number): Promise<void> {
    for (const byte of bytes) {
      if (this.isGone) throw new PeerGone();
      this.raw(Buffer.of(byte));
      await delay(everyMs);
    }
  }

  /** Sends the same bytes over and over, as fast as the client reads, until it leaves; returns how many it took. */
  async pour(bytes: Buffer): Promise<number> {
    let sent = 0;
    while (!this.isGone) {
      sent += bytes.length;
      if (!this.#stream.write(bytes)) {
        await Promise.race([once(this.#stream, 'drain').catch(() => {}), this.gone]);
      }
    }
    return sent;
  }

  /** The payload of the client's next packet. */
  async packet(): Promise<Buffer> {
    for (;;) {
      if (this.#unread.length >= 4) {
        const end = 4 + this.#unread.readUIntLE(0, 3);
        if (this.#unread.length >= end) {
          const payload = this.#unread.subarray(4, end);
          this.#sequence = (this.#unread[3] ?? 0) + 1;
          this.#unread = this.#unread.subarray(end);
          return payload;
        }
      }
      if (this.isGone) throw new PeerGone();
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /**
   * The client's next statement (COM_QUERY), after the one that asks who the server is, which is answered here.
   * A goodbye ends the connection and the script.
   */
  async question(): Promise<string> {
    const packet = await this.packet();
    if (packet[0] === COM_QUERY) {
      const sql = packet.toString('utf8', 1);
      if (sql === INTRODUCTION_SQL) {
        this.send(...(this.introduction ?? introductionOf(this.number, this.version)));
        return await this.question();
      }
      this.asked.push(sql);
      return sql;
    }
    this.saidGoodbye = packet[0] === COM_QUIT;
    this.cut();
    throw new PeerGone();
  }

  /** Kills the statement of another connection, as KILL QUERY does. */
  kill(number: number): void {
    this.#all[number - 1]?.whenKilled();
  }

  /** Whether anything the client sent, in clear or inside TLS, contains this. */
  sent(text: string | Buffer): boolean {
    return this.received.includes(text);
  }

  /** Goes on inside TLS; rejects when the client does not want to. */
  async encrypt(options: tls.TLSSocketOptions): Promise<void> {
    this.#stream.removeAllListeners('data').pause();
    // The client's first words in TLS may have come together with its wish for it.
    if (this.#unread.length > 0) this.#stream.unshift(this.#unread);
    this.#unread = Buffer.alloc(0);
    this.#stream.allowHalfOpen = false; // TLS has a goodbye of its own
    const encrypted = new tls.TLSSocket(this.#stream, { ...options, isServer: true });
    encrypted.on('error', () => {});
    this.#stream = encrypted;
    this.#listen();
    await Promise.race([
      once(encrypted, 'secure').catch(() => {}),
      once(encrypted, 'close').then(() => Promise.reject(new PeerGone())),
    ]);
  }

  /** Ends the connection in order (FIN). */
  cut(): void {
    this.#stream.end();
  }

  /** Ends it with a reset (RST). */
  reset(): void {
    this.#stream.resetAndDestroy();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #listen(): void {
    this.#stream.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#arrived();
    });
  }
}

const COM_QUIT = 1;
const COM_QUERY = 3;

/** https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
export const CAPABILITY = {
  LONG_PASSWORD: 0x1,
  CONNECT_WITH_DB: 0x8,
  LOCAL_FILES: 0x80,
  PROTOCOL_41: 0x200,
  SSL: 0x800,
  TRANSACTIONS: 0x2000,
  SECURE_CONNECTION: 0x8000,
  MULTI_STATEMENTS: 0x10000,
  MULTI_RESULTS: 0x20000,
  PLUGIN_AUTH: 0x80000,
  CONNECT_ATTRS: 0x100000,
  PLUGIN_AUTH_LENENC_DATA: 0x200000,
  DEPRECATE_EOF: 0x1000000,
} as const;

/** All that a modern server offers, except TLS. */
export const USUAL_CAPABILITIES =
  Object.values(CAPABILITY).reduce((all, one) => all | one, 0) & ~CAPABILITY.SSL;

export const STATUS = { AUTOCOMMIT: 0x2, MORE_RESULTS: 0x8 } as const;
export const TYPE = { BIT: 16, TEXT: 252, VAR_STRING: 253, LONG: 3, JSON: 245 } as const;
export const SCRAMBLE = Buffer.from('abcdefghijklmnopqrst');

export function framed(payload: Buffer, sequence: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

const DEFAULT_VERSION = '8.4.0';

/** The row that a server answers which gave this id and version in its greeting. */
export function introductionOf(id: number, version: string, name = 'scripted'): readonly Buffer[] {
  const row = [String(id), version.replace(/^5\.5\.5-/, ''), '', name, '3306', '1'];
  const ofFlavour = /mariadb/i.test(version) ? [null, '1700000000'] : [`uuid of ${name}`];
  const cells = [...row, ...ofFlavour];
  return result(
    cells.map((_, index) => String(index)),
    [cells],
  );
}

export interface GreetingOptions {
  readonly version?: string;
  readonly capabilities?: number;
  readonly plugin?: string;
  readonly threadId?: number;
}

export function greeting(options: GreetingOptions = {}): Buffer {
  const {
    version = DEFAULT_VERSION,
    capabilities = USUAL_CAPABILITIES,
    plugin = 'mysql_native_password',
  } = options;
  const fixed = Buffer.alloc(4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10);
  fixed.writeUInt32LE(options.threadId ?? 7, 0);
  SCRAMBLE.copy(fixed, 4, 0, 8);
  fixed.writeUInt16LE(capabilities & 0xffff, 13);
  fixed[15] = 45; // utf8mb4
  fixed.writeUInt16LE(STATUS.AUTOCOMMIT, 16);
  fixed.writeUInt16LE(capabilities >>> 16, 18);
  fixed[20] = 21; // length of the scramble with its final zero
  return Buffer.concat([
    Buffer.of(10),
    Buffer.from(`${version}\0`),
    fixed,
    SCRAMBLE.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ]);
}

export function ok(status: number = STATUS.AUTOCOMMIT): Buffer {
  return Buffer.of(0x00, 0, 0, status & 0xff, status >> 8, 0, 0);
}

export function eof(status: number = STATUS.AUTOCOMMIT): Buffer {
  return Buffer.of(0xfe, 0, 0, status & 0xff, status >> 8);
}

export function err(errno: number, message: string, sqlState: string | undefined = 'HY000'): Buffer {
  const state = sqlState === '' ? '' : `#${sqlState}`;
  return Buffer.concat([Buffer.of(0xff, errno & 0xff, errno >> 8), Buffer.from(state + message)]);
}

export function authSwitch(plugin: string, data: Buffer = SCRAMBLE): Buffer {
  return Buffer.concat([Buffer.of(0xfe), Buffer.from(`${plugin}\0`), data, Buffer.of(0)]);
}

export function authMoreData(data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x01), data]);
}

/** A length-encoded integer. */
export function lengthOf(value: number | bigint): Buffer {
  if (value < 0xfb) return Buffer.of(Number(value));
  if (value <= 0xffff) return Buffer.of(0xfc, Number(value) & 0xff, Number(value) >> 8);
  const long = Buffer.alloc(9);
  long[0] = 0xfe;
  long.writeBigUInt64LE(BigInt(value), 1);
  return long;
}

export function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([lengthOf(bytes.length), bytes]);
}

export function column(name: string, type: number = TYPE.VAR_STRING): Buffer {
  const end = Buffer.alloc(13);
  end[0] = 12; // length of the fixed part
  end[1] = 45;
  end[7] = type;
  return Buffer.concat([...['def', '', '', '', name, name].map(text), end]);
}

export type Cell = string | Buffer | null;

export function row(...cells: readonly Cell[]): Buffer {
  return Buffer.concat(cells.map((cell) => (cell === null ? Buffer.of(0xfb) : text(cell))));
}

/** The packets of a whole result. */
export function result(names: readonly string[], rows: readonly (readonly Cell[])[]): readonly Buffer[] {
  return [
    lengthOf(names.length),
    ...names.map((name) => column(name)),
    eof(),
    ...rows.map((cells) => row(...cells)),
    eof(),
  ];
}

/** Plays a login that succeeds, whatever the password; returns the client's answer to the greeting. */
export async function letIn(peer: Peer, options: GreetingOptions = {}): Promise<Buffer> {
  if (options.version !== undefined) peer.version = options.version;
  peer.send(greeting({ threadId: peer.number, ...options }));
  const login = await peer.packet();
  peer.send(ok());
  return login;
}

/** Lets the client in and answers its statements; SET and KILL QUERY are granted without asking the script. */
export function answering(
  answer: (peer: Peer, sql: string) => Promise<void> | void,
  options: GreetingOptions = {},
): Script {
  return async (peer) => {
    await letIn(peer, options);
    for (;;) {
      const sql = await peer.question();
      if (sql.startsWith('KILL QUERY ')) peer.kill(Number(sql.slice('KILL QUERY '.length)));
      if (/^(SET|KILL) /.test(sql)) peer.send(ok());
      else await answer(peer, sql);
    }
  };
}

/** Says nothing more and waits for the client to leave. */
export const silence = (peer: Peer): Promise<void> => peer.gone;
