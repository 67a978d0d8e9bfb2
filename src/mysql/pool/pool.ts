/**
 * The few connections to one server: lent, waited for, replaced, and freed of statements whose time is over.
 *
 * Never more than `maxConnections`, the ones being killed included. One attempt to connect is shared by all
 * who wait; while no connection is alive its failure is theirs too, so a dead host costs one connect timeout
 * and not one per query.
 */

import { Deadline } from '../../deadline.ts';
import { type Connection, type ConnectionSpec, openConnection } from '../connect/connection.ts';
import { type Login, LoginBackoff } from '../connect/login.ts';
import type { Resolved, ResolveHost } from '../connect/resolver.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import type { ConnectionCap, Holder } from './connection-cap.ts';
import { Killer } from './killer.ts';

export interface PoolOptions {
  readonly spec: ConnectionSpec;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly resolve: ResolveHost;
  /** Counts the connections of all pools. */
  readonly cap: ConnectionCap;
  /** Asked before each attempt to connect. */
  readonly login: () => Promise<({ readonly ok: true } & Login) | MysqlFailure>;
}

/** A connection on loan; disposing of it gives it back. */
export interface Lease extends Disposable {
  readonly connection: Connection;
  /** Whether it was used before: then it may have died unnoticed, and another try is worthwhile. */
  readonly reused: boolean;
}

export type Acquired = { readonly ok: true; readonly lease: Lease } | MysqlFailure;

export interface PoolStats {
  readonly idle: number;
  readonly lent: number;
  /** Being opened. */
  readonly opening: number;
  readonly waiting: number;
}

/** How long the server is left alone after it refused one more connection while others work. */
const GROW_AGAIN_MS = 5_000;
/** What a goodbye may take before the socket is closed without it. */
const GOODBYE_MS = 1_000;

type Waiter = (acquired: Acquired) => void;

