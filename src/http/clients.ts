/**
 * The connections of clients: how many there are, one request of each at a time, and how long an answer waits for its
 * reader.
 *
 * Knows nothing of routes. A client that never reads, or never ends, holds its own connection and nothing else.
 */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';

/** What ends or refuses a connection of a client. */
export type ClientLimit = 'clients' | 'unread_bytes';

export interface ClientsOptions {
  /** Most connections; above it the one is closed that has been idle for longest. */
  readonly maxClients: number;
  /** Most bytes of answers, all together, that wait for their readers; above it the oldest answer is given up. */
  readonly maxUnreadBytes: number;
  readonly refused: (limit: ClientLimit) => void;
  /** For receiving a request, in milliseconds; also for the rest of one that is answered before its end. */
  readonly receiveMs: number;
  /** How long a client may take nothing of its answer, in milliseconds. */
  readonly stallMs: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** One request, from its coming to the end of its answer. */
interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When its handler has begun to wait. */
  receivedAt: number;
  unreadBytes: number;
  timer: NodeJS.Timeout | undefined;
}

interface Client {
  readonly socket: Socket;
  current: Turn | undefined;
  /** Requests that came before the answer to an earlier one. */
  readonly waiting: Turn[];
}

/** Nobody known sends requests ahead; who sends more than this has no use for the answers. */
const MAX_AHEAD = 8;
/** Besides `stallMs` an answer has its time at this speed, 1 Mbit/s: no trickle holds it for ever. */
const LEAST_BYTES_PER_MS = 125;
/**
 * A client that only ends its side does so behind the request; one that hangs up has waited before. Both look the same
 * on the wire.
 */
const HALF_CLOSE_MS = 20;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<Socket, Client>();
  /** The idlest first. */
  readonly #idle = new Set<Client>();
  /** Those with an answer that waits for its reader, the oldest first. */
  readonly #writing = new Set<Client>();
  #unreadBytes = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Connections there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** Bytes of answers that wait for their readers. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  /** A server whose requests come to `handler` one at a time from each connection. */
  createServer(options: ServerOptions, handler: Handler): HttpServer {
    const requestTimeout = this.#options.receiveMs;
    const server = createServer({ ...options, requestTimeout }, (request, response) => {
      const turn = { request, response, receivedAt: 0, unreadBytes: 0, timer: undefined };
      this.#receive(turn, handler);
      turn.receivedAt = performance.now();
    });
    // Not documented, and in every Node.js: without it a client that ends its side gets no answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    return server.on('connection', (socket) => this.#add(socket));
  }

  /** To be called when an answer of so many bytes is about to be written. */
  writing({ socket }: IncomingMessage, bytes: number): void {
    const client = this.#clients.get(socket);
    const turn = client?.current;
    if (client === undefined || turn === undefined) return; // hung up
    const { maxUnreadBytes, refused, stallMs } = this.#options;
    turn.unreadBytes = bytes;
    this.#unreadBytes += bytes;
    this.#writing.add(client);
    socket.setTimeout(stallMs); // Node.js sees what is taken; behind the answer it sets its own time
    turn.timer = setTimeout(() => socket.destroy(), stallMs + bytes / LEAST_BYTES_PER_MS);
    while (this.#unreadBytes > maxUnreadBytes) {
      const oldest = first(this.#writing, client);
      if (oldest === undefined) return;
      refused('unread_bytes');
      this.#close(oldest);
    }
  }

  #add(socket: Socket): void {
    const client: Client = { socket, current: undefined, waiting: [] };
    this.#clients.set(socket, client);
    this.#idle.add(client);
    socket.once('close', () => this.#remove(client));
    socket.once('end', () => this.#onEnd(client));
    if (this.#clients.size <= this.#options.maxClients) return;
    this.#options.refused('clients');
    this.#close(first(this.#idle, client) ?? first(this.#writing, client) ?? client);
  }

  /** Forgets it at once: its file is closed by then, its events come later. */
  #close(client: Client): void {
    client.socket.destroy();
    this.#remove(client);
  }

  #remove(client: Client): void {
    this.#clients.delete(client.socket);
    this.#idle.delete(client);
    client.waiting.length = 0;
    this.#release(client);
  }

  /** The answer waits for its reader no more. */
  #release(client: Client): void {
    const { current } = client;
    this.#writing.delete(client);
    if (current === undefined) return;
    clearTimeout(current.timer);
    this.#unreadBytes -= current.unreadBytes;
    current.unreadBytes = 0;
  }

  #receive(turn: Turn, handler: Handler): void {
    const client = this.#clients.get(turn.request.socket);
    if (client === undefined) return; // closed while its bytes were read
    if (client.current === undefined) this.#begin(client, turn, handler);
    else if (client.waiting.push(turn) > MAX_AHEAD) this.#close(client);
  }

  #begin(client: Client, turn: Turn, handler: Handler): void {
    this.#idle.delete(client);
    client.current = turn;
    // Behind what others do at the end of the answer: the next request begins with all of it done.
    turn.response.once('close', () => process.nextTick(() => this.#next(client, turn, handler)));
    handler(turn.request, turn.response);
  }

  #next(client: Client, done: Turn, handler: Handler): void {
    this.#release(client);
    client.current = undefined;
    if (!this.#clients.has(client.socket)) return;
    if (!done.request.complete) this.#awaitRest(client, done.request);
    const next = client.waiting.shift();
    if (next === undefined) this.#idle.add(client);
    else this.#begin(client, next, handler);
  }

  /** What is left of a request has no reader. */
  #awaitRest({ socket }: Client, request: IncomingMessage): void {
    const close = () => {
      if (!request.complete) socket.destroy();
    };
    const timer = setTimeout(close, this.#options.receiveMs);
    socket.once('close', () => clearTimeout(timer));
  }

  #onEnd(client: Client): void {
    const { current, waiting } = client;
    const latest = waiting.at(-1) ?? current;
    if (current === undefined || latest === undefined || current.response.headersSent) return;
    if (performance.now() - latest.receivedAt > HALF_CLOSE_MS) this.#close(client);
  }
}

/** The first besides one. */
function first(clients: ReadonlySet<Client>, besides: Client): Client | undefined {
  for (const client of clients) if (client !== besides) return client;
  return undefined;
}
