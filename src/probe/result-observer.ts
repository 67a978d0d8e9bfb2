/**
 * Who is told of the rows of one query set, besides those that its samples are for.
 *
 * Called while a probe runs, so it must be quick and must not throw.
 */
import type { Target } from '../model/config.ts';
import type { Rows } from '../query-set/compiled.ts';

export interface ResultObserver {
  /** The query set; no other one costs anything. */
  readonly set: string;
  /** A query has been answered now; a result that was kept is not told again. */
  take(target: Target, query: string, rows: Rows): void;
  /** A query was not answered. */
  fail(target: Target, query: string): void;
  /** A probe is over: so many seconds its queries took together, those of other sets too. */
  spend(target: Target, seconds: number): void;
  /** Targets that there are no more, or that nobody asks for. */
  forget(isGone: (target: string) => boolean): void;
}
