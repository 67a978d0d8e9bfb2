/**
 * A TCP proxy in front of a real server that plays the faults of a network, switched while it runs.
 *
 * Listens on one loopback address. Only what the server sends is delayed, held or damaged: that is the side on
 * which an exporter waits. Knows nothing of MySQL but the length of the first packet, the greeting.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type BlackHole, blackHole } from './black-hole.ts';

/**
 * `after`: so many bytes of each connection, counted from the switch, still get through; or the greeting alone.
 *
 * `flip` turns over one bit of the byte number `at` of each connection opened from now on; -1 is none.
 */
export type Mode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'stall' | 'cut' | 'corrupt'; readonly after: number | 'greeting' }
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'black_hole' };

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface FaultProxy extends Endpoint {
  /** Connections open now. */
  readonly open: number;
  /** Connections opened since the mode was set. */
  readonly opened: number;
  /** All that the server has said, undamaged, on the first of those in the mode `flip`. */
  readonly heard: Buffer;
  /** Resolves when the new mode is in force, for open connections too. */
  set(mode: Mode): Promise<void>;
  /** Another server behind the same address; open connections are cut. */
  failOver(upstream: Endpoint): void;
  close(): Promise<void>;
}

const PASS: Mode = { kind: 'pass' };

export async function faultProxy(host: string, upstream: Endpoint): Promise<FaultProxy> {
  const links = new Set<Link>();
  let behind = upstream;
  let mode: Mode = PASS;
  let hole: BlackHole | undefined;
  let first: Link | undefined;
  let opened = 0;
  const serve = async (port: number): Promise<Server> => {
    const created = createServer({ noDelay: true }, (client) => {
      const link = new Link(client, behind, mode);
      first ??= link;
      opened++;
      links.add(link);
      client.once('close', () => links.delete(link));
    });
    created.listen(port, host);
    await once(created, 'listening');
    return created;
  };
  let server: Server | undefined = await serve(0);
  const { port } = server.address() as AddressInfo;

  const stopListening = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const link of links) link.reset();
    if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
  };

  return {
    host,
    port,
    get open() {
      return links.size;
    },
    get opened() {
      return opened;
    },
    get heard() {
      return Buffer.concat(first?.heard ?? []);
    },
    async set(next) {
      mode = next;
      first = undefined;
      opened = 0;
      await hole?.close();
      hole = undefined;
      if (next.kind === 'refuse' || next.kind === 'black_hole') {
        await stopListening();
        if (next.kind === 'black_hole') hole = await blackHole({ host, port });
        return;
      }
      server ??= await serve(port);
      for (const link of links) link.begin(next);
    },
    failOver(next) {
      behind = next;
      for (const link of links) link.reset();
    },
    async close() {
      await hole?.close();
      await stopListening();
    },
  };
}

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  #mode: Mode = PASS;
  /** Bytes that still get through before a fault strikes; undefined until the greeting tells. */
  #left: number | undefined;
  /** What the server sent and the client has not been given yet. */
  #held: Buffer[] = [];
  #isCorrupted = false;
  readonly heard: Buffer[] = [];
  #heardBytes = 0;
  #trickling: NodeJS.Timeout | undefined;

  constructor(client: Socket, upstream: Endpoint, mode: Mode) {
    this.#client = client;
    this.#server = connect({ ...upstream, noDelay: true });
    client.on('error', () => {}); // the exporter may reset it at any moment
    this.#server.on('error', () => {});
    // Without regard to how fast the other side reads: the answers of these tests are small.
    client.on('data', (chunk) => this.#server.write(chunk));
    this.#server.on('data', (chunk) => this.#forward(chunk));
    client.on('end', () => this.#server.end());
    client.on('close', () => {
      clearInterval(this.#trickling);
      this.#server.end();
    });
    this.#server.on('close', () => this.#client.end());
    this.#take(mode);
  }

  /** A new mode. Who only has to open anew to meet it is cut; what was held back arrives late. */
  begin(mode: Mode): void {
    const strikesOnlyAtOpening = 'after' in mode ? mode.after === 'greeting' : mode.kind === 'flip';
    if (strikesOnlyAtOpening || this.#isCorrupted) {
      this.reset();
      return;
    }
    clearInterval(this.#trickling);
    const held = Buffer.concat(this.#held);
    this.#held = [];
    this.#take(PASS);
    if (held.length > 0) this.#forward(held);
    this.#take(mode);
  }

  /** As a device on the way does that has forgotten the connection. */
  reset(): void {
    // Node 20 never closes a socket that is reset while its end is on the way, and spins at exit for it.
    if (this.#client.writableEnded) this.#client.destroy();
    else this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  #take(mode: Mode): void {
    this.#mode = mode;
    this.#left = 'after' in mode && mode.after !== 'greeting' ? mode.after : undefined;
    if (mode.kind === 'trickle') this.#trickling = setInterval(() => this.#drip(mode.bytes), mode.everyMs);
  }

  #forward(chunk: Buffer): void {
    const mode = this.#mode;
    if (mode.kind === 'pass') this.#client.write(chunk);
    else if (mode.kind === 'delay') setTimeout(() => this.#client.write(chunk), mode.ms);
    else if (mode.kind === 'trickle') this.#held.push(chunk);
    else if (mode.kind === 'flip') this.#flip(mode, chunk);
    else if ('after' in mode) this.#strike(mode.kind, chunk);
  }

  #strike(kind: 'stall' | 'cut' | 'corrupt', chunk: Buffer): void {
    this.#left ??= 4 + chunk.readUIntLE(0, 3);
    const passed = chunk.subarray(0, this.#left);
    const rest = chunk.subarray(passed.length);
    this.#left -= passed.length;
    if (passed.length > 0) this.#client.write(passed);
    if (rest.length === 0) return;
    if (kind === 'stall') this.#held.push(rest);
    else if (kind === 'cut') this.reset();
    else {
      this.#isCorrupted = true;
      this.#client.write(rest.map((byte, at) => byte ^ (at % 251)));
    }
  }

  #flip({ at, mask }: { readonly at: number; readonly mask: number }, chunk: Buffer): void {
    this.heard.push(chunk);
    const here = at - this.#heardBytes;
    this.#heardBytes += chunk.length;
    // A copy: what was heard stays as it was.
    const passed = Buffer.from(chunk);
    const byte = passed[here];
    if (byte !== undefined) {
      this.#isCorrupted = true;
      passed[here] = byte ^ mask;
    }
    this.#client.write(passed);
  }

  #drip(bytes: number): void {
    const all = Buffer.concat(this.#held);
    if (all.length === 0) return;
    this.#client.write(all.subarray(0, bytes));
    this.#held = [all.subarray(bytes)];
  }
}
