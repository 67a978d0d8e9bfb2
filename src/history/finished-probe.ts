/**
 * What a history is told of one probe.
 */
import type { Failure, Unmet } from '../model/reason.ts';

/** One run, however many requests it has answered. */
export interface FinishedProbe {
  /** When it was over, on the clock of `performance.now()`. */
  readonly endedAt: number;
  readonly seconds: number;
  /** Why the target answered nothing; undefined when it is up. */
  readonly down: Failure | undefined;
  /** Requests that it has answered. */
  readonly requests: number;
  /** Who sent them, each once: addresses. */
  readonly clients: readonly string[];
  /** Those that were asked or skipped; not those whose result was kept. */
  readonly queries: readonly FinishedQuery[];
}

export interface FinishedQuery {
  /** One object for all its probes, such as the compiled query. */
  readonly query: { readonly set: string; readonly name: string };
  readonly seconds: number;
  readonly rows: number;
  readonly series: number;
  /** What the server sent, without the protocol's own. */
  readonly bytes: number;
  /** The statement as this server was asked; undefined when it was not. */
  readonly sql: string | undefined;
  readonly failure: Failure | undefined;
  readonly skipped: Unmet | undefined;
}
