/**
 * Turns of the event loop, shared out among what would fill them alone: large results of many servers arrive in pieces,
 * and libuv hands over all that is there in one turn, up to 2 MB of each connection.
 */

/**
 * So long goes such work on in one turn, besides the piece that has begun by then: who asks for little waits for one turn,
 * and that is the 99th percentile of their latency beside one large result every two seconds.
 */
const TURN_MS = 4;

export class Turns {
  /** Results that are whole: while one of them waits, nothing more of others is read, and memory has its bound. */
  readonly #finishing: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #last: (() => void)[] = [];
  /** When the turn that is under way is used up; undefined while nothing has been done in it. */
  #usedUpAt: number | undefined;
  #hasPiece = false;

  /**
   * Whether another piece of work may be begun in this turn, and it is; what may not waits. The first may whatever the
   * clock says, which goes on without us on a busy machine.
   */
  begin(): boolean {
    if (this.#usedUpAt === undefined) this.#start();
    const isFirst = !this.#hasPiece;
    this.#hasPiece = true;
    return isFirst || performance.now() < (this.#usedUpAt ?? 0);
  }

  /**
   * Calls back in one of the next turns, which has all of its time then: one a turn, in the order of their waiting.
   *
   * @param isWanted what nobody waits for any more goes on when nothing else does
   */
  wait(goOn: () => void, isWanted = true): void {
    this.#enqueue(isWanted ? this.#waiting : this.#last, goOn);
  }

  /** The same for what lets go of memory when it is done: before all that {@link wait}. */
  untilTime(): Promise<void> {
    return new Promise((resolve) => this.#enqueue(this.#finishing, resolve));
  }

  #enqueue(queue: (() => void)[], goOn: () => void): void {
    queue.push(goOn);
    if (this.#usedUpAt === undefined) this.#start();
  }

  #start(): void {
    this.#usedUpAt = performance.now() + TURN_MS;
    this.#hasPiece = false;
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#usedUpAt = undefined;
    const goOn = this.#finishing.shift() ?? this.#waiting.shift() ?? this.#last.shift();
    if (goOn === undefined) return;
    this.#start();
    goOn();
  }
}
