/**
 * The connections of clients: how many there are, one request of each at a time (over HTTP/2 some hundred), and how long
 * an answer waits for its reader.
 *
 * Knows nothing of routes. A client that never reads, or never ends, holds its own connection and nothing else.
 */
import type { Server as HttpServer, IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import {
  constants,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Client, clientOn, type Turn, turnOf } from './client.ts';
import { serveHttp2 } from './http2.ts';
import { limitRequestsAhead } from './requests-ahead.ts';

// Not by `import`: that reads every export of the module, and some of them load Node's WebSocket and fetch.
const { createServer } = process.getBuiltinModule('node:http');

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
  /** How long a connection over HTTP/2 may be idle, in milliseconds; that of HTTP/1.1 is an option of the server. */
  readonly idleMs: number;
}

/** What makes a connection that was accepted one that may carry requests. */
export interface Securing {
  readonly http2: boolean;
  /** Calls `done` when it may; else closes the connection. */
  begin(raw: Socket, done: (socket: TLSSocket) => void): void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

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
  /** By the socket that a request names. */
  readonly #clients = new Map<Socket, Client>();
  /** The connections, which are fewer: one with TLS has two sockets. */
  readonly #connections = new Set<Client>();
  readonly #sessions = new WeakMap<object, Client>();
  /** Requests over HTTP/2. */
  readonly #turns = new Map<unknown, Turn>();
  /** The idlest first. */
  readonly #idle = new Set<Client>();
  /** Answers that wait for their readers, the oldest first. */
  readonly #writing = new Set<Turn>();
  #unreadBytes = 0;
  #isSecured = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Connections there are. */
  get size(): number {
    return this.#connections.size;
  }

  /** Bytes of answers that wait for their readers. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  /** A server whose requests come to `handler` one at a time from each connection; over HTTP/2 as they come. */
  createServer(options: ServerOptions, handler: Handler, securing?: Securing): HttpServer {
    const requestTimeout = this.#options.receiveMs;
    const server = createServer({ ...options, requestTimeout }, (request, response) => {
      const client = this.#clients.get(request.socket);
      if (client === undefined) return; // closed while its bytes were read
      const turn = turnOf(client, request, response);
      this.#receive(turn, handler);
      turn.receivedAt = performance.now();
      noteLook(turn);
    });
    // Not documented, and in every Node.js: without it a client that ends its side gets no answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    if (securing === undefined) {
      server.on('connection', (socket) => {
        const client = this.#add(socket);
        limitRequestsAhead(socket, MAX_AHEAD + 1, () => this.#close(client));
      });
    } else this.#secure(server, handler, securing);
    return server;
  }

