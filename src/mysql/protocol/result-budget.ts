/**
 * Bytes of results that arrive at the same time, over all targets: a few that send as much as each of them may must not
 * use up the memory of the others.
 */

/** What one result may have whatever the others have: those of usual queries are never refused. */
const ALWAYS_ALLOWED = 1 << 20;

export class ResultBudget {
  readonly max: number;
  readonly #onRefused: () => void;
  #used = 0;

  /** @param onRefused called for each result that was refused */
  constructor(max: number, onRefused: () => void) {
    this.max = max;
    this.#onRefused = onRefused;
  }

  /** Bytes of all results under way. */
  get used(): number {
    return this.#used;
  }

  /** A share for one result. */
  begin(): ResultShare {
    let taken = 0;
    return {
      take: (bytes) => {
        taken += bytes;
        this.#used += bytes;
        if (this.#used <= this.max || taken <= ALWAYS_ALLOWED) return true;
        this.#onRefused();
        return false;
      },
      giveBack: () => {
        this.#used -= taken;
        taken = 0;
      },
    };
  }
}

/** What one result has taken of the budget. */
export interface ResultShare {
  /** Counts bytes that have arrived; false when they are too many and the result is to be refused. */
  take(bytes: number): boolean;
  /** The result is read or refused. */
  giveBack(): void;
}
