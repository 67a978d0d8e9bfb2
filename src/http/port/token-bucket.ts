/** The rate limit of all clients together: a token comes each interval, a request takes one. */
import type { RateLimit } from '../../model/web.ts';

export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #at = performance.now();

  /** Full at first. */
  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#tokens = Math.max(0, limit.burst);
  }

  /** Whether there was a token. */
  take(): boolean {
    const { burst, intervalMs } = this.#limit;
    const now = performance.now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / intervalMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
