/**
 * What became of one query in one run; `sql` is the statement as this server was asked.
 */
import type { Samples } from '../../exposition/samples.ts';
import type { Failure, Unmet } from '../../model/reason.ts';
import type { FailedMetric } from '../../query-set/compiled.ts';

interface Ran {
  readonly rows: number;
  /** Waiting for a connection included. */
  readonly seconds: number;
  /** How long the server had the statement, in milliseconds; undefined when it had none. */
  readonly tookMs?: number | undefined;
  readonly sql?: string | undefined;
}

export type QueryOutcome =
  | (Ran & {
      readonly ok: true;
      /** What the server sent, without the protocol's own. */
      readonly bytes: number;
      readonly samples: Samples;
      /** Metrics that have no samples: the query is no success, and the others are exposed all the same. */
      readonly without?: readonly FailedMetric[];
      /** Why there was nothing to ask on this server. */
      readonly skipped?: Unmet;
      /** When the result was read, on the clock of `performance.now()`. */
      readonly readAt: number;
    })
  | (Failure &
      Ran & {
        /** Of a failure that stands for later runs too: when it happened, on the same clock. */
        readonly readAt?: number;
      });

/** Whether it is that of an earlier run, which has reported it. */
export function isFromBefore({ readAt }: QueryOutcome, startedAt: number): boolean {
  return readAt !== undefined && readAt < startedAt;
}

/** Why the query is no success, be it in part; undefined when it is one. */
export function failureOf(outcome: QueryOutcome): Failure | undefined {
  if (!outcome.ok) return outcome;
  const [first] = outcome.without ?? [];
  return first?.failure;
}
