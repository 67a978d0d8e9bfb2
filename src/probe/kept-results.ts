/**
 * Results that stand for a query until it is asked again: of queries with a `min_interval`, and of those whose last run
 * took so long that `max_load` lets them wait. One per target and query; what a result lacks of its metrics is kept with
 * it: asking again would not bring a column.
 *
 * A failure is kept for `max_load` alone: a query that always times out costs its server more than any other.
 *
 * They outlive a reload as long as the query and the server that it was asked of are the same.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Target } from '../model/config.ts';
import type { ServerIdentity } from '../mysql/connect/identity.ts';
import { connectionNeeds, haveSameNeeds } from '../mysql/pool/needs.ts';
import type { Plan, PlannedQuery } from './catalog.ts';
import { loadIntervalMs } from './query/load-interval.ts';
import type { QueryOutcome } from './query/outcome.ts';

/** Scrapes come a little early or late: what is nearly old enough is asked again, or every second scrape would. */
const SLACK = 0.9;

export interface KeptResult {
  readonly outcome: QueryOutcome;
  /** The server that answered; undefined when it does not tell which it is. */
  readonly server: ServerIdentity | undefined;
}

/** What stands for a query now, and why. */
export interface StandIn extends KeptResult {
  readonly wait: Wait;
}

/** Why a query is not asked now. */
interface Wait {
  readonly because: 'min_interval' | 'max_load';
  /** When the next probe asks it, on the clock of `performance.now()`. */
  readonly until: number;
  /** Between the end of the last run and then. */
  readonly intervalMs: number;
}

interface Kept extends KeptResult {
  /** What was asked, and of which target: immutable, so the same objects need no comparison. */
  planned: PlannedQuery;
  plan: Plan;
  /** When the last run was over. */
  readonly endedAt: number;
  /** Until when a probe that has begun to ask it again has it for itself: two at once would be twice the load. */
  takenUntil: number;
}

export class KeptResults {
  /** By target, then by login and query. Most targets have none, and their probes are to pay nothing for it. */
  readonly #byTarget = new Map<string, Map<string, Kept>>();

  /**
   * A result that is still good, as long as the same server is asked; undefined when the query must be asked.
   *
   * Who gets undefined tells `keep` what became of it.
   */
  get(plan: Plan, planned: PlannedQuery): StandIn | undefined {
    const kept = this.#byTarget.get(plan.target.name)?.get(keyOf(plan, planned));
    if (kept === undefined || !isFor(kept, plan, planned)) return undefined;
    const now = performance.now();
    const wait = waitOf(kept);
    if (now < Math.max(wait.until, kept.takenUntil))
      return { outcome: kept.outcome, server: kept.server, wait };
    kept.takenUntil = now + planned.timeoutMs;
    return undefined;
  }

  /** Whether there is a result of it, good or not any more. */
  has(plan: Plan, planned: PlannedQuery): boolean {
    return this.#byTarget.get(plan.target.name)?.has(keyOf(plan, planned)) === true;
  }

  /**
   * Remembers what became of a query; the configuration bounds how much there can be.
   *
   * @param isLeft whether it was given up because nobody waited any more: the result before it is the better one
   */
  keep(
    plan: Plan,
    planned: PlannedQuery,
    outcome: QueryOutcome,
    server: ServerIdentity | undefined,
    isLeft: boolean,
  ): void {
    const ofTarget = this.#byTarget.get(plan.target.name);
    const before = ofTarget?.get(keyOf(plan, planned));
    if (!outcome.ok && outcome.tookMs === undefined) {
      if (before !== undefined) before.takenUntil = 0;
      return;
    }
    const isKept =
      loadIntervalMs(outcome.tookMs, plan.target.maxLoad) > 0 ||
      (outcome.ok && planned.query.minIntervalMs > 0);
    // What stands in no file is asked by a person, who wants to see it.
    if (!isKept || planned.query.source === undefined) {
      if (before !== undefined) this.#drop(plan, planned);
      return;
    }
    const endedAt = performance.now();
    const result: KeptResult =
      isLeft && before !== undefined && isFor(before, plan, planned)
        ? { outcome: { ...before.outcome, tookMs: outcome.tookMs }, server: before.server }
        : { outcome: outcome.ok ? outcome : { ...outcome, readAt: endedAt }, server };
    const kept = { ...result, plan, planned, endedAt, takenUntil: 0 };
    if (ofTarget === undefined) this.#byTarget.set(plan.target.name, new Map([[keyOf(plan, planned), kept]]));
    else ofTarget.set(keyOf(plan, planned), kept);
  }

