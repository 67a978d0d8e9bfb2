/**
 * When connections are replaced although they work: a session knows only the rights that its account had at login,
 * and stays on its server when the name or the balancer has long led to another.
 */

/** Between the first two replacements after refusals; then twice as long each time, up to the maximum age. */
const FIRST_PATIENCE_MS = 15_000;
/** How long the server is left alone after it did not let a replacement in. */
const RETRY_MS = 60_000;
export class Renewal {
  #patienceMs = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;

  /**
   * Whether a connection that was refused a right is to be replaced.
   *
   * At once, as the right may have been given since it was opened; the less often the longer it is refused.
   *
   * @param openedAt when the connection was opened; times are of `performance.now()`
   */
  allowsAfterRefusal(openedAt: number, maxAgeMs: number, now: number): boolean {
    if (now - this.#refusedAt > maxAgeMs) this.#patienceMs = 0;
    this.#refusedAt = now;
    // Its siblings of the same age were replaced: it only follows.
    if (openedAt < this.#renewedAt) return true;
    if (now - this.#renewedAt < this.#patienceMs) return false;
    this.#renewedAt = now;
    this.#patienceMs = Math.min(Math.max(this.#patienceMs * 2, FIRST_PATIENCE_MS), maxAgeMs);
    return true;
  }

  /** Whether the only connection may be replaced now because of its age. */
  allowsByAge(now: number): boolean {
    return now >= this.#retryAt;
  }

  /** A replacement was not let in: the old connection is kept for some time. */
  noteFailed(now: number): void {
    this.#retryAt = now + RETRY_MS;
  }
}
