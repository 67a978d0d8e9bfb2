/**
 * The few connections to one server: lent, waited for, replaced, and freed of statements whose time is over.
 *
 * Never more than `maxConnections`, the ones being killed included. All queries that wait share one attempt to
 * connect; while no connection is alive they share its failure too, so a dead host costs one connect timeout
 * and not one per query.
 */

import { Deadline } from '../../deadline.ts';
import type { Connection } from '../connect/connection.ts';
import type { ServerIdentity } from '../connect/identity.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import type { ConnectionCap, Holder, Seat } from './connection-cap.ts';
import { Killer, type Side } from './killer.ts';
import { Members, SWITCH_EVERY_MS } from './members.ts';
import { type Opened, Opener, type OpenerOptions } from './opener.ts';
import { type OpenTls, type PoolState, type PoolStats, type Reached, reachedBy } from './pool-state.ts';
import { Renewal } from './renewal.ts';

/** What a pool may do; it can change while the pool lives. */
export interface PoolLimits {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** How long a connection is used. */
  readonly maxConnectionAgeMs: number;
}

/** What a pool tells of its server. */
export interface PoolEvents {
  /** A connection has reached another server than those before; both are names for people. */
  readonly onServerChanged: (before: string, after: string) => void;
  /** A statement may run on after its time: only the server's own limit ends it. */
  readonly onNotKilled: (why: MysqlFailure) => void;
}

export interface PoolOptions extends OpenerOptions, PoolLimits, PoolEvents {
  /** Counts the connections of all pools. */
  readonly cap: ConnectionCap;
  /** How long queries wait for a connection that there is before another one is opened. */
  readonly growAfterMs: number;
}

/** A connection on loan; disposing of it gives it back. */
export interface Lease extends Disposable {
  readonly connection: Connection;
  /** Whether it was used before: then it may have died unnoticed, and another try is worthwhile. */
  readonly reused: boolean;
  /**
   * After a refused right: replaces the connection by a new one, which has the rights that were given since.
   *
   * @returns whether it did, so that asking again is worthwhile
   */
  renew(until: Deadline): Promise<boolean>;
}

export type Acquired = { readonly ok: true; readonly lease: Lease } | MysqlFailure;

/** How long the server is left alone after it refused one more connection while others work. */
const GROW_AGAIN_MS = 5_000;

type Waiter = (acquired: Acquired) => void;

/**
 * `open`; then `retired`, when the configuration no longer asks for such connections: what is under way ends on
 * what it began with, and nothing is kept; then `closed`.
 */
type State = 'open' | 'retired' | 'closed';

export class Pool implements Holder {
  readonly #cap: ConnectionCap;
  readonly #growAfterMs: number;
  readonly #opener: Opener;
  readonly #killer: Killer;
  readonly #members: Members;
  readonly #waiters = new Set<Waiter>();
  #limits: PoolLimits;
  /** When the first query began to wait, or one behind it had its connection. */
  #waitedSince = 0;
  #growTimer: NodeJS.Timeout | undefined;
  #opening = 0;
  /** The connection that is being opened, or was last. */
  #attempt: Promise<void> | undefined;
  readonly #renewal = new Renewal();
  /** The replacements that are being opened. */
  readonly #replacing = new Set<Promise<unknown>>();
  #growAfter = Number.NEGATIVE_INFINITY;
  #reached: Reached | undefined;
  #lastReplyAt = Number.NEGATIVE_INFINITY;
  #state: State = 'open';

  constructor(options: PoolOptions) {
    this.#cap = options.cap;
    this.#growAfterMs = options.growAfterMs;
    this.#limits = options;
    this.#opener = new Opener(options);
    const { onNotKilled, onServerChanged } = options;
    this.#members = new Members({ onGone: () => this.grow(), onServerChanged });
    this.#killer = new Killer({ openSide: (until) => this.#openSide(until), onNotKilled });
  }

  /** When the server last answered anything, on the clock of `performance.now()`. */
  get lastReplyAt(): number {
    return this.#lastReplyAt;
  }

  /** The server that the connections are on; undefined without any, or when it does not tell. */
  get server(): ServerIdentity | undefined {
    return this.#members.server;
  }

  get alive(): number {
    return this.#members.alive;
  }

  get idleSince(): number | undefined {
    return this.#members.idleSince;
  }

