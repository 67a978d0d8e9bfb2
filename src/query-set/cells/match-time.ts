/**
 * How long the regular expressions of one result may take: the pattern is ours, the texts are a server's.
 *
 * The clock is looked at between matches, so one match must end by itself: its text is bounded, and then a
 * pattern that takes time with the square of it ends within 0.2 s (Node 20). One that doubles its time with
 * each character cannot be ended; docs/guides/query-sets.md says so.
 */

/**
 * All matches of one result, or of one step through a large one. A thousand labels take less than one; what takes this
 * long was made to.
 */
export const MAX_MATCH_MS = 50;

/**
 * Even the square of a short text is microseconds, and looking at the clock takes as long as its match (70 ns,
 * Node 20): one in so many is timed, until one was slow.
 */
const SHORT = 64;
const ONE_IN = 16;
const SLOW_MS = 0.5;

/** The time that is left for one result. Only matching is timed, so a big result is no reason to fail. */
export class MatchTime {
  #leftMs = MAX_MATCH_MS;
  #untimed = 0;
  #isSlow = false;

  /** Undefined when time is over. */
  exec(pattern: RegExp, text: string): RegExpExecArray | null | undefined {
    if (text.length <= SHORT && !this.#isSlow && ++this.#untimed < ONE_IN) return pattern.exec(text);
    this.#untimed = 0;
    const since = performance.now();
    const found = pattern.exec(text);
    const ms = performance.now() - since;
    this.#isSlow ||= ms > SLOW_MS;
    return this.spend(ms) ? found : undefined;
  }

  /** Begins another step: others had the thread in between. */
  renew(): void {
    this.#leftMs = MAX_MATCH_MS;
  }

  /** Whether time is left after this. */
  spend(ms: number): boolean {
    this.#leftMs -= ms;
    return this.#leftMs > 0;
  }
}
