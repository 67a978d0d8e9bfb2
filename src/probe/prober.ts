/**
 * Probes of all targets: joins simultaneous ones, bounds them, logs what failed, counts.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from '../deadline.ts';
import { ProbeRegistry } from '../exposition/probe-registry.ts';
import type { FinishedProbe, FinishedQuery } from '../history/finished-probe.ts';
import type { History } from '../history/history.ts';
import type { Target } from '../model/config.ts';
import type { Failure } from '../model/reason.ts';
import type { Pools } from '../mysql/pool/pools.ts';
import type { LogFields, Logger } from '../telemetry/logger.ts';
import type { OwnMetrics } from '../telemetry/own-metrics.ts';
import { type TraceEvent, traced } from '../trace.ts';
import { type TargetAnswer, withinBytes } from './answer-size.ts';
import type { Member, Plan, PlannedQuery } from './catalog.ts';
import { Execution, type Snapshot } from './execution.ts';
import { FailureLog, type Trouble } from './failure-log.ts';
import type { Generation } from './generation.ts';
import { KeptResults } from './kept-results.ts';
import { NamesInUse } from './names-in-use.ts';
import { failureOf, isFromBefore, type QueryOutcome } from './query/outcome.ts';
import { QuickQueries } from './query/quick-queries.ts';
import { describeRun, render } from './render.ts';
import type { ResultObserver } from './result-observer.ts';
import { RunawayCalls } from './runaway-calls.ts';
import { Semaphore } from './semaphore.ts';

export interface ProberOptions {
  readonly pools: Pools;
  readonly log: Logger;
  readonly metrics: OwnMetrics;
  /** Most statements under way at once in the whole process. */
  readonly maxQueries: number;
  /** Most bytes of one answer, uncompressed. */
  readonly maxResponseBytes: number;
  /** Told of each probe; left out where nobody looks. */
  readonly history?: History | undefined;
  /** Told of the results of one query set. */
  readonly observer?: ResultObserver | undefined;
}

export interface ProbeAnswer {
  /** To be put on all its samples in an answer of several targets; of one, on them already. */
  readonly label: string;
  readonly registry: ProbeRegistry;
  readonly snapshot: Snapshot;
}

export interface TracedAnswer extends ProbeAnswer {
  /** What was done for it, in its order. */
  readonly events: readonly TraceEvent[];
}

interface SharedRun {
  readonly execution: Execution;
  /** The plan of the run. Requests that join have an equal one; the outcomes are keyed by the objects of this one. */
  readonly plan: Plan;
  /** How long the first request could wait, in milliseconds. */
  readonly budgetMs: number;
  requests: number;
  /** Requests that it has had. */
  joined: number;
  /** Who sent them. */
  readonly clients: Set<string>;
  /** Whether it was stopped because all its requests have left: what it could not do is nobody's failure. */
  isLeft: boolean;
}

/** Two Prometheus servers with the same timeout announce it with some milliseconds of difference. */
const SAME_BUDGET_MS = 100;
/** A statement that is given up is ended within a second. */
const LOOK_EVERY_MS = 20;
const MOST_LOOKS = 60;

