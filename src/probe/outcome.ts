/**
 * What became of one query in one run.
 */
import type { Samples } from '../exposition/samples.ts';
import type { Failure, Unmet } from '../model/reason.ts';

export type QueryOutcome =
  | {
      readonly ok: true;
      readonly rows: number;
      readonly seconds: number;
      readonly samples: Samples;
      /** Why there was nothing to ask on this server. */
      readonly skipped?: Unmet;
      /** When the result was read, on the clock of `performance.now()`. */
      readonly readAt: number;
    }
  | (Failure & { readonly rows: number; readonly seconds: number });
