/**
 * The limit of connections over all pools, and which pool gets the next one when the limit is reached.
 *
 * Below the limit it only counts. At it, unused connections are closed to make room, the longest unused
 * first, and the pools that want one wait for it: those without any come first, as they can ask nothing at all.
 * A second connection never costs another target its only one.
 */

/** A pool, as far as the others have to know it. */
export interface Holder {
  /** Connections in use or ready for it. */
  readonly alive: number;
  /** Since when its longest unused connection is idle, on the clock of `performance.now()`; undefined without one. */
  readonly idleSince: number | undefined;
  /** Whether it would open a connection if it may. */
  readonly wantsMore: boolean;
  /** Closes the connection that is longest unused; resolves when it is gone. */
  closeIdle(): Promise<void>;
  /** Opens the connection that it wants, if it still does. */
  grow(): void;
}

/** Room for one connection, from the first attempt to open it until its socket is closed. */
export interface Seat {
  /** Gives the room back; a second call does nothing. */
  release(): void;
}

export interface ConnectionCapOptions {
  readonly max: number;
  /** All pools. */
  readonly holders: () => Iterable<Holder>;
  /** Called for each query that timed out while it waited for a connection under this limit. */
  readonly onRefused: () => void;
}

export class ConnectionCap {
  readonly #options: ConnectionCapOptions;
  readonly #waiting = new Set<Holder>();
  #used = 0;
  /** Connections that are being closed for waiting pools. */
  #closing = 0;
  #isLooking = false;

  constructor(options: ConnectionCapOptions) {
    this.#options = options;
  }

  get max(): number {
    return this.#options.max;
  }

  /** Connections of any state, from the first attempt to open until closed. */
  get used(): number {
    return this.#used;
  }

  /** A seat for one more connection; without one `holder.grow()` is called when there may be one. */
  take(holder: Holder): Seat | undefined {
    if (this.#used < this.max) return this.takeUnchecked();
    this.#waiting.add(holder);
    this.noteIdle();
    return undefined;
  }

  /** A seat above the limit too, for a connection that ends statements. */
  takeUnchecked(): Seat {
    this.#used++;
    let isTaken = true;
    return {
      release: () => {
        if (isTaken) this.#giveBack();
        isTaken = false;
      },
    };
  }

  #giveBack(): void {
    this.#used--;
    if (this.#waiting.size === 0) return;
    for (const holder of this.#inOrder()) {
      if (this.#used >= this.max) return;
      this.#waiting.delete(holder);
      holder.grow();
    }
  }

  /** A connection may be idle. It is closed for a waiting pool unless its own probe reuses it in this tick. */
  noteIdle(): void {
    if (this.#waiting.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    // Between two queries of one probe a connection is idle for some microtasks.
    setImmediate(() => this.#makeRoom());
  }

  /** Whether a pool without any connection waits, and no room is being made for it yet. */
  isStarving(): boolean {
    return (
      this.#waiting.size > 0 &&
      this.#inOrder()
        .slice(this.#closing)
        .some(({ alive }) => alive === 0)
    );
  }

  /** Counts a connection that is being closed for a waiting pool; `gone` resolves when it is closed. */
  async makesRoom(gone: Promise<void>): Promise<void> {
    this.#closing++;
    await gone.finally(() => this.#closing--);
  }

  /** Whether a pool waits for a seat. */
  isAwaitedBy(holder: Holder): boolean {
    return this.#waiting.has(holder);
  }

  /** A query timed out while it waited. */
  noteRefused(): void {
    this.#options.onRefused();
  }

  #makeRoom(): void {
    this.#isLooking = false;
    for (const holder of this.#inOrder().slice(this.#closing)) {
      const victim = this.#longestUnused(holder.alive === 0);
      if (victim === undefined) return;
      void this.makesRoom(victim.closeIdle());
    }
  }

  /** Pools that still want a connection: those without any first, then in order of arrival. */
  #inOrder(): readonly Holder[] {
    for (const holder of this.#waiting) if (!holder.wantsMore) this.#waiting.delete(holder);
    const waiting = [...this.#waiting];
    return [...waiting.filter(({ alive }) => alive === 0), ...waiting.filter(({ alive }) => alive > 0)];
  }

  /** The pool with the longest unused connection among those with more than one, or else, if allowed, among all. */
  #longestUnused(mayBeOnlyOne: boolean): Holder | undefined {
    let spare: Holder | undefined;
    let only: Holder | undefined;
    for (const holder of this.#options.holders()) {
      if (holder.idleSince === undefined) continue;
      if (holder.alive > 1) spare = longerUnused(spare, holder);
      else only = longerUnused(only, holder);
    }
    return spare ?? (mayBeOnlyOne ? only : undefined);
  }
}

function longerUnused(one: Holder | undefined, other: Holder): Holder {
  return one?.idleSince !== undefined && one.idleSince <= (other.idleSince ?? 0) ? one : other;
}