export class Prober {
  readonly #options: ProberOptions;
  readonly #processSlots: Semaphore;
  readonly #results = new KeptResults();
  readonly #names = new NamesInUse((names) => this.forget(names));
  readonly #runaways = new RunawayCalls();
  readonly #quick = new QuickQueries();
  readonly #failures: FailureLog;
  readonly #underWay = new Map<string, SharedRun>();
  #inFlight = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log);
    this.#processSlots = new Semaphore(options.maxQueries, () => options.metrics.refused('queries'));
  }

  /** Requests that wait for their answer. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Statements that are being asked. */
  get queriesInFlight(): number {
    return this.#processSlots.used;
  }

  /**
   * Runs a plan, or joins a run of the same plan that is under way; answers when `until` ends at the latest.
   *
   * Canceling `until` leaves the run; when no request is left it is stopped, on the server too.
   *
   * @param client who asks: an address
   */
  async probe(plan: Plan, until: Deadline, client?: string): Promise<ProbeAnswer> {
    const found = await this.#find(plan, plan.labels, until, client);
    const [part = found] = this.#fit([found]);
    const answer = answerOf(part);
    if (answer.label === '') return answer;
    const registry = new ProbeRegistry();
    registry.addMember(answer.registry, answer.label);
    return { ...answer, registry };
  }

  /**
   * As `probe`, in a run of its own, with a trace of what it does.
   *
   * The answer comes when statements that were given up have been ended on the server too.
   */
  async probeTraced(plan: Plan, until: Deadline, client?: string): Promise<TracedAnswer> {
    return await traced(async (trace) => {
      const answer = await this.probe({ ...plan, key: `${plan.key} traced` }, until, client);
      const pool = this.#options.pools.of(plan.target, plan.authModule);
      for (let i = 0; i < MOST_LOOKS && pool.leaving > 0; i++) await sleep(LOOK_EVERY_MS);
      return { ...answer, events: trace.events };
    });
  }

  /** Probes several targets for one answer, whose size they share. */
  async probeAll(
    members: readonly Member[],
    until: Deadline,
    client?: string,
  ): Promise<readonly ProbeAnswer[]> {
    const found = await Promise.all(
      members.map(({ plan, labels }) => this.#find(plan, labels, until, client)),
    );
    return this.#fit(found).map(answerOf);
  }

  async #find(plan: Plan, label: string, until: Deadline, client: string | undefined): Promise<TargetAnswer> {
    const startedAt = performance.now();
    const budgetMs = until.left;
    const shared = this.#join(plan, until);
    shared.requests++;
    shared.joined++;
    if (client !== undefined) shared.clients.add(client);
    this.#inFlight++;
    try {
      await new Promise<void>((resolve, reject) => {
        const off = until.onEnd(() => resolve());
        shared.execution.done.then(resolve, reject).finally(off);
      });
      const snapshot = shared.execution.snapshot();
      const timing = {
        seconds: Math.round((performance.now() - startedAt) * 1000) / 1e6,
        timeoutSeconds: Math.round(budgetMs / 10) / 100, // a little of it is over already
      };
      const meta = describeRun(shared.plan, snapshot, timing);
      return { plan: shared.plan, snapshot, timing, meta, label };
    } finally {
      this.#inFlight--;
      shared.requests--;
      if (shared.requests === 0) {
        this.#forget(plan, shared);
        shared.isLeft = until.ended === 'canceled';
        shared.execution.stop(until.ended ?? 'canceled');
      }
    }
  }

  /** Names in use under patterns. */
  get namesInUse(): number {
    return this.#names.size;
  }

  /** Their targets. */
  get targetsInUse(): readonly Target[] {
    return this.#names.targets;
  }

  /** How long `max_load` lets a query of a target wait, in milliseconds; 0 when it need not. */
  loadIntervalOf(target: Target, planned: PlannedQuery): number {
    return this.#results.loadIntervalOf(target, planned);
  }

  /**
   * The target to probe for one that a request has found: the same object for all requests of a name.
   *
   * @returns undefined, and counted, when its pattern has as many names in use as it may
   */
  admit(target: Target): Target | undefined {
    const admitted = this.#names.admit(target);
    if (admitted === undefined) this.#options.metrics.refused('names');
    return admitted;
  }

  /** Follows a reload; runs that are under way end on what they began with. */
  adopt({ catalog }: Generation): void {
    this.#names.adopt(catalog);
    const targetOf = (name: string) => catalog.targets.get(name) ?? this.#names.targetOf(name);
    this.#options.pools.adopt(targetOf);
    this.#options.history?.adopt(targetOf);
    const isGone = (name: string) => targetOf(name) === undefined;
    this.#results.forget(isGone);
    this.#options.observer?.forget(isGone);
    this.#failures.forget(isGone);
  }

  /** Closes the connections of targets, and drops their kept results: nobody asks for them any more. */
  forget(names: ReadonlySet<string>): void {
    this.#options.pools.forget(names);
    this.#options.history?.forget(names);
    const isGone = (name: string) => names.has(name);
    this.#results.forget(isGone);
    this.#options.observer?.forget(isGone);
    this.#failures.forget(isGone);
  }

  /** Stops every run; their requests are answered with what there is. */
  cancelAll(): void {
    for (const { execution } of this.#underWay.values()) execution.stop('canceled');
  }

  /** What one answer has room for. */
  #fit(found: readonly TargetAnswer[]): readonly TargetAnswer[] {
    const { maxResponseBytes, metrics } = this.#options;
    const { parts, leftOut } = withinBytes(found, maxResponseBytes);
    for (const _ of leftOut) metrics.refused('response_bytes');
    for (const { plan } of found) {
      if (leftOut.length === 0 && this.#failures.isWell(plan.target.name)) continue;
      const troubles = leftOut.flatMap(({ bytes, planned, target }): readonly Trouble[] =>
        target === plan.target.name
          ? [{ what: 'answer', of: nameOf(planned), about: { bytes, limit: maxResponseBytes } }]
          : [],
      );
      this.#failures.report(plan.target.name, `answer ${plan.key}`, troubles);
    }
    return parts;
  }

  #join(plan: Plan, until: Deadline): SharedRun {
    const known = this.#underWay.get(plan.key);
    // Not a run that was given less time: its statements end by the shorter limit, on the server too.
    if (
      known !== undefined &&
      known.plan.target === plan.target && // not of a configuration that was loaded meanwhile
      !known.execution.isEnding &&
      until.left <= known.budgetMs + SAME_BUDGET_MS
    ) {
      this.#options.metrics.probeJoined();
      known.execution.extendTo(until.at);
      return known;
    }
    const pool = this.#options.pools.of(plan.target, plan.authModule);
    const deps = {
      pool,
      processSlots: this.#processSlots,
      results: this.#results,
      runaways: this.#runaways,
      observer: this.#options.observer,
      quick: this.#quick,
      turns: this.#options.pools.turns,
    };
    const budgetMs = until.left;
    const execution = new Execution(plan, deps, budgetMs);
    const shared: SharedRun = {
      ...{ execution, plan, budgetMs, requests: 0 },
      ...{ joined: 0, clients: new Set(), isLeft: false },
    };
    this.#underWay.set(plan.key, shared);
    execution.done.then(
      () => {
        this.#forget(plan, shared);
        this.#report(shared);
      },
      () => this.#forget(plan, shared), // a bug; the request that waits for the run reports it
    );
    return shared;
  }

  /** Ends joining of this run. Another one of the same plan may be under way already. */
  #forget(plan: Plan, shared: SharedRun): void {
    if (this.#underWay.get(plan.key) === shared) this.#underWay.delete(plan.key);
  }

  #report(shared: SharedRun): void {
    const { execution, plan } = shared;
    const snapshot = execution.snapshot();
    const { log, metrics } = this.#options;
    const isGivenUp = (failure: Failure | undefined) => shared.isLeft && failure?.reason === 'canceled';
    const down = isGivenUp(snapshot.down) ? undefined : snapshot.down;
    metrics.probeFinished(down?.reason);
    const target = plan.target.name;
    const duration = `${Math.round(performance.now() - execution.startedAt)}ms`;
    log.debug('probed', { target, reason: down?.reason, duration, queries: snapshot.outcomes.size });
    let spent = 0;
    for (const [{ query }, outcome] of snapshot.outcomes) {
      if (isFromBefore(outcome, execution.startedAt)) continue; // reported when it was read
      spent += outcome.seconds;
      const failed = failureOf(outcome);
      metrics.queryFinished(isGivenUp(failed) ? undefined : failed?.reason);
      if (outcome.ok && outcome.samples.duplicates > 0) metrics.duplicatesDropped(outcome.samples.duplicates);
      if (snapshot.down !== undefined || isGivenUp(failed)) continue;
      const hasTrouble = failed !== undefined || (outcome.ok && outcome.samples.duplicates > 0);
      if (!hasTrouble && this.#failures.isWell(target)) continue;
      this.#failures.report(
        target,
        `query ${query.set}/${query.name}`,
        troublesOf(nameOf({ query }), outcome),
      );
    }
    if (snapshot.down === undefined) this.#options.observer?.spend(plan.target, spent);
    if (isGivenUp(snapshot.down)) return;
    this.#options.history?.add(plan.target, finishedProbe(shared, snapshot));
    const troubles: readonly Trouble[] =
      down === undefined
        ? []
        : [{ what: 'target', reason: down.reason, of: {}, about: { err: down.detail } }];
    this.#failures.report(target, `login ${plan.authModule ?? ''}`, troubles);
  }
}

