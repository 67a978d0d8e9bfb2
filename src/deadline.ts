/**
 * The moment by which work must have ended, handed down from the scrape to each query and only narrowed.
 *
 * Our own and not an AbortSignal: a probe makes one per query, and on Node 20 an EventTarget with its
 * listeners costs several times the timer that it stands for.
 */

/** Why the time is over: it ran out, or no caller wants the answer any more. */
export type EndReason = 'timeout' | 'canceled';

type Listener = (reason: EndReason) => void;

/** Ends once, at its time or when canceled, together with all that was narrowed from it. */
export class Deadline implements Disposable {
  #at: number;
  #ended: EndReason | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;
  readonly #parent: Deadline | undefined;
  readonly #listeners = new Set<Listener>();

  private constructor(at: number, parent?: Deadline) {
    this.#at = at;
    this.#parent = parent;
  }

  /** A deadline `ms` milliseconds from now. */
  static after(ms: number): Deadline {
    const deadline = new Deadline(performance.now() + ms);
    deadline.#arm();
    return deadline;
  }

  /** A deadline `ms` milliseconds from now that also ends when `parent` does, for the same reason. */
  static within(parent: Deadline, ms: number): Deadline {
    const deadline = new Deadline(performance.now() + ms, parent);
    if (parent.#ended !== undefined) deadline.#end(parent.#ended);
    else {
      deadline.#unfollow = parent.onEnd((reason) => deadline.#end(reason));
      deadline.#arm(); // also when the parent ends sooner: it may be extended
    }
    return deadline;
  }

  /** When it ends, on the clock of `performance.now()`. */
  get at(): number {
    return this.#parent === undefined ? this.#at : Math.min(this.#at, this.#parent.at);
  }

  /** Milliseconds left, never negative. */
  get left(): number {
    return this.#ended === undefined ? Math.max(0, this.at - performance.now()) : 0;
  }

  /** Set once it has ended. */
  get ended(): EndReason | undefined {
    return this.#ended;
  }

  /**
   * Calls `listener` when the deadline ends; at once if it has.
   *
   * @returns a function that takes the listener off again
   */
  onEnd(listener: Listener): () => void {
    if (this.#ended !== undefined) {
      listener(this.#ended);
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends it now: no caller waits for the answer any more, or the caller has run out of time. */
  cancel(reason: EndReason = 'canceled'): void {
    this.#end(reason);
  }

  /** Moves the end to a later time; an earlier one is ignored. Only for a deadline without a parent. */
  extendTo(at: number): void {
    if (this.#ended !== undefined || at <= this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#arm();
  }

  /** Frees the timer and the tie to the parent without ending anything. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#unfollow?.();
    this.#listeners.clear();
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#end('timeout'), Math.max(0, this.#at - performance.now()));
  }

  #end(reason: EndReason): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    clearTimeout(this.#timer);
    this.#unfollow?.();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }
}
