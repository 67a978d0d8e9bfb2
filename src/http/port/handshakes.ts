/**
 * TLS on the connections of the port: handshakes, how many of them at once, and what becomes of the client's
 * certificate.
 *
 * Contexts are not changed but replaced: a server object of its own for each content of the files, so no setting of an
 * earlier one is left, and a ticket of an earlier one resumes nothing. Connections that are open stay.
 */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { WebTls } from '../../model/web.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { refusalOf } from './client-certificate.ts';

export interface HandshakesOptions {
  /** The settings of now. */
  readonly current: () => WebTls;
  /** What to wait for before they are used, if anything. */
  readonly refresh: () => Promise<unknown> | undefined;
  readonly http2: boolean;
  /** For a handshake, in milliseconds. */
  readonly timeoutMs: number;
  /** Most handshakes at once; above it the oldest is given up. */
  readonly most: number;
  readonly log: Logger;
}

type Done = (socket: TLSSocket) => void;

export class Handshakes {
  readonly http2: boolean;
  readonly #options: HandshakesOptions;
  /** The oldest first. */
  readonly #underWay = new Map<Socket, Done>();
  #server: { readonly tls: WebTls; readonly server: Server } | undefined;

  constructor(options: HandshakesOptions) {
    this.#options = options;
    this.http2 = options.http2;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Calls `done` once the client may send requests; else the connection is closed. */
  begin(raw: Socket, done: Done): void {
    this.#underWay.set(raw, done);
    raw.on('error', () => {}); // told to the socket around it, once there is one
    raw.once('close', () => this.#underWay.delete(raw));
    if (this.#underWay.size > this.#options.most) this.#giveUpOldest();
    const refreshed = this.#options.refresh();
    if (refreshed === undefined) this.#secure(raw);
    else void refreshed.then(() => this.#secure(raw));
  }

  #giveUpOldest(): void {
    for (const oldest of this.#underWay.keys()) {
      this.#underWay.delete(oldest);
      oldest.destroy();
      return;
    }
  }

  #secure(raw: Socket): void {
    if (raw.destroyed) return;
    const tls = this.#options.current();
    if (this.#server?.tls !== tls) this.#server = { tls, server: this.#createServer(tls) };
    this.#server.server.emit('connection', raw);
  }

  /** A server that never listens. */
  #createServer(tls: WebTls): Server {
    const { http2, timeoutMs } = this.#options;
    return createServer({
      ...tls.context,
      ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      requestCert: tls.clientAuth !== 'NoClientCert',
      rejectUnauthorized: false, // judged below, where the policies are
      handshakeTimeout: timeoutMs,
    })
      .on('secureConnection', (socket) => this.#finish(socket, tls))
      .on('tlsClientError', (_error, socket) => socket.destroy());
  }

  #finish(socket: TLSSocket, tls: WebTls): void {
    const raw = rawOf(socket);
    const done = raw && this.#underWay.get(raw);
    if (raw === undefined || done === undefined) {
      socket.destroy(); // given up in the meantime
      return;
    }
    this.#underWay.delete(raw);
    const refusal = refusalOf(socket, tls);
    if (refusal === undefined) {
      done(socket);
      return;
    }
    this.#options.log.debug('TLS client refused', { client: raw.remoteAddress, why: refusal });
    socket.on('error', () => {}).destroy();
  }
}

/** The socket that TLS runs on. Node.js tells it nowhere else, and has had it here since version 0.12. */
function rawOf(socket: TLSSocket): Socket | undefined {
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent;
}
