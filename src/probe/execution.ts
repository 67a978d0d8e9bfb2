/**
 * One run of a plan's queries against its target, shared by all requests that came while it was under way.
 *
 * Owns the deadline of the run. Each request takes a snapshot when the run is over or its own time is.
 */
import pLimit from 'p-limit';
import { Deadline, type EndReason } from '../deadline.ts';
import { Samples } from '../exposition/samples.ts';
import type { Failure, Unmet } from '../model/reason.ts';
import { isSameServer, type ServerIdentity } from '../mysql/connect/identity.ts';
import type { Lease, Pool } from '../mysql/pool/pool.ts';
import { NO_ROWS } from '../mysql/protocol/text-query.ts';
import { currentTrace } from '../trace.ts';
import type { Turns } from '../turns.ts';
import { lackedBy, learnRights } from './account-rights.ts';
import { askFor, isRefused, mapAll, withoutSecret } from './asking.ts';
import type { Plan, PlannedQuery } from './catalog.ts';
import type { KeptResult, KeptResults } from './kept-results.ts';
import type { QueryOutcome } from './outcome.ts';
import type { ResultObserver } from './result-observer.ts';
import type { RunawayCalls } from './runaway-calls.ts';
import type { Semaphore } from './semaphore.ts';

/** What is known of a run at one moment: every query has an outcome, those that still run have timed out. */
export interface Snapshot {
  /** Undefined when the server answered something during the run. */
  readonly down: Failure | undefined;
  /** Until the first query had its connection; undefined when none had one. */
  readonly connectSeconds: number | undefined;
  readonly outcomes: ReadonlyMap<PlannedQuery, QueryOutcome>;
  /** Of queries that the account lacks privileges for, and gets answered all the same: these, as query files have them. */
  readonly lacks: ReadonlyMap<PlannedQuery, readonly string[]>;
}

export interface ExecutionDeps {
  readonly pool: Pool;
  /** Limits the statements under way in the whole process. */
  readonly processSlots: Semaphore;
  readonly results: KeptResults;
  readonly runaways: RunawayCalls;
  readonly observer?: ResultObserver | undefined;
  /** In which large results are read, of the whole process. */
  readonly turns: Turns;
}

export class Execution {
  readonly #plan: Plan;
  /** All queries of the plan, in its order. */
  readonly #queries: readonly PlannedQuery[];
  readonly #pool: Pool;
  readonly #processSlots: Semaphore;
  readonly #results: KeptResults;
  readonly #runaways: RunawayCalls;
  readonly #observer: ResultObserver | undefined;
  readonly #turns: Turns;
  readonly #deadline: Deadline;
  /** On the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #outcomes = new Map<PlannedQuery, QueryOutcome>();
  readonly #running = new Set<PlannedQuery>();
  #connectSeconds: number | undefined;
  /** The one that this run asks: an answer never mixes two. */
  #server: ServerIdentity | undefined;
  /** Whether another server answered while the run was under way. */
  #hasMoved = false;
  /** Set when no connection can be had: the queries that have not begun share the reason at once. */
  #unreachable: Failure | undefined;
  /** Resolves when every query has its outcome. */
  readonly done: Promise<void>;

