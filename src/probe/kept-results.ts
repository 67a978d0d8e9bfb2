/**
 * Results of queries with a `min_interval`: successes only, one per target and query.
 */

import type { Plan, PlannedQuery } from './catalog.ts';
import type { QueryOutcome } from './outcome.ts';

/** Scrapes come a little early or late: what is nearly old enough is asked again, or every second scrape would. */
const SLACK = 0.9;

export class KeptResults {
  readonly #results = new Map<string, QueryOutcome & { readonly ok: true }>();

  /** A result that is still good; undefined when the query must be asked. */
  get(plan: Plan, planned: PlannedQuery): QueryOutcome | undefined {
    const { minIntervalMs } = planned.query;
    if (minIntervalMs === 0) return undefined;
    const kept = this.#results.get(keyOf(plan, planned));
    return kept !== undefined && performance.now() - kept.readAt < minIntervalMs * SLACK ? kept : undefined;
  }

  /** Remembers a success; the configuration bounds how many there can be. */
  keep(plan: Plan, planned: PlannedQuery, outcome: QueryOutcome): void {
    if (planned.query.minIntervalMs > 0 && outcome.ok) this.#results.set(keyOf(plan, planned), outcome);
  }
}

function keyOf({ authModule, target }: Plan, { query }: PlannedQuery): string {
  return JSON.stringify([target.name, authModule ?? null, query.set, query.name]);
}