  /** Lets connections with TLS end with the answers that are under way; the server sees to those without. */
  stop(): void {
    for (const client of this.#connections)
      if (client.session !== undefined) client.session.close();
      else if (this.#isSecured && this.#idle.has(client)) this.#close(client); // also in the middle of a handshake
  }

  /** To be called when an answer of so many bytes is about to be written. */
  writing(request: IncomingMessage, bytes: number): void {
    const turn =
      request.httpVersionMajor === 2 ? this.#turns.get(request) : this.#clients.get(request.socket)?.current;
    if (turn === undefined) return; // hung up
    const { maxUnreadBytes, refused, stallMs } = this.#options;
    turn.unreadBytes = bytes;
    turn.writingSince = performance.now();
    this.#unreadBytes += bytes;
    this.#writing.add(turn);
    // Node.js sees what is taken; behind the answer it sets its own time for a socket.
    if (turn.stream === undefined) request.socket.setTimeout(stallMs);
    else turn.stream.setTimeout(stallMs, () => this.#giveUp(turn));
    turn.timer = setTimeout(() => this.#giveUp(turn), stallMs + bytes / LEAST_BYTES_PER_MS);
    while (this.#unreadBytes > maxUnreadBytes) {
      const oldest = first(this.#writing, turn);
      if (oldest === undefined) return;
      refused('unread_bytes');
      this.#giveUp(oldest);
    }
  }

  #add(socket: Socket): Client {
    const client = clientOn(socket);
    this.#clients.set(socket, client);
    this.#connections.add(client);
    this.#idle.add(client);
    socket.once('close', () => this.#remove(client));
    socket.once('end', () => this.#onEnd(client));
    if (this.#connections.size <= this.#options.maxClients) return client;
    this.#options.refused('clients');
    this.#close(first(this.#idle, client) ?? first(this.#writing, undefined)?.client ?? client);
    return client;
  }

  /** Puts TLS between the connections and the server, and HTTP/2 beside it for those who choose it. */
  #secure(server: HttpServer, handler: Handler, securing: Securing): void {
    this.#isSecured = true;
    const serveHttp1 = server.listeners('connection');
    const http2 = securing.http2
      ? serveHttp2(this.#options.idleMs, (request, response) =>
          this.#receiveStream(request, response, handler),
        )
      : undefined;
    server.removeAllListeners('connection').on('connection', (raw) => {
      const client = this.#add(raw);
      if (raw.destroyed) return;
      // Who ends his side has hung up: with TLS nobody ends a half, and Node.js keeps such a connection for ever.
      raw.allowHalfOpen = false;
      securing.begin(raw, (socket) => {
        this.#clients.set(socket, client);
        socket.once('close', () => this.#clients.delete(socket));
        if (http2 !== undefined && socket.alpnProtocol === 'h2') {
          this.#begins(client, http2(socket));
        } else {
          for (const serve of serveHttp1) serve.call(server, socket);
          limitRequestsAhead(socket, MAX_AHEAD + 1, () => this.#close(client));
        }
      });
    });
  }

  #begins(client: Client, session: ServerHttp2Session | undefined): void {
    client.session = session;
    if (session !== undefined) this.#sessions.set(session, client);
  }

  #receiveStream(request: Http2ServerRequest, response: Http2ServerResponse, handler: Handler): void {
    const { stream } = request;
    const client = stream.session && this.#sessions.get(stream.session);
    if (client === undefined) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    // Node.js makes both as compatible with those of HTTP/1.1 as the framework needs, and the compiler cannot know.
    const turn = turnOf(
      client,
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
      stream,
    );
    this.#turns.set(request, turn);
    this.#idle.delete(client);
    client.streams.add(turn);
    response.once('close', () => this.#endStream(turn));
    if (!stream.endAfterHeaders) this.#limitBody(stream);
    handler(turn.request, turn.response);
  }

  #limitBody(stream: ServerHttp2Stream): void {
    const timer = setTimeout(() => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL);
    }, this.#options.receiveMs);
    stream.once('close', () => clearTimeout(timer));
  }

  #endStream(turn: Turn): void {
    const { client, request, stream } = turn;
    this.#release(turn);
    this.#turns.delete(request);
    client.streams.delete(turn);
    if (stream?.rstCode === constants.NGHTTP2_NO_ERROR) client.deliveredAt = performance.now();
    if (client.streams.size === 0 && this.#connections.has(client)) this.#idle.add(client);
  }

  /**
   * Ends an answer that nobody takes. Over HTTP/2 that is a stream, unless nothing else got through meanwhile either: the
   * bytes are with the system then, and only the end of the connection frees them.
   */
  #giveUp(turn: Turn): void {
    const { client, stream, writingSince } = turn;
    if (stream === undefined || client.deliveredAt < writingSince) this.#close(client);
    else {
      this.#release(turn);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  /** Forgets it at once: its file is closed by then, its events come later. */
  #close(client: Client): void {
    client.session?.destroy();
    client.socket.destroy();
    this.#remove(client);
  }

  #remove(client: Client): void {
    this.#clients.delete(client.socket);
    this.#connections.delete(client);
    this.#idle.delete(client);
    client.waiting.length = 0;
    if (client.current !== undefined) this.#release(client.current);
    for (const turn of client.streams) this.#release(turn);
  }

  /** The answer waits for its reader no more. */
  #release(turn: Turn): void {
    this.#writing.delete(turn);
    clearTimeout(turn.timer);
    this.#unreadBytes -= turn.unreadBytes;
    turn.unreadBytes = 0;
  }

  #receive(turn: Turn, handler: Handler): void {
    const { client } = turn;
    if (client.current === undefined) this.#begin(turn, handler);
    else if (client.waiting.push(turn) > MAX_AHEAD) this.#close(client);
  }

  #begin(turn: Turn, handler: Handler): void {
    const { client } = turn;
    this.#idle.delete(client);
    client.current = turn;
    // Behind what others do at the end of the answer: the next request begins with all of it done.
    turn.response.once('close', () => {
      const goOn = () => this.#next(turn, handler);
      // Requests that were sent ahead let everybody else have a turn in between.
      if (turn.client.waiting.length > 0) setImmediate(goOn);
      else process.nextTick(goOn);
    });
    handler(turn.request, turn.response);
  }

  #next(done: Turn, handler: Handler): void {
    const { client } = done;
    this.#release(done);
    client.current = undefined;
    if (!this.#connections.has(client)) return;
    if (!done.request.complete) this.#awaitRest(client, done.request);
    const next = client.waiting.shift();
    if (next === undefined) this.#idle.add(client);
    else this.#begin(next, handler);
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
    if (latest.hasLooked && performance.now() - latest.receivedAt > HALF_CLOSE_MS) this.#close(client);
  }
}

/**
 * On a busy machine much time may pass before the end that stands behind a request is read. The first of these follows the
 * look at sockets that is under way, the second the one after it.
 */
function noteLook(turn: Turn): void {
  setImmediate(() =>
    setImmediate(() => {
      turn.hasLooked = true;
    }),
  );
}

/** The first besides one. */
function first<T>(all: ReadonlySet<T>, besides: T | undefined): T | undefined {
  for (const one of all) if (one !== besides) return one;
  return undefined;
}
