/**
 * Requests of a client that means no good, as bytes over sockets of its own: no HTTP library would send them.
 */
import { connect, type Socket } from 'node:net';

/** What an exporter that holds its ground does with one socket. */
export interface Ended {
  /** The first line of the last answer; empty when there was none. */
  readonly status: string;
  readonly ms: number;
}

export class Attacker {
  readonly #port: number;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  open(allowHalfOpen = false): Socket {
    return connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen }).on('error', () => {});
  }

  /** Sends these bytes over a socket of their own and waits for its end. */
  async send(bytes: string): Promise<Ended> {
    const socket = this.open();
    socket.write(bytes);
    return await endOf(socket);
  }

  /** As `send`, and ends our side behind the bytes. */
  async sendAndEnd(bytes: string): Promise<Ended> {
    const socket = this.open(true);
    socket.end(bytes);
    return await endOf(socket);
  }

  /** A request that never ends: a header after the other, until somebody closes the socket or `until` ends. */
  async drip(everyMs: number, until: AbortSignal): Promise<Ended> {
    const socket = this.open();
    socket.write('GET /probe?target=any HTTP/1.1\r\nHost: x\r\n');
    const dripping = setInterval(
      () => (until.aborted ? socket.destroy() : socket.write('X-More: and more\r\n')),
      everyMs,
    );
    const ended = await endOf(socket);
    clearInterval(dripping);
    return ended;
  }

  /**
   * Requests one behind the other over a few kept sockets; how many answers had which status.
   *
   * @param request the bytes of one of them, by its number
   */
  async flood(
    count: number,
    sockets: number,
    request: (index: number) => string,
  ): Promise<ReadonlyMap<string, number>> {
    const statuses = new Map<string, number>();
    let sent = 0;
    const one = () =>
      new Promise<void>((resolve) => {
        const socket = this.open();
        let unread = '';
        const next = () => (sent < count ? socket.write(request(sent++)) : socket.end());
        socket.setEncoding('latin1').on('data', (chunk: string) => {
          unread += chunk;
          for (let rest = restOf(unread); rest !== undefined; rest = restOf(unread)) {
            const status = unread.slice(9, 12);
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            unread = rest;
            next();
          }
        });
        socket.on('close', () => resolve());
        next();
      });
    await Promise.all(Array.from({ length: sockets }, one));
    return statuses;
  }
}

async function endOf(socket: Socket): Promise<Ended> {
  const startedAt = performance.now();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    if (text.length < 100) text += chunk;
  });
  await new Promise((resolve) => socket.on('close', resolve));
  return { status: text.split('\r\n', 1)[0] ?? '', ms: performance.now() - startedAt };
}

/** What follows the first whole answer; undefined when it is not whole yet. Answers to HEAD here announce no body. */
function restOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  const bodyEnd = end + 4 + length;
  return text.length < bodyEnd ? undefined : text.slice(bodyEnd);
}
