/**
 * How long the regular expressions of one result may take: the pattern is ours, the texts are a server's.
 *
 * The clock is looked at between matches, so one match must end by itself: its text is bounded, and then a
 * pattern that takes time with the square of it ends within 0.2 s (Node 20). One that doubles its time with
 * each character cannot be ended; docs/guides/query-sets.md says so.
 *
 * The clock also goes on while the thread waits for a processor. So when time seems over, what the process has
 * really worked decides: an answer must not depend on what else a machine does.
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
  /** What the process had worked when the first match began; asking costs 2 µs, so only results with matches ask. */
  #workedBefore: number | undefined;
  #untimed = 0;
  #isSlow = false;

  /** Undefined when time is over. */
  exec(pattern: RegExp, text: string): RegExpExecArray | null | undefined {
    if (text.length <= SHORT && !this.#isSlow && ++this.#untimed < ONE_IN) return pattern.exec(text);
    this.#untimed = 0;
    const since = this.#begin();
    const found = pattern.exec(text);
    const ms = performance.now() - since;
    this.#isSlow ||= ms > SLOW_MS;
    return this.#spend(ms) ? found : undefined;
  }

  /** A watch that runs from now on, for matches that are found elsewhere: each look tells whether time is left. */
  watch(): () => boolean {
    let since = this.#begin();
    return () => {
      const now = performance.now();
      const ms = now - since;
      since = now;
      return this.#spend(ms);
    };
  }

  /** Begins another step: others had the thread in between. */
  renew(): void {
    this.#leftMs = MAX_MATCH_MS;
    this.#workedBefore = undefined;
  }

  #begin(): number {
    this.#workedBefore ??= workedMs();
    return performance.now();
  }

  /** Whether time is left after this. */
  #spend(ms: number): boolean {
    this.#leftMs -= ms;
    if (this.#leftMs > 0) return true;
    this.#leftMs = MAX_MATCH_MS - (workedMs() - (this.#workedBefore ?? 0));
    return this.#leftMs > 0;
  }
}

/** Of all threads of the process: more than the matches took, never less. */
function workedMs(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) / 1000;
}