export class Pool implements Holder {
  readonly #options: PoolOptions;
  readonly #backoff = new LoginBackoff();
  readonly #killer: Killer;
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #waiters = new Set<Waiter>();
  #opening = 0;
  /** The connection that is being opened, or was last. */
  #attempt: Promise<void> | undefined;
  #growAfter = Number.NEGATIVE_INFINITY;
  #lastReplyAt = Number.NEGATIVE_INFINITY;
  /** A refused login that nobody was told of, because another connection was working. */
  #pendingAuthFailure: MysqlFailure | undefined;
  /** How often the name of the host is being resolved. */
  #lookups = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#killer = new Killer((until) => this.#openSide(until));
  }

  /** When the server last answered anything, on the clock of `performance.now()`. */
  get lastReplyAt(): number {
    return this.#lastReplyAt;
  }

  get alive(): number {
    return this.#idle.length + this.#lent.size;
  }

  get idleSince(): number | undefined {
    return this.#idle[0]?.idleSince;
  }

  get wantsMore(): boolean {
    if (this.alive > 0 && performance.now() < this.#growAfter) return false;
    const room = this.#options.maxConnections - this.alive - this.#leaving.size;
    return room > 0 && this.#opening === 0 && this.#waiters.size > 0;
  }

  get stats(): PoolStats {
    return {
      idle: this.#idle.length,
      lent: this.#lent.size,
      opening: this.#opening,
      waiting: this.#waiters.size,
    };
  }

  /** Lends a connection, as soon as there is one; waits no longer than `until`. */
  acquire(until: Deadline): Promise<Acquired> {
    if (this.#closed) return Promise.resolve(failure('canceled', 'the exporter is stopping'));
    const connection = this.#takeIdle();
    if (connection !== undefined) return Promise.resolve({ ok: true, lease: this.#lend(connection, true) });
    return new Promise((resolve) => {
      const waiter: Waiter = (acquired) => {
        off();
        resolve(acquired);
      };
      this.#waiters.add(waiter);
      const off = until.onEnd((reason) => {
        this.#waiters.delete(waiter);
        if (reason === 'canceled') return resolve(failure('canceled', 'waiting for a connection'));
        if (this.#options.cap.isAwaitedBy(this)) this.#options.cap.noteRefused();
        resolve(this.whyNone());
      });
      this.grow();
    });
  }

  /** What keeps those waiting who have no connection yet. */
  whyNone(): MysqlFailure {
    const { cap, maxConnections } = this.#options;
    if (cap.isAwaitedBy(this))
      return failure('queue', `all ${cap.max} connections of the exporter were in use (--max-connections)`);
    if (this.alive + this.#leaving.size > 0)
      return failure('queue', `all ${maxConnections} connections to the target were busy`);
    return this.#lookups > 0
      ? failure('dns', 'no end in time: resolving the name')
      : failure('connect_timeout', 'no connection in time');
  }

  /** Opens one more connection when one is waited for and allowed; one at a time, so that a refusal comes once. */
  grow(): void {
    if (!this.wantsMore || !this.#options.cap.take(this)) return;
    this.#opening++;
    this.#attempt = this.#open();
  }

  /** Closes the connection that is longest unused; resolves when it is gone. */
  async closeIdle(): Promise<void> {
    const [connection] = this.#idle.splice(0, 1); // the stack's bottom
    if (connection !== undefined) await this.#quit(connection);
  }

  /** Closes connections that nobody has used since `before`, a time of `performance.now()`. */
  reap(before: number): void {
    while (this.#idle[0] !== undefined && (this.#idle[0].isClosed || this.#idle[0].idleSince < before)) {
      void this.closeIdle();
    }
  }

  /** Turns all who wait away and closes every connection; the lent ones as they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failWaiters(failure('canceled', 'the exporter is stopping'));
    // It will be told goodbye: given up half way, the server would count it as aborted.
    await this.#attempt;
    for (const connection of this.#idle.splice(0)) void this.#quit(connection);
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isIdle) return connection;
      this.#options.cap.giveBack(); // the server has closed it
    }
    return undefined;
  }

  #lend(connection: Connection, reused: boolean): Lease {
    this.#lent.add(connection);
    return { connection, reused, [Symbol.dispose]: () => this.#takeBack(connection) };
  }

  #takeBack(connection: Connection): void {
    this.#lent.delete(connection);
    this.#lastReplyAt = Math.max(this.#lastReplyAt, connection.lastReplyAt);
    if (connection.isIdle) this.#offer(connection, true);
    else if (connection.isClosed) {
      this.#options.cap.giveBack();
      this.grow();
    } else void this.#leave(this.#killer.end(connection));
  }

  /** Gives a free connection to whoever has waited longest, or keeps it. */
  #offer(connection: Connection, reused: boolean): void {
    const [waiter] = this.#waiters;
    if (this.#closed) void this.#quit(connection);
    else if (this.alive > 0 && this.#options.cap.isStarving()) {
      void this.#options.cap.makesRoom(this.#quit(connection));
    } else if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      waiter({ ok: true, lease: this.#lend(connection, reused) });
    } else {
      connection.idleSince = performance.now();
      this.#idle.push(connection);
      this.#options.cap.noteIdle();
    }
  }

  async #open(): Promise<void> {
    using until = Deadline.after(this.#options.connectTimeoutMs);
    const opened = await this.#connect(until);
    this.#opening--;
    if (opened.ok) {
      this.#lastReplyAt = performance.now();
      this.#offer(opened.connection, false);
      this.grow();
      return;
    }
    if (this.alive === 0 && this.#waiters.size > 0) this.#failWaiters(opened);
    else {
      this.#keepUntold(opened);
      if (this.alive > 0) this.#growAfter = performance.now() + GROW_AGAIN_MS;
    }
    this.#options.cap.giveBack();
  }

  async #connect(
    until: Deadline,
  ): Promise<{ readonly ok: true; readonly connection: Connection } | MysqlFailure> {
    const login = await this.#options.login();
    if (!login.ok) return login;
    const forbidden = this.#backoff.forbids(login);
    const pendingAuthFailure = this.#pendingAuthFailure;
    this.#pendingAuthFailure = undefined;
    if (forbidden !== undefined) return pendingAuthFailure ?? forbidden;
    const opened = await openConnection(this.#options.spec, login, (host) => this.#lookUp(host), until);
    if (opened.ok) this.#backoff.noteAccepted();
    else if (opened.reason === 'auth') this.#backoff.noteRefused(login);
    return opened;
  }

  async #lookUp(host: string): Promise<Resolved> {
    this.#lookups++;
    try {
      return await this.#options.resolve(host);
    } finally {
      this.#lookups--;
    }
  }

  /** Whoever is next without a connection learns why the login is not tried, and not merely that it is not. */
  #keepUntold(refused: MysqlFailure): void {
    if (refused.reason === 'auth') this.#pendingAuthFailure = refused;
  }

  /** A connection from which to kill: an idle one, or one more than the pool may have, for a moment. */
  async #openSide(
    until: Deadline,
  ): Promise<{ readonly connection: Connection; readonly done: () => void } | undefined> {
    const idle = this.#takeIdle();
    if (idle !== undefined) {
      const lease = this.#lend(idle, true);
      return { connection: idle, done: () => lease[Symbol.dispose]() };
    }
    const { cap } = this.#options;
    cap.takeAnyway();
    const opened = await this.#connect(until);
    if (!opened.ok) {
      this.#keepUntold(opened);
      cap.giveBack();
      return undefined;
    }
    const { connection } = opened;
    const done = () => {
      if (connection.isIdle) return void this.#quit(connection);
      connection.destroy(); // busy still: the KILL was not answered, so a goodbye would not be either
      cap.giveBack();
    };
    return { connection, done };
  }

  #failWaiters(why: MysqlFailure): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter(why);
  }

  #quit(connection: Connection): Promise<void> {
    const until = Deadline.after(GOODBYE_MS);
    return this.#leave(connection.end(until).finally(() => until[Symbol.dispose]()));
  }

  /** Counts a connection against the limits until it is gone. */
  #leave(gone: Promise<void>): Promise<void> {
    const leaving = gone.finally(() => {
      this.#leaving.delete(leaving);
      this.#options.cap.giveBack();
      if (!this.#closed) this.grow();
    });
    this.#leaving.add(leaving);
    return leaving;
  }
}
