/**
 * One run of a plan's queries against its target, shared by all requests that came while it was under way.
 *
 * Owns the deadline of the run. Each request takes a snapshot when the run is over or its own time is.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import { Deadline, type EndReason } from '../deadline.ts';
import type { Failure } from '../model/reason.ts';
import { BEHIND } from '../mysql/connect/connection.ts';
import { isSameServer, type ServerIdentity } from '../mysql/connect/identity.ts';
import type { Lease, Pool } from '../mysql/pool/pool.ts';
import { NO_ROWS } from '../mysql/protocol/text-query.ts';
import { currentTrace } from '../trace.ts';
import type { Turns } from '../turns.ts';
import { lackedBy, learnRights } from './account-rights.ts';
import type { Plan, PlannedQuery } from './catalog.ts';
import { type KeptResult, type KeptResults, waitText } from './kept-results.ts';
import { type Asked, askFor, isRefused } from './query/asking.ts';
import { isForAlone, onStall, sendTogether } from './query/asking-together.ts';
import { isFromBefore, type QueryOutcome } from './query/outcome.ts';
import { outcomeOf, outcomeText, secondsSince } from './query/outcome-of.ts';
import { ofOneTimeout, type QuickQueries } from './query/quick-queries.ts';
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
  readonly quick: QuickQueries;
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
  readonly #quick: QuickQueries;
  readonly #deadline: Deadline;
  /** On the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #outcomes = new Map<PlannedQuery, QueryOutcome>();
  readonly #running = new Set<PlannedQuery>();
  /** Sent behind those that run. */
  readonly #behind = new Set<PlannedQuery>();
  #connectSeconds: number | undefined;
  /** When all is over. */
  #last: Snapshot | undefined;
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
    { observer, pool, processSlots, quick, results, runaways, turns }: ExecutionDeps,
    ms: number,
  ) {
    this.#plan = plan;
    this.#pool = pool;
    this.#processSlots = processSlots;
    this.#results = results;
    this.#runaways = runaways;
    this.#observer = observer;
    this.#turns = turns;
    this.#quick = quick;
    this.#deadline = Deadline.after(ms);
    this.#queries = plan.sets.flatMap((set) => set.queries);
    this.done = this.#runAll()
      .then(() => (this.#hasMoved ? this.#forgetAll() : undefined))
      .then(() => this.#ping())
      .then(() => this.#judgeFailures())
      .then(() => this.#learnRights())
      .then(() => {
        this.#deadline[Symbol.dispose]();
        this.#last = this.#look();
      });
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
    return this.#last ?? this.#look();
  }

  #look(): Snapshot {
    const seconds = secondsSince(this.startedAt);
    const outcomes = new Map<PlannedQuery, QueryOutcome>();
    for (const query of this.#queries) {
      outcomes.set(query, this.#outcomes.get(query) ?? { ...this.#whyPending(query), rows: 0, seconds });
    }
    const lacks = this.#plan.dependsOnRights ? lackedBy(this.#queries, this.#pool) : new Map();
    return { down: this.#whyDown(outcomes), connectSeconds: this.#connectSeconds, outcomes, lacks };
  }

  #whyPending(query: PlannedQuery): Failure {
    if (this.#running.has(query)) return NO_ANSWER;
    return this.#behind.has(query) ? BEHIND : this.#pool.waitFailure();
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
    if (!isSilent || [...this.#outcomes.values()].some((outcome) => this.#hasFailed(outcome))) return;
    using until = Deadline.within(this.#deadline, this.#plan.target.queryTimeoutMs);
    const acquired = await this.#pool.acquire(until);
    if (!acquired.ok) {
      this.#unreachable = acquired;
      return;
    }
    using lease = acquired.lease;
    await lease.connection.query(PING, until);
  }

  /** A server that said nothing at all was not kept busy by its queries: they are asked again as soon as it is back. */
  #judgeFailures(): void {
    if (this.#whyDown(this.#outcomes) !== undefined) this.#results.forgetFailures(this.#plan.target.name);
  }

  #whyDown(outcomes: Snapshot['outcomes']): Failure | undefined {
    if (this.#pool.lastReplyAt >= this.startedAt) return undefined;
    if (this.#unreachable !== undefined) return this.#unreachable;
    const failed = [...outcomes.values()].filter((outcome) => this.#hasFailed(outcome));
    // A query that waited behind others says nothing about the server; one that reached it does.
    return failed.find(({ reason }) => reason !== 'queue') ?? failed[0] ?? NO_ANSWER;
  }

  /** A failure that stands in for a query that is not asked says nothing about the server as it is now. */
  #hasFailed(outcome: QueryOutcome): outcome is QueryOutcome & { readonly ok: false } {
    return !outcome.ok && !isFromBefore(outcome, this.startedAt);
  }

  /** What the server before has said is no part of the answer. */
  #forgetAll(): Promise<void> {
    this.#hasMoved = false;
    this.#server = undefined;
    this.#outcomes.clear();
    return this.#runAll();
  }

  /** The quick ones together on one connection; the others beside them, as soon as the first of those is answered. */
  async #runAll(): Promise<void> {
    const { maxConnections, pipelining } = this.#plan.target;
    const isQuick = (planned: PlannedQuery) =>
      this.#quick.has(this.#pool, planned.query) && !this.#results.has(this.#plan, planned);
    const quick = pipelining ? ofOneTimeout(this.#queries.filter(isQuick)) : [];
    // A connection is for those that go together; for them alone no slots are needed.
    let slots: LimitFunction | undefined;
    const alone = (planned: PlannedQuery) => {
      slots ??= pLimit(Math.max(1, quick.length < 2 ? maxConnections : maxConnections - 1));
      return slots(() => this.#run(planned));
    };
    if (quick.length < 2) return void (await Promise.all(this.#queries.map(alone)));
    if (quick.length < this.#queries.length)
      quick.sort((a, b) => Number(b.countsStatements) - Number(a.countsStatements));
    const rest: Promise<void>[] = [];
    const begin = (one: Promise<void>) => {
      one.catch(() => {}); // a bug, which is thrown where all are awaited
      rest.push(one);
    };
    await new Promise<void>((onFirst) => {
      const together = this.#runTogether(quick, (planned) => begin(alone(planned)), onFirst);
      begin(together.finally(onFirst));
    });
    for (const planned of this.#queries) if (!quick.includes(planned)) begin(alone(planned));
    for (const one of rest) await one; // more may come while the first runs
  }

  /**
   * Sends the statements of queries in one go, and reads their answers one after another.
   *
   * @param giveBack told of each that is to be asked alone
   * @param onFirst called when the first is answered, or takes long
   */
  async #runTogether(
    queries: readonly PlannedQuery[],
    giveBack: (planned: PlannedQuery) => void,
    onFirst: () => void,
  ): Promise<void> {
    if (currentTrace() !== undefined) for (const planned of queries) note(planned, 'begins');
    using until = Deadline.within(this.#deadline, queries[0]?.timeoutMs ?? 0);
    const startedAt = performance.now();
    const acquired = await this.#acquire(until);
    if (!('lease' in acquired)) return this.#failAll(queries, acquired, startedAt);
    using lease = acquired.lease;
    const { connection } = lease;
    if (!connection.pipelines) return queries.forEach(giveBack);
    if (currentTrace() !== undefined) for (const planned of queries) noteLease(planned, lease);
    const taken = await this.#processSlots.take(until, queries.length);
    if (!taken.ok) return this.#failAll(queries, taken, startedAt);
    using _slot = taken;
    const [first, ...others] = queries;
    if (first !== undefined) this.#running.add(first);
    for (const planned of others) this.#behind.add(planned);
    const sent = await sendTogether(queries, this.#plan.wanted, connection, until);
    let begunAt = performance.now();
    const goElsewhere = () => {
      connection.withdraw();
      onFirst();
    };
    using stall = onStall(goElsewhere, this.#plan.target.maxConnections > 1);
    await Promise.all(
      sent.map(async ({ answer, planned, sql }, i) => {
        const result = await answer;
        const next = queries[i + 1];
        if (next !== undefined && this.#behind.delete(next)) this.#running.add(next);
        if (isForAlone(result)) {
          this.#running.delete(planned);
          this.#quick.note(this.#pool, planned.query, result, Number.POSITIVE_INFINITY);
          return giveBack(planned);
        }
        stall.refresh();
        const tookMs = performance.now() - begunAt;
        this.#quick.note(this.#pool, planned.query, result, tookMs);
        const asked = { answer: result, sql, tookMs };
        const outcome = await outcomeOf(planned.query, asked, connection, until, this.#turns, begunAt);
        this.#tell(planned, result, outcome);
        begunAt = performance.now();
        onFirst();
        this.#finish(planned, outcome);
      }),
    );
    // What was withdrawn is answered all the same, and dropped: it was sent.
    await connection.whenFree(until);
  }

  #failAll(queries: readonly PlannedQuery[], why: Failure, startedAt: number): void {
    for (const planned of queries)
      this.#finish(planned, { ...why, rows: 0, seconds: secondsSince(startedAt) });
  }

  async #run(planned: PlannedQuery): Promise<void> {
    const startedAt = performance.now();
    let outcome: QueryOutcome;
    const kept = this.#results.get(this.#plan, planned);
    note(planned, kept === undefined ? 'begins' : waitText(kept));
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
    }
    this.#finish(planned, outcome, kept);
  }

  #finish(planned: PlannedQuery, outcome: QueryOutcome, kept?: KeptResult): void {
    if (outcome !== kept?.outcome) {
      const isLeft = this.#deadline.ended === 'canceled';
      this.#results.keep(this.#plan, planned, outcome, this.#server, isLeft);
    }
    this.#running.delete(planned);
    this.#outcomes.set(planned, outcome);
    if (currentTrace() !== undefined) note(planned, outcomeText(outcome));
    if (!outcome.ok && outcome.reason !== 'canceled' && planned.query.set === this.#observer?.set)
      this.#observer.fail(this.#plan.target, planned.query.name);
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
      const acquired = await this.#acquire(until);
      if (!('lease' in acquired)) {
        const failed = { ...acquired, rows: 0, seconds: secondsSince(startedAt) };
        return acquired === MOVED ? failed : (kept?.outcome ?? failed);
      }
      using lease = acquired.lease;
      if (currentTrace() !== undefined) noteLease(planned, lease);
      if (kept !== undefined && this.#isOfOurs(kept.server, lease.connection.server)) return kept.outcome;
      const outcome = await this.#askOn(lease, planned, until, startedAt);
      if (outcome !== undefined) return outcome;
    }
  }

  /** A connection to the server that this run asks. */
  async #acquire(until: Deadline): Promise<{ readonly lease: Lease } | Failure> {
    const acquired = await this.#pool.acquire(until);
    if (!acquired.ok) {
      // With its own time over a query has only stopped to wait: the attempt to connect goes on for the others.
      if (until.ended === undefined) this.#unreachable ??= acquired;
      return acquired;
    }
    const { lease } = acquired;
    this.#connectSeconds ??= secondsSince(this.startedAt);
    const { server } = lease.connection;
    this.#server ??= server;
    if (server === undefined || isSameServer(server, this.#server)) return { lease };
    lease[Symbol.dispose]();
    this.#hasMoved = true;
    return MOVED;
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
    if (!taken.ok) return { ...taken, rows: 0, seconds: secondsSince(startedAt) };
    using _slot = taken;
    this.#running.add(planned);
    const ask = () => askFor(query, this.#plan.wanted, lease.connection, until, onNotKilled);
    const onNotKilled = () => this.#runaways.note(this.#plan, planned);
    let asked = await ask();
    // A connection of this run has all rights that there are.
    const isOld = lease.connection.openedAt < this.startedAt;
    if (isRefused(asked) && isOld && (await lease.renew(until))) asked = await ask();
    const { answer, tookMs = 0 } = asked;
    if (lease.connection.pipelines) this.#quick.note(this.#pool, query, answer, tookMs);
    // The connection died unnoticed since the last scrape and the statement never ran: once more.
    if ('ok' in answer && !answer.ok && answer.retryable === true && lease.reused) return undefined;
    const outcome = await outcomeOf(query, asked, lease.connection, until, this.#turns, startedAt);
    this.#tell(planned, answer, outcome);
    return outcome;
  }

  /** Hands the rows of one set to whoever looks at them too. */
  #tell({ query }: PlannedQuery, answer: Asked['answer'], outcome: QueryOutcome): void {
    if (query.set !== this.#observer?.set || !outcome.ok) return;
    if ('ok' in answer && answer.ok) this.#observer.take(this.#plan.target, query.name, answer);
  }
}

function note({ query }: PlannedQuery, text: string): void {
  currentTrace()?.note(`${query.set}/${query.name} ${text}`);
}

function noteLease(planned: PlannedQuery, { connection, reused }: Lease): void {
  note(planned, `has ${connection.name}, ${reused ? 'which was open' : 'a new one'}`);
}

const NO_ANSWER: Failure = { ok: false, reason: 'timeout', detail: 'no answer in time' };

const MOVED: Failure = {
  ok: false,
  reason: 'lost',
  detail: 'another server answers at the address of the target than at the beginning of the probe',
};

const PING = { sql: 'DO 1', limits: NO_ROWS };
