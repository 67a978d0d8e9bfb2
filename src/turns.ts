/**
 * Turns of the event loop, shared out among what would fill them alone: large results of many servers arrive in pieces,
 * and libuv hands over all that is there in one turn, up to 2 MB of each connection.
 */

/** So long goes such work on in one turn, besides the piece that has begun by then. */
const TURN_MS = 10;

export class Turns {
  /** Results that are whole: while one of them waits, nothing more of others is read, and memory has its bound. */
  readonly #finishing: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  /** When the turn that is under way is used up; undefined while nothing has been done in it. */
  #usedUpAt: number | undefined;

  /** Whether another piece of work may be begun in this turn; what may not waits. */
  hasTime(): boolean {
    if (this.#usedUpAt === undefined) this.#begin();
    return performance.now() < (this.#usedUpAt ?? 0);
  }

  /** Calls back in one of the next turns, which has all of its time then: one a turn, in the order of their waiting. */
  wait(goOn: () => void): void {
    this.#enqueue(this.#waiting, goOn);
  }

  /** The same for what lets go of memory when it is done: before all that {@link wait}. */
  untilTime(): Promise<void> {
    return new Promise((resolve) => this.#enqueue(this.#finishing, resolve));
  }

  #enqueue(queue: (() => void)[], goOn: () => void): void {
    queue.push(goOn);
    if (this.#usedUpAt === undefined) this.#begin();
  }

  #begin(): void {
    this.#usedUpAt = performance.now() + TURN_MS;
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#usedUpAt = undefined;
    const goOn = this.#finishing.shift() ?? this.#waiting.shift();
    if (goOn === undefined) return;
    this.#begin();
    goOn();
  }
}
