/**
 * The few connections to one server: lent, waited for, replaced, and freed of statements whose time is over.
 *
 * Never more than `maxConnections`, the ones being killed included. All queries that wait share one attempt to
 * connect; while no connection is alive they share its failure too, so a dead host costs one connect timeout
 * and not one per query.
 */

import { Deadline } from '../../deadline.ts';
import type { Connection } from '../connect/connection.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import type { ConnectionCap, Holder, Seat } from './connection-cap.ts';
import { Killer } from './killer.ts';
import { Opener, type OpenerOptions } from './opener.ts';

/** What a pool may do; it can change while the pool lives. */
export interface PoolLimits {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
}

export interface PoolOptions extends OpenerOptions, PoolLimits {
  /** Counts the connections of all pools. */
  readonly cap: ConnectionCap;
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
/** What a COM_QUIT may take before the socket is closed without it. */
const QUIT_MS = 1_000;

type Waiter = (acquired: Acquired) => void;

/**
 * `open`; then `retired`, when the configuration no longer asks for such connections: what is under way ends on
 * what it began with, and nothing is kept; then `closed`.
 */
type State = 'open' | 'retired' | 'closed';

export class Pool implements Holder {
  readonly #cap: ConnectionCap;
  readonly #opener: Opener;
  readonly #killer: Killer;
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #waiters = new Set<Waiter>();
  #limits: PoolLimits;
  #opening = 0;
  /** The connection that is being opened, or was last. */
  #attempt: Promise<void> | undefined;
  #growAfter = Number.NEGATIVE_INFINITY;
  #lastReplyAt = Number.NEGATIVE_INFINITY;
  #state: State = 'open';

  constructor(options: PoolOptions) {
    this.#cap = options.cap;
    this.#limits = options;
    this.#opener = new Opener(options);
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
    const room = this.#limits.maxConnections - this.alive - this.#leaving.size;
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

  /** Whether nothing is open, under way or waited for. */
  get isEmpty(): boolean {
    return this.alive + this.#leaving.size + this.#opening + this.#waiters.size === 0;
  }

  /** Lends a connection, as soon as there is one; waits no longer than `until`. */
  acquire(until: Deadline): Promise<Acquired> {
    if (this.#state === 'closed') return Promise.resolve(failure('canceled', 'the exporter is stopping'));
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
        if (this.#cap.isAwaitedBy(this)) this.#cap.noteRefused();
        resolve(this.waitFailure());
      });
      this.grow();
    });
  }

  /** What keeps those queries waiting that have no connection yet. */
  waitFailure(): MysqlFailure {
    if (this.#cap.isAwaitedBy(this))
      return failure(
        'queue',
        `all ${this.#cap.max} connections of the exporter were in use (--max-connections)`,
      );
    if (this.alive + this.#leaving.size > 0)
      return failure('queue', `all ${this.#limits.maxConnections} connections to the target were busy`);
    return this.#opener.isResolving
      ? failure('dns', 'no end in time: resolving the name')
      : failure('connect_timeout', 'no connection in time');
  }

  /** Opens one more connection when one is waited for and allowed; one at a time, so that a refusal comes once. */
  grow(): void {
    if (this.#state === 'closed' || !this.wantsMore) return;
    const seat = this.#cap.take(this);
    if (seat === undefined) return;
    this.#opening++;
    this.#attempt = this.#open(seat);
  }

  /** Takes other limits from now on; connections above a lower one are closed when they have been idle for long. */
  limit(limits: PoolLimits): void {
    this.#limits = limits;
  }

  /** Closes the connection that is longest unused; resolves when it is gone. */
  async closeIdle(): Promise<void> {
    const [connection] = this.#idle.splice(0, 1); // the stack's bottom
    if (connection !== undefined) await this.#quit(connection);
  }

  /** Closes connections that were not used since `before`, a time of `performance.now()`. */
  reap(before: number): void {
    while (this.#idle[0] !== undefined && (this.#idle[0].isClosed || this.#idle[0].idleSince < before)) {
      void this.closeIdle();
    }
  }

  /** Closes what is idle now and the rest as it comes back; queries that wait still get a connection. */
  retire(): void {
    if (this.#state === 'open') this.#state = 'retired';
    for (const connection of this.#idle.splice(0)) void this.#quit(connection);
  }

  /** Turns all waiting queries away and closes every connection; the lent ones as they come back. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#failWaiters(failure('canceled', 'the exporter is stopping'));
    // It ends with COM_QUIT: given up half way, the server would count it as aborted.
    await this.#attempt;
    for (const connection of this.#idle.splice(0)) void this.#quit(connection);
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop())
      if (connection.isIdle) return connection; // else the server has closed it
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
    else if (connection.isClosed) this.grow();
    else void this.#leave(this.#killer.end(connection));
  }

  /** Gives a free connection to the query that has waited longest, or keeps it. */
  #offer(connection: Connection, reused: boolean): void {
    const [waiter] = this.#waiters;
    if (this.#state === 'closed') void this.#quit(connection);
    else if (this.alive > 0 && this.#cap.isStarving()) void this.#cap.makesRoom(this.#quit(connection));
    else if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      waiter({ ok: true, lease: this.#lend(connection, reused) });
    } else if (this.#state === 'retired') void this.#quit(connection);
    else {
      connection.idleSince = performance.now();
      this.#idle.push(connection);
      this.#cap.noteIdle();
    }
  }

  async #open(seat: Seat): Promise<void> {
    using until = Deadline.after(this.#limits.connectTimeoutMs);
    const opened = await this.#opener.open(until);
    this.#opening--;
    if (opened.ok) {
      opened.connection.onClosed(() => seat.release());
      this.#lastReplyAt = performance.now();
      this.#offer(opened.connection, false);
      this.grow();
      return;
    }
    if (this.alive === 0 && this.#waiters.size > 0) this.#failWaiters(opened);
    else {
      this.#opener.noteUnreported(opened);
      if (this.alive > 0) this.#growAfter = performance.now() + GROW_AGAIN_MS;
    }
    seat.release();
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
    const seat = this.#cap.takeUnchecked();
    const opened = await this.#opener.open(until);
    if (!opened.ok) {
      this.#opener.noteUnreported(opened);
      seat.release();
      return undefined;
    }
    const { connection } = opened;
    connection.onClosed(() => seat.release());
    const done = () => {
      if (connection.isIdle) void this.#quit(connection);
      else connection.destroy(); // busy still: the KILL was not answered, so COM_QUIT would not be either
    };
    return { connection, done };
  }

  #failWaiters(why: MysqlFailure): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter(why);
  }

  #quit(connection: Connection): Promise<void> {
    const until = Deadline.after(QUIT_MS);
    return this.#leave(connection.end(until).finally(() => until[Symbol.dispose]()));
  }

  /** Counts a connection against the limits until it is gone. */
  #leave(gone: Promise<void>): Promise<void> {
    const leaving = gone.finally(() => {
      this.#leaving.delete(leaving);
      this.grow();
    });
    this.#leaving.add(leaving);
    return leaving;
  }
}
