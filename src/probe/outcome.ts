/**
 * What became of one query in one run; `sql` is the statement as this server was asked.
 */
import type { Samples } from '../exposition/samples.ts';
import type { Failure, Unmet } from '../model/reason.ts';
import type { FailedMetric } from '../query-set/compiled.ts';

export type QueryOutcome =
  | {
      readonly ok: true;
      readonly rows: number;
      /** What the server sent, without the protocol's own. */
      readonly bytes: number;
      readonly sql?: string | undefined;
      readonly seconds: number;
      readonly samples: Samples;
      /** Metrics that have no samples: the query is no success, and the others are exposed all the same. */
      readonly without?: readonly FailedMetric[];
      /** Why there was nothing to ask on this server. */
      readonly skipped?: Unmet;
      /** When the result was read, on the clock of `performance.now()`. */
      readonly readAt: number;
    }
  | (Failure & { readonly rows: number; readonly seconds: number; readonly sql?: string | undefined });

/** Why the query is no success, be it in part; undefined when it is one. */
export function failureOf(outcome: QueryOutcome): Failure | undefined {
  if (!outcome.ok) return outcome;
  const [first] = outcome.without ?? [];
  return first?.failure;
}