/** Without queries that nobody waited for any more, and those whose result was kept. */
function finishedProbe({ clients, execution, isLeft, joined }: SharedRun, snapshot: Snapshot): FinishedProbe {
  const endedAt = performance.now();
  const queries: FinishedQuery[] = [];
  for (const [{ query }, outcome] of snapshot.outcomes) {
    if (isFromBefore(outcome, execution.startedAt)) continue;
    const failure = failureOf(outcome);
    if (isLeft && failure?.reason === 'canceled') continue;
    const { rows, seconds, sql } = outcome;
    const found = outcome.ok
      ? { series: outcome.samples.count, bytes: outcome.bytes, skipped: outcome.skipped }
      : { series: 0, bytes: 0, skipped: undefined };
    queries.push({ query, seconds, rows, sql, failure, ...found });
  }
  const seconds = (endedAt - execution.startedAt) / 1000;
  return { endedAt, seconds, down: snapshot.down, requests: joined, clients: [...clients], queries };
}

const nameOf = ({ query }: Pick<PlannedQuery, 'query'>) => ({ query_set: query.set, query: query.name });

function troublesOf(query: LogFields, outcome: QueryOutcome): readonly Trouble[] {
  if (!outcome.ok) {
    const duration = `${Math.round(outcome.seconds * 1000)}ms`;
    return [{ what: 'query', reason: outcome.reason, of: query, about: { duration, err: outcome.detail } }];
  }
  const { samples, without = [] } = outcome;
  const metrics = without.map(
    ({ failure, family }): Trouble => ({
      what: 'metric',
      reason: failure.reason,
      of: { ...query, metric: family },
      about: { err: failure.detail },
    }),
  );
  if (samples.duplicates === 0) return metrics;
  return [...metrics, { what: 'duplicates', of: query, about: { series: samples.duplicates } }];
}

function answerOf({ meta, label, snapshot }: TargetAnswer): ProbeAnswer {
  return { label, registry: render(meta, snapshot), snapshot };
}
