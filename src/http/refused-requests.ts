/** Log lines about requests that are answered with an error: of any number at most one a second, with how many were left out. */
import type { Logger } from '../telemetry/logger.ts';
import { cut } from '../visible-text.ts';

export interface RefusedRequest {
  readonly method: string;
  /** The query is left out: whoever sends a password in it has made a mistake already. */
  readonly path: string;
  readonly status: number;
  /** The sentence that is the answer. */
  readonly err: string;
  readonly client: string | undefined;
}

const EVERY_MS = 1_000;
const MOST_LETTERS = 300;

export class RefusedRequests {
  readonly #log: Logger;
  readonly #now: () => number;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #leftOut = 0;

  /** @param now milliseconds that only grow */
  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  add({ err, path, ...others }: RefusedRequest): void {
    const now = this.#now();
    if (now - this.#loggedAt < EVERY_MS) {
      this.#leftOut++;
      return;
    }
    const left_out = this.#leftOut === 0 ? undefined : this.#leftOut;
    this.#log.info('request refused', {
      ...others,
      path: cut(path, MOST_LETTERS),
      err: cut(err, MOST_LETTERS),
      left_out,
    });
    this.#loggedAt = now;
    this.#leftOut = 0;
  }
}
