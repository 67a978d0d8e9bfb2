/**
 * The open connections of one pool, by what becomes of them: unused, lent, or leaving.
 */
import { Deadline } from '../../deadline.ts';
import type { Connection } from '../connect/connection.ts';
import { isSameServer, type ServerIdentity } from '../connect/identity.ts';

/** What a COM_QUIT may take before the socket is closed without it. */
const QUIT_MS = 1_000;

/** How often one server may take over from another: behind a balancer each new connection may reach another one. */
export const SWITCH_EVERY_MS = 60_000;

export interface MembersOptions {
  /** Called when a connection that was leaving is closed. */
  readonly onGone: () => void;
  /** A connection has reached another server than those before; both are names for people. */
  readonly onServerChanged: (before: string, after: string) => void;
}

export class Members {
  /** The one used last is at the end, and is taken first. */
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #options: MembersOptions;
  #server: ServerIdentity | undefined;
  /** The server of the newest connection, a member or not. */
  #lastReached: string | undefined;
  #switchedAt = Number.NEGATIVE_INFINITY;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** The server that they are on; undefined without any, or when it does not tell. */
  get server(): ServerIdentity | undefined {
    return this.alive > 0 ? this.#server : undefined;
  }

  get idle(): number {
    return this.#idle.length;
  }

  get lent(): number {
    return this.#lent.size;
  }

  get leaving(): number {
    return this.#leaving.size;
  }

  /** Any of them. */
  get any(): Connection | undefined {
    return this.#idle.at(-1) ?? [...this.#lent][0];
  }

  /** Unused or lent. */
  get alive(): number {
    return this.#idle.length + this.#lent.size;
  }

  /** Since when the longest unused is, on the clock of `performance.now()`. */
  get idleSince(): number | undefined {
    return this.#idle[0]?.idleSince;
  }

  /**
   * Whether a new connection has reached the server that the others are on.
   *
   * One that has reached another is no member: queries of one probe must not reach different servers. The others are
   * outdated by it, unless that happened lately.
   *
   * @param isSuccessor whether it is there to take the place of the others
   */
  admits({ server }: Connection, isSuccessor = false): boolean {
    const before = this.#server;
    const isOther = before !== undefined && server !== undefined && !isSameServer(before, server);
    if (isOther && before.name !== server.name && this.#lastReached !== server.name)
      this.#options.onServerChanged(before.name, server.name);
    this.#lastReached = server?.name;
    const mayTakeOver = isSuccessor || performance.now() - this.#switchedAt >= SWITCH_EVERY_MS;
    if (isOther && this.alive > 0 && mayTakeOver) {
      this.#switchedAt = performance.now();
      this.outdate(() => true);
    }
    if (isOther && this.alive > 0) return false;
    this.#server = server ?? before;
    return true;
  }

  /** An unused connection, which is no member until it is lent. */
  take(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop())
      if (connection.isIdle) return connection; // else the server has closed it
    return undefined;
  }

  lend(connection: Connection): void {
    this.#lent.add(connection);
  }

  /** A lent connection is one no more. */
  takeBack(connection: Connection): void {
    this.#lent.delete(connection);
  }

  /** Keeps a connection unused. */
  keep(connection: Connection, idleSince: number): void {
    connection.idleSince = idleSince;
    this.#idle.push(connection);
  }

  /** One of these, an unused one before a lent one. */
  find(isMeant: (connection: Connection) => boolean): Connection | undefined {
    const unused = this.#idle.find(isMeant);
    if (unused !== undefined) return unused;
    for (const connection of this.#lent) if (isMeant(connection)) return connection;
    return undefined;
  }

  /** Ends connections, those that are lent as soon as the probes that use them are over. */
  outdate(isMeant: (connection: Connection) => boolean): void {
    for (const connection of this.#lent) if (isMeant(connection)) connection.isOutdated = true;
    for (const connection of this.#idle.filter(isMeant)) this.drop(connection);
  }

  /** Ends one connection, at once when it is unused. */
  drop(connection: Connection): void {
    connection.isOutdated = true;
    const at = this.#idle.indexOf(connection);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    void this.quit(connection);
  }

  /** Closes the connection that is longest unused; resolves when it is gone. */
  async closeIdle(): Promise<void> {
    const [connection] = this.#idle.splice(0, 1); // the stack's bottom
    if (connection !== undefined) await this.quit(connection);
  }

  /** Closes connections that were not used since `before`, a time of `performance.now()`. */
  reap(before: number): void {
    while (this.#idle[0] !== undefined && (this.#idle[0].isClosed || this.#idle[0].idleSince < before)) {
      void this.closeIdle();
    }
  }

  /** Closes a connection with COM_QUIT; resolves when it is gone. */
  quit(connection: Connection): Promise<void> {
    const until = Deadline.after(QUIT_MS);
    return this.leave(connection.end(until).finally(() => until[Symbol.dispose]()));
  }

  /** Counts a connection against the limits until it is gone. */
  leave(gone: Promise<void>): Promise<void> {
    const leaving = gone.finally(() => {
      this.#leaving.delete(leaving);
      this.#options.onGone();
    });
    this.#leaving.add(leaving);
    return leaving;
  }

  /** Resolves when nothing is leaving any more. */
  async allGone(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }
}
