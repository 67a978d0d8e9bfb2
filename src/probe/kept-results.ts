/**
 * Results of queries with a `min_interval`: one per target and query, and only of those that gave samples. What a result
 * lacks of its metrics is kept with it: asking again would not bring a column.
 *
 * They outlive a reload as long as the query and the server that it was asked of are the same.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ServerIdentity } from '../mysql/connect/identity.ts';
import { connectionNeeds, haveSameNeeds } from '../mysql/pool/needs.ts';
import type { Plan, PlannedQuery } from './catalog.ts';
import type { QueryOutcome } from './outcome.ts';

/** Scrapes come a little early or late: what is nearly old enough is asked again, or every second scrape would. */
const SLACK = 0.9;

export interface KeptResult {
  readonly outcome: QueryOutcome & { readonly ok: true };
  /** The server that answered; undefined when it does not tell which it is. */
  readonly server: ServerIdentity | undefined;
}

interface Kept extends KeptResult {
  /** What was asked, and of which target: immutable, so the same objects need no comparison. */
  planned: PlannedQuery;
  plan: Plan;
}

export class KeptResults {
  readonly #results = new Map<string, Kept>();

  /** A result that is still good, as long as the same server is asked; undefined when the query must be asked. */
  get(plan: Plan, planned: PlannedQuery): KeptResult | undefined {
    const { minIntervalMs } = planned.query;
    if (minIntervalMs === 0) return undefined;
    const kept = this.#results.get(keyOf(plan, planned));
    if (kept === undefined || performance.now() - kept.outcome.readAt >= minIntervalMs * SLACK)
      return undefined;
    return isFor(kept, plan, planned) ? kept : undefined;
  }

  /** Remembers a result; the configuration bounds how many there can be. */
  keep(plan: Plan, planned: PlannedQuery, outcome: QueryOutcome, server: ServerIdentity | undefined): void {
    if (planned.query.minIntervalMs > 0 && outcome.ok)
      this.#results.set(keyOf(plan, planned), { outcome, plan, planned, server });
  }

  /** Forgets the results of targets that there are no more, or that nobody asks for. */
  forget(isGone: (target: string) => boolean): void {
    for (const [key, { plan }] of this.#results) if (isGone(plan.target.name)) this.#results.delete(key);
  }
}

/** Whether a probe would get the same answer; remembers that it would. */
function isFor(kept: Kept, plan: Plan, planned: PlannedQuery): boolean {
  const { authModule, target } = plan;
  const isSame =
    (kept.planned.query.source === planned.query.source ||
      isDeepStrictEqual(kept.planned.query.source, planned.query.source)) &&
    (kept.plan.target === target ||
      haveSameNeeds(connectionNeeds(kept.plan.target, authModule), connectionNeeds(target, authModule)));
  if (isSame) Object.assign(kept, { plan, planned });
  return isSame;
}

function keyOf({ authModule, target }: Plan, { query }: PlannedQuery): string {
  return JSON.stringify([target.name, authModule ?? null, query.set, query.name]);
}
