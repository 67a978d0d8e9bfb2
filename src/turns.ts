/**
 * Turns of the event loop, shared out among what would fill them alone: a result of megabytes arrives in pieces, and
 * all pieces that are there would be read in one turn, those of every connection (libuv reads up to 2 MB of each).
 */

/** So long may work that others must not wait for go on in one turn, and the piece that has begun by then. */
const TURN_MS = 10;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  /** When the turn that is under way is used up; undefined while nothing has been done in it. */
  #usedUpAt: number | undefined;

  /** Whether another piece of work may be begun in this turn; what may not is to {@link wait}. */
  hasTime(): boolean {
    if (this.#usedUpAt === undefined) this.#begin();
    return performance.now() < (this.#usedUpAt ?? 0);
  }

  /** Calls back in one of the next turns, which has all of its time then: one a turn, in the order of their waiting. */
  wait(goOn: () => void): void {
    this.#waiting.push(goOn);
    if (this.#usedUpAt === undefined) this.#begin();
  }

  /** As `wait`, for who can await it. */
  next(): Promise<void> {
    return new Promise((resolve) => this.wait(resolve));
  }

  #begin(): void {
    this.#usedUpAt = performance.now() + TURN_MS;
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#usedUpAt = undefined;
    const goOn = this.#waiting.shift();
    if (goOn === undefined) return;
    this.#begin();
    goOn();
  }
}