  get wantsMore(): boolean {
    if (this.alive > 0 && performance.now() < this.#growAfter) return false;
    const room = this.#limits.maxConnections - this.alive - this.#members.leaving;
    return room > 0 && this.#opening === 0 && this.#waiters.size > 0;
  }

  get stats(): PoolStats {
    return {
      idle: this.#members.idle,
      lent: this.#members.lent,
      opening: this.#opening,
      waiting: this.#waiters.size,
    };
  }

  get state(): PoolState {
    return { stats: this.stats, reached: this.#reached, backoffUntil: this.#opener.backoffUntil };
  }

  /** TLS as an open connection has it; undefined when none is open. */
  get openTls(): OpenTls | undefined {
    const { any } = this.#members;
    return any && { tls: any.tls };
  }

  /** Connections that end, those on which a statement is being killed among them. */
  get leaving(): number {
    return this.#members.leaving;
  }

  /** Whether nothing is open, under way or waited for. */
  get isEmpty(): boolean {
    return this.alive + this.#members.leaving + this.#opening + this.#waiters.size === 0;
  }

  /** Lends a connection, as soon as there is one; waits no longer than `until`. */
  acquire(until: Deadline): Promise<Acquired> {
    if (this.#state === 'closed') return Promise.resolve(failure('canceled', 'the exporter is stopping'));
    const connection = this.#members.take();
    if (connection !== undefined) return Promise.resolve({ ok: true, lease: this.#lend(connection, true) });
    return new Promise((resolve) => {
      const waiter: Waiter = (acquired) => {
        off();
        resolve(acquired);
      };
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#waitedSince = performance.now();
      const off = until.onEnd((reason) => {
        this.#waiters.delete(waiter);
        if (reason === 'canceled') return resolve(failure('canceled', 'waiting for a connection'));
        if (this.#cap.isAwaitedBy(this)) this.#cap.noteRefused();
        resolve(this.waitFailure());
      });
      if (this.alive > 0) this.#growLater();
      else this.grow();
    });
  }

  /** What keeps those queries waiting that have no connection yet. */
  waitFailure(): MysqlFailure {
    if (this.#cap.isAwaitedBy(this))
      return failure(
        'queue',
        `all ${this.#cap.max} connections of the exporter were in use (--max-connections)`,
      );
    if (this.alive + this.#members.leaving > 0)
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

  /** As `grow`, when the query that has waited longest has waited for a while. */
  #growLater(): void {
    const left = this.#waitedSince + this.#growAfterMs - performance.now();
    if (left <= 0) this.grow();
    else
      this.#growTimer ??= setTimeout(() => {
        this.#growTimer = undefined;
        if (this.#waiters.size > 0) this.#growLater();
      }, left);
  }

  /** Takes other limits from now on; connections above a lower one are closed when they have been idle for long. */
  limit(limits: PoolLimits): void {
    this.#limits = limits;
  }

  closeIdle(): Promise<void> {
    return this.#members.closeIdle();
  }

  /** Closes connections that were not used since `before`, a time of `performance.now()`. */
  reap(before: number): void {
    this.#members.reap(before);
  }

  /**
   * Replaces a connection that has reached its age, one at a time; the only one is kept until another is open, and a lent
   * one until it comes back: one that probes without a pause use is never seen unused.
   */
  renewOld(now: number): void {
    const { connectTimeoutMs, maxConnectionAgeMs } = this.#limits;
    const old = this.#members.find(
      ({ ageShare, isOutdated, openedAt }) => !isOutdated && now - openedAt > maxConnectionAgeMs * ageShare,
    );
    if (old === undefined || this.#replacing.size > 0) return;
    if (this.alive > 1) this.#members.drop(old);
    else if (this.#renewal.allowsByAge(now)) void this.#renewOnly(old, connectTimeoutMs);
  }

  /** Ends the connections to other addresses than these, the lent ones as they come back. */
  keepOnly(addresses: readonly string[]): void {
    this.#members.outdate(({ host }) => host !== undefined && !addresses.includes(host));
  }

  /** Closes what is idle now and the rest as it comes back; queries that wait still get a connection. */
  retire(): void {
    if (this.#state === 'open') this.#state = 'retired';
    this.#members.reap(Number.POSITIVE_INFINITY);
  }

  /** Turns all waiting queries away and closes every connection; the lent ones as they come back. */
  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#growTimer);
    this.#failWaiters(failure('canceled', 'the exporter is stopping'));
    // It ends with COM_QUIT: given up half way, the server would count it as aborted.
    await this.#attempt;
    await Promise.all(this.#replacing);
    this.#members.reap(Number.POSITIVE_INFINITY);
    await this.#members.allGone();
  }

  #lend(first: Connection, reused: boolean): Lease {
    let connection = first;
    this.#members.lend(connection);
    return {
      get connection() {
        return connection;
      },
      reused,
      renew: async (until) => {
        const replacement = await this.#replaceLent(connection, until);
        if (replacement !== undefined) connection = replacement;
        return replacement !== undefined;
      },
      [Symbol.dispose]: () => this.#takeBack(connection),
    };
  }

  #takeBack(connection: Connection): void {
    this.#members.takeBack(connection);
    this.#lastReplyAt = Math.max(this.#lastReplyAt, connection.lastReplyAt);
    if (connection.isIdle) this.#offer(connection, true);
    else if (connection.isClosed) this.grow();
    else void this.#members.leave(this.#killer.end(connection));
  }

  /** Gives a free connection to the query that has waited longest, or keeps it. */
  #offer(connection: Connection, reused: boolean, idleSince = performance.now()): void {
    const [waiter] = this.#waiters;
    if (this.#state === 'closed' || connection.isSpent) void this.#members.quit(connection);
    else if (this.alive > 0 && this.#cap.isStarving())
      void this.#cap.makesRoom(this.#members.quit(connection));
    else if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      this.#waitedSince = performance.now();
      waiter({ ok: true, lease: this.#lend(connection, reused) });
    } else if (this.#state === 'retired' || connection.isOutdated) void this.#members.quit(connection);
    else {
      this.#members.keep(connection, idleSince);
      this.#cap.noteIdle();
    }
  }

  async #open(seat: Seat): Promise<void> {
    using until = Deadline.after(this.#limits.connectTimeoutMs);
    const opened = await this.#opener.open(seat, until);
    this.#opening--;
    if (opened.ok && this.#members.admits(opened.connection)) {
      this.#lastReplyAt = performance.now();
      this.#reached = reachedBy(opened.connection);
      this.#offer(opened.connection, false);
      if (this.#waiters.size > 0) this.#growLater();
      return;
    }
    if (opened.ok) {
      this.#growAfter = performance.now() + SWITCH_EVERY_MS;
      return void this.#members.quit(opened.connection);
    }
    if (this.alive === 0 && this.#waiters.size > 0) return this.#failWaiters(opened);
    else this.#opener.noteUnreported(opened);
    if (this.alive > 0) this.#growAfter = performance.now() + GROW_AGAIN_MS;
  }

  async #replaceLent(old: Connection, until: Deadline): Promise<Connection | undefined> {
    const { maxConnectionAgeMs } = this.#limits;
    if (!this.#renewal.allowsAfterRefusal(old.openedAt, maxConnectionAgeMs, performance.now()))
      return undefined;
    const before = performance.now();
    const replacement = await this.#openReplacement(until);
    if (replacement === undefined) return undefined;
    this.#members.takeBack(old);
    this.#members.lend(replacement);
    if (old.isIdle) void this.#members.quit(old);
    this.#members.outdate(({ openedAt }) => openedAt < before);
    return replacement;
  }

  /** The unused time of the old one counts on: a target that is not asked any more keeps no connection. */
  async #renewOnly(old: Connection, connectTimeoutMs: number): Promise<void> {
    using until = Deadline.after(connectTimeoutMs);
    const replacement = await this.#openReplacement(until, true);
    if (replacement === undefined) return this.#renewal.noteFailed(performance.now());
    this.#members.drop(old);
    this.#offer(replacement, false, old.idleSince);
  }

  /** One more connection than the pool may have, for a moment; undefined when the server does not let it in. */
  #openReplacement(until: Deadline, isSuccessor = false): Promise<Connection | undefined> {
    const opening = this.#openMember(until, isSuccessor).finally(() => this.#replacing.delete(opening));
    this.#replacing.add(opening);
    return opening;
  }

  async #openMember(until: Deadline, isSuccessor: boolean): Promise<Connection | undefined> {
    const opened = await this.#openExtra(until);
    if (!opened.ok) {
      // The account is gone or has another password: what is still open does not tell.
      if (opened.reason === 'auth') this.#members.outdate(() => true);
      return undefined;
    }
    this.#lastReplyAt = performance.now();
    if (this.#state !== 'closed' && this.#members.admits(opened.connection, isSuccessor)) {
      this.#reached = reachedBy(opened.connection);
      return opened.connection;
    }
    void this.#members.quit(opened.connection);
    return undefined;
  }

  /** A connection from which to kill: an idle one, or one more than the pool may have, for a moment. */
  async #openSide(until: Deadline): Promise<Side | MysqlFailure> {
    const idle = this.#members.take();
    if (idle !== undefined) {
      const lease = this.#lend(idle, true);
      return { ok: true, connection: idle, done: () => lease[Symbol.dispose]() };
    }
    const opened = await this.#openExtra(until);
    if (!opened.ok) return opened;
    const { connection } = opened;
    const done = () => {
      if (connection.isIdle) void this.#members.quit(connection);
      else connection.destroy(); // busy still: the KILL was not answered, so COM_QUIT would not be either
    };
    return { ok: true, connection, done };
  }

  /** A connection above the limits, for no query in particular. */
  async #openExtra(until: Deadline): Promise<Opened> {
    const opened = await this.#opener.open(this.#cap.takeUnchecked(), until);
    if (!opened.ok) this.#opener.noteUnreported(opened);
    return opened;
  }

  #failWaiters(why: MysqlFailure): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter(why);
  }
}