  /** Starts at once, and takes at most `ms` milliseconds. */
  constructor(
    plan: Plan,
    { observer, pool, processSlots, results, runaways, turns }: ExecutionDeps,
    ms: number,
  ) {
    this.#plan = plan;
    this.#pool = pool;
    this.#processSlots = processSlots;
    this.#results = results;
    this.#runaways = runaways;
    this.#observer = observer;
    this.#turns = turns;
    this.#deadline = Deadline.after(ms);
    const slots = pLimit(plan.target.maxConnections);
    this.#queries = plan.sets.flatMap((set) => set.queries);
    const runAll = () => Promise.all(this.#queries.map((query) => slots(() => this.#run(query))));
    this.done = runAll()
      .then(() => (this.#hasMoved ? this.#forgetAll(runAll) : undefined))
      .then(() => this.#ping())
      .then(() => this.#learnRights())
      .then(() => this.#deadline[Symbol.dispose]());
  }

  /** Whether its time is over: what still runs is being given up. */
  get isEnding(): boolean {
    return this.#deadline.ended !== undefined;
  }

  /** Gives the run more time, for a request that joined later and can wait longer. */
  extendTo(at: number): void {
    this.#deadline.extendTo(at);
  }

  /** Stops everything, on the server too: no request waits for the answer any more. */
  stop(reason: EndReason): void {
    this.#deadline.cancel(reason);
  }

  /** In the order of the plan, so that every answer has its families in the same one. */
  snapshot(): Snapshot {
    const seconds = this.#seconds(this.startedAt);
    const outcomes = new Map<PlannedQuery, QueryOutcome>();
    for (const query of this.#queries) {
      const pending = () => ({
        ...(this.#running.has(query) ? NO_ANSWER : this.#pool.waitFailure()),
        rows: 0,
        seconds,
      });
      outcomes.set(query, this.#outcomes.get(query) ?? pending());
    }
    const lacks = this.#plan.dependsOnRights ? lackedBy(this.#queries, this.#pool) : new Map();
    return { down: this.#whyDown(outcomes), connectSeconds: this.#connectSeconds, outcomes, lacks };
  }

  /** Seldom, and behind the queries: what they got, and not this, is what a probe is for. */
  async #learnRights(): Promise<void> {
    const isAnswered = [...this.#outcomes.values()].some(({ ok }) => ok);
    if (this.#plan.dependsOnRights && isAnswered && !this.isEnding)
      await learnRights(this.#pool, this.#deadline);
  }

  /** When nothing had to be asked, kept or skipped as it all was: is the server there at all? */
  async #ping(): Promise<void> {
    const isSilent = this.#pool.lastReplyAt < this.startedAt && this.#unreachable === undefined;
    if (!isSilent || [...this.#outcomes.values()].some(({ ok }) => !ok)) return;
    using until = Deadline.within(this.#deadline, this.#plan.target.queryTimeoutMs);
    const acquired = await this.#pool.acquire(until);
    if (!acquired.ok) {
      this.#unreachable = acquired;
      return;
    }
    using lease = acquired.lease;
    await lease.connection.query(PING, until);
  }

  #whyDown(outcomes: Snapshot['outcomes']): Failure | undefined {
    if (this.#pool.lastReplyAt >= this.startedAt) return undefined;
    if (this.#unreachable !== undefined) return this.#unreachable;
    const failed = [...outcomes.values()].filter((outcome) => !outcome.ok);
    // A query that waited behind others says nothing about the server; one that reached it does.
    return failed.find(({ reason }) => reason !== 'queue') ?? failed[0] ?? NO_ANSWER;
  }

  /** What the server before has said is no part of the answer. */
  #forgetAll<T>(runAll: () => Promise<T>): Promise<T> {
    this.#hasMoved = false;
    this.#server = undefined;
    this.#outcomes.clear();
    return runAll();
  }

  async #run(planned: PlannedQuery): Promise<void> {
    const startedAt = performance.now();
    let outcome: QueryOutcome;
    const kept = this.#results.get(this.#plan, planned);
    note(planned, kept === undefined ? 'begins' : 'has a result that is kept');
    if (kept !== undefined && this.#isOfOurs(kept.server, this.#pool.server)) outcome = kept.outcome;
    else if (this.#unreachable !== undefined)
      outcome = kept?.outcome ?? { ...this.#unreachable, rows: 0, seconds: 0 };
    else {
      const refusal = planned.query.mayCall ? this.#runaways.refusal(this.#plan, planned) : undefined;
      using until = Deadline.within(this.#deadline, planned.timeoutMs);
      outcome =
        refusal === undefined
          ? await this.#ask(planned, kept, until, startedAt)
          : { ...refusal, rows: 0, seconds: 0 };
      if (outcome !== kept?.outcome) this.#results.keep(this.#plan, planned, outcome, this.#server);
    }
    this.#running.delete(planned);
    this.#outcomes.set(planned, outcome);
    if (!outcome.ok && outcome.reason !== 'canceled' && planned.query.set === this.#observer?.set)
      this.#observer.fail(this.#plan.target, planned.query.name);
    note(planned, outcomeText(outcome));
  }

  /** Whether what a server has said earlier is good for an answer of the server that is reached now. */
  #isOfOurs(earlier: ServerIdentity | undefined, now: ServerIdentity | undefined): boolean {
    return earlier === undefined || isSameServer(earlier, this.#server ?? now);
  }

  async #ask(
    planned: PlannedQuery,
    kept: KeptResult | undefined,
    until: Deadline,
    startedAt: number,
  ): Promise<QueryOutcome> {
    for (;;) {
      const acquired = await this.#pool.acquire(until);
      if (!acquired.ok) {
        // With its own time over a query has only stopped to wait: the attempt to connect goes on for the others.
        if (until.ended === undefined) this.#unreachable ??= acquired;
        return kept?.outcome ?? { ...acquired, rows: 0, seconds: this.#seconds(startedAt) };
      }
      using lease = acquired.lease;
      note(planned, `has ${lease.connection.name}, ${lease.reused ? 'which was open' : 'a new one'}`);
      this.#connectSeconds ??= this.#seconds(this.startedAt);
      const { server } = lease.connection;
      this.#server ??= server;
      if (server !== undefined && !isSameServer(server, this.#server)) {
        this.#hasMoved = true;
        return { ...MOVED, rows: 0, seconds: this.#seconds(startedAt) };
      }
      if (kept !== undefined && this.#isOfOurs(kept.server, server)) return kept.outcome;
      const outcome = await this.#askOn(lease, planned, until, startedAt);
      if (outcome !== undefined) return outcome;
    }
  }

  /** Undefined when it is to be asked on another connection. */
  async #askOn(
    lease: Lease,
    planned: PlannedQuery,
    until: Deadline,
    startedAt: number,
  ): Promise<QueryOutcome | undefined> {
    const { query } = planned;
    const taken = await this.#processSlots.take(until);
    if (!taken.ok) return { ...taken, rows: 0, seconds: this.#seconds(startedAt) };
    using _slot = taken;
    this.#running.add(planned);
    const ask = () => askFor(query, this.#plan.wanted, lease.connection, until, onNotKilled);
    const onNotKilled = () => this.#runaways.note(this.#plan, planned);
    let asked = await ask();
    // A connection of this run has all rights that there are.
    const isOld = lease.connection.openedAt < this.startedAt;
    if (isRefused(asked) && isOld && (await lease.renew(until))) asked = await ask();
    const { answer: result, sql } = asked;
    if ('skipped' in result) return this.#skip(result.skipped, startedAt);
    if (!result.ok) {
      if (result.errno !== undefined && query.ignoreErrors.has(result.errno)) {
        return this.#skip({ reason: 'ignored_error', detail: result.detail }, startedAt);
      }
      // The connection died unnoticed since the last scrape and the statement never ran: once more.
      if (result.retryable === true && lease.reused) return undefined;
      return { ...result, rows: 0, seconds: this.#seconds(startedAt), sql };
    }
    const samples = new Samples();
    const mapped = await mapAll(query, result, samples, until, this.#turns);
    const rows = result.rowCount;
    const seconds = this.#seconds(startedAt);
    const masked = mapped && withoutSecret(mapped, lease.connection);
    if (masked !== undefined && 'reason' in masked) return { ...masked, rows, seconds, sql };
    if (query.set === this.#observer?.set) this.#observer.take(this.#plan.target, query.name, result);
    const { bytes } = result;
    return { ok: true, rows, bytes, seconds, sql, samples, ...masked, readAt: performance.now() };
  }

  #skip(skipped: Unmet, startedAt: number): QueryOutcome {
    return {
      ok: true,
      rows: 0,
      bytes: 0,
      seconds: this.#seconds(startedAt),
      samples: new Samples(),
      skipped,
      readAt: performance.now(),
    };
  }

  /** To the microsecond: more digits are noise, and text that Prometheus has to read. */
  #seconds(since: number): number {
    return Math.round((performance.now() - since) * 1000) / 1e6;
  }
}

function note({ query }: PlannedQuery, text: string): void {
  currentTrace()?.note(`${query.set}/${query.name} ${text}`);
}

function outcomeText(outcome: QueryOutcome): string {
  if (!outcome.ok) return `failed: ${outcome.reason}, ${outcome.detail}`;
  if (outcome.skipped !== undefined)
    return `is skipped: ${outcome.skipped.reason}, ${outcome.skipped.detail}`;
  return `is done, rows: ${outcome.rows}, samples: ${outcome.samples.count}`;
}

const NO_ANSWER: Failure = { ok: false, reason: 'timeout', detail: 'no answer in time' };

const MOVED: Failure = {
  ok: false,
  reason: 'lost',
  detail: 'another server answers at the address of the target than at the beginning of the probe',
};

const PING = { sql: 'DO 1', limits: NO_ROWS };
