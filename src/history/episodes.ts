/**
 * Failures of one target: the same failure of the same query in several probes is one episode.
 */
import type { Failure, Reason } from '../model/reason.ts';
import { cut } from '../visible-text.ts';

/** What fails: the target as a whole, or the query of an id. */
export type Subject = 'target' | number;

export interface Episode {
  readonly subject: Subject;
  readonly reason: Reason;
  /** The server's words, those of the last failure; cut when long. */
  readonly detail: string;
  /** Times on the clock of `performance.now()`. */
  readonly beganAt: number;
  readonly lastAt: number;
  readonly failures: number;
  /** Whether no success has come since. */
  readonly goesOn: boolean;
}

type Open = { -readonly [Key in keyof Episode]: Episode[Key] };

/** More of a server's words helps nobody, and a fleet has many of them. */
const MOST_LETTERS = 300;

export class Episodes {
  readonly #most: number;
  /** Those that began last are at the end. */
  #episodes: Open[] = [];

  /** @param most how many are kept; those that go on are kept besides */
  constructor(most: number) {
    this.#most = most;
  }

  /** The latest first. */
  get all(): readonly Episode[] {
    return this.#episodes.toSorted((one, other) => other.lastAt - one.lastAt);
  }

  /** Those that go on. */
  get current(): readonly Episode[] {
    return this.#episodes.length === 0 ? NONE : this.#episodes.filter(({ goesOn }) => goesOn);
  }

  failed(subject: Subject, { detail, reason }: Pick<Failure, 'reason' | 'detail'>, at: number): void {
    const words = cut(detail, MOST_LETTERS);
    const open = this.#episodes.find((one) => one.goesOn && one.subject === subject);
    // A login that is left alone for a while is still the login that was refused.
    const isLeftAlone = reason === 'backoff' && open?.reason === 'auth';
    if (open !== undefined && (isLeftAlone || open.reason === reason)) {
      open.failures++;
      open.lastAt = at;
      if (!isLeftAlone && open.detail !== words) open.detail = words;
      return;
    }
    if (open !== undefined) open.goesOn = false;
    this.#episodes.push({
      ...{ subject, reason, detail: words, beganAt: at, lastAt: at },
      ...{ failures: 1, goesOn: true },
    });
    this.#forgetOldest();
  }

  succeeded(subject: Subject): void {
    if (this.#episodes.length === 0) return;
    for (const one of this.#episodes) if (one.subject === subject) one.goesOn = false;
  }

  #forgetOldest(): void {
    const over = this.#episodes.filter(({ goesOn }) => !goesOn);
    const surplus = new Set(over.slice(0, Math.max(0, this.#episodes.length - this.#most)));
    if (surplus.size > 0) this.#episodes = this.#episodes.filter((one) => !surplus.has(one));
  }
}

const NONE: readonly Episode[] = [];