  /** Forgets the results of targets that there are no more, or that nobody asks for. */
  forget(isGone: (target: string) => boolean): void {
    for (const target of this.#byTarget.keys()) if (isGone(target)) this.#byTarget.delete(target);
  }

  /** Lets the queries of a target be asked that have failed. */
  forgetFailures(target: string): void {
    const ofTarget = this.#byTarget.get(target);
    for (const [key, { outcome }] of ofTarget ?? []) if (!outcome.ok) ofTarget?.delete(key);
    if (ofTarget?.size === 0) this.#byTarget.delete(target);
  }

  /** How long `max_load` lets a query of a target wait after its last run, in milliseconds; 0 when it need not. */
  loadIntervalOf({ maxLoad, name }: Target, { labels, query }: PlannedQuery): number {
    const tookMs = this.#byTarget.get(name)?.get(labels)?.outcome.tookMs;
    const ms = loadIntervalMs(tookMs, maxLoad);
    return ms > query.minIntervalMs ? ms : 0;
  }

  #drop(plan: Plan, planned: PlannedQuery): void {
    const ofTarget = this.#byTarget.get(plan.target.name);
    ofTarget?.delete(keyOf(plan, planned));
    if (ofTarget?.size === 0) this.#byTarget.delete(plan.target.name);
  }
}

/** For the trace of a probe: why a query is not asked in it. */
export function waitText({ outcome, wait }: StandIn): string {
  const seconds = (ms: number | undefined = 0) => `${(ms / 1000).toFixed(1)} s`;
  const left = wait.until - performance.now();
  if (left <= 0) return 'is not asked: another probe does so now';
  const why =
    wait.because === 'max_load'
      ? `its last run took ${seconds(outcome.tookMs)}, and max_load has it wait for ${seconds(wait.intervalMs)}`
      : `min_interval is ${seconds(wait.intervalMs)}`;
  return `is not asked: ${why}, of which ${seconds(left)} are left`;
}

/** The longer of the two intervals decides. */
function waitOf({ endedAt, outcome, plan, planned }: Kept): Wait {
  const loadMs = loadIntervalMs(outcome.tookMs, plan.target.maxLoad);
  const byLoad = { because: 'max_load', until: endedAt + loadMs, intervalMs: loadMs } as const;
  if (!outcome.ok) return byLoad;
  const { minIntervalMs } = planned.query;
  const until = outcome.readAt + minIntervalMs * SLACK;
  return until < byLoad.until ? byLoad : { because: 'min_interval', until, intervalMs: minIntervalMs };
}

/** Whether a probe would get the same answer; remembers that it would. */
function isFor(kept: Kept, plan: Plan, planned: PlannedQuery): boolean {
  const { authModule, target } = plan;
  const isSame =
    (kept.planned.query.source === planned.query.source ||
      isDeepStrictEqual(kept.planned.query.source, planned.query.source)) &&
    (kept.outcome.ok || haveSameLimits(kept.planned, planned)) &&
    (kept.plan.target === target ||
      haveSameNeeds(connectionNeeds(kept.plan.target, authModule), connectionNeeds(target, authModule)));
  if (isSame) Object.assign(kept, { plan, planned });
  return isSame;
}

/** Other limits may be the cure of what has failed, and whoever sets them wants to see that. */
const haveSameLimits = (one: PlannedQuery, other: PlannedQuery): boolean =>
  one.timeoutMs === other.timeoutMs &&
  one.query.maxRows === other.query.maxRows &&
  one.query.maxSeries === other.query.maxSeries;

/** No login has a space in its name, and no labels begin like one. */
const keyOf = ({ authModule }: Plan, { labels }: PlannedQuery): string =>
  authModule === undefined ? labels : `${authModule} ${labels}`;
