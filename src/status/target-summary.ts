/**
 * The state of each target in a few words: what a list of them shows.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Episode } from '../history/episodes.ts';
import type { History } from '../history/history.ts';
import type { PastProbe, TargetHistory } from '../history/target-history.ts';
import { addressText } from '../model/address-text.ts';
import type { Target } from '../model/config.ts';
import type { Flavour } from '../model/query-set.ts';
import type { Reason } from '../model/reason.ts';
import { dateOf, type PoolsByTarget, type StatusSources, targetsOf } from './sources.ts';

/** `partly`: it is up, and a query fails. `not_asked`: nobody has probed it since the start. */
export const STATES = ['up', 'partly', 'down', 'not_asked', 'disabled'] as const;
export type TargetState = (typeof STATES)[number];

export interface ServerSummary {
  readonly flavour: Flavour;
  readonly version: string;
}

export interface ProbeSummary {
  readonly at: Date;
  readonly durationSeconds: number;
  /** Why the target was down. */
  readonly reason?: Reason;
  readonly queries: number;
  readonly failedQueries: number;
  readonly rows: number;
  readonly series: number;
  /** What the server sent for it. */
  readonly bytes: number;
  /** Requests that it has answered. */
  readonly requests: number;
}

/** Something that failed, in one probe or in several one after the other. */
export interface FailureSummary {
  /** `set/query`; left out when the target as a whole was down. */
  readonly query?: string;
  readonly reason: Reason;
  /** What the server, the system or the exporter has to say about it. */
  readonly detail: string;
  readonly since: Date;
  readonly lastAt: Date;
  /** Probes that it has happened in. */
  readonly failures: number;
  readonly goesOn: boolean;
}

export interface TargetSummary {
  readonly name: string;
  readonly state: TargetState;
  readonly address: string;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined before the first connection. */
  readonly server?: ServerSummary;
  readonly lastProbe?: ProbeSummary;
  /** What fails now. */
  readonly failing: readonly FailureSummary[];
  /** Of the target or of a query, over or not. */
  readonly lastFailureAt?: Date;
}

/** All targets, in the order of the configuration; then those of names under patterns. */
export async function summarize(sources: StatusSources): Promise<readonly TargetSummary[]> {
  const pools = sources.pools.byTarget;
  const summaries: TargetSummary[] = [];
  for (const target of targetsOf(sources)) {
    summaries.push(summaryOf(target, sources, pools));
    if (summaries.length % AT_ONCE === 0) await turnOfTheLoop();
  }
  return summaries;
}

/** Targets that are looked at before others may have the thread. */
const AT_ONCE = 50;

export function summaryOf(target: Target, { history }: StatusSources, pools: PoolsByTarget): TargetSummary {
  const past = history?.of(target.name);
  const failing = past === undefined || history === undefined ? [] : failingNow(past, history);
  const server = serverOf(target, pools);
  const lastFailure = past?.episodes[0];
  const lastProbe = past?.last && probeSummary(past.last);
  return {
    name: target.name,
    state: stateOf(target, past, failing),
    address: addressText(target.address),
    groups: target.groups,
    labels: target.labels,
    ...(server === undefined ? {} : { server }),
    ...(lastProbe === undefined ? {} : { lastProbe }),
    failing,
    ...(lastFailure === undefined ? {} : { lastFailureAt: dateOf(lastFailure.lastAt) }),
  };
}

/** How many targets are in each state. */
export function countStates(targets: readonly TargetSummary[]): Readonly<Record<TargetState, number>> {
  const counts = { up: 0, partly: 0, down: 0, not_asked: 0, disabled: 0 };
  for (const { state } of targets) counts[state]++;
  return counts;
}

export function probeSummary({ at, failed, reason, seconds, ...numbers }: PastProbe): ProbeSummary {
  return {
    at: new Date(at),
    durationSeconds: seconds,
    ...(reason === undefined ? {} : { reason }),
    ...{ queries: numbers.queries, failedQueries: failed, rows: numbers.rows },
    ...{ series: numbers.series, bytes: numbers.bytes, requests: numbers.requests },
  };
}

export function failureSummary(
  { beganAt, detail, failures, goesOn, lastAt, reason, subject }: Episode,
  history: History,
): FailureSummary {
  return {
    ...(subject === 'target' ? {} : { query: history.nameOf(subject) }),
    ...{ reason, detail, since: dateOf(beganAt), lastAt: dateOf(lastAt), failures, goesOn },
  };
}

/** A query that was chosen by a URL once is not asked again, so its failure says nothing of today. */
const FORGOTTEN_MS = 3_600_000;

function failingNow(past: TargetHistory, history: History): readonly FailureSummary[] {
  const { failing } = past;
  if (failing.length === 0) return [];
  const oldest = past.oldestAt ?? 0;
  const since = Math.min(oldest - performance.timeOrigin, performance.now() - FORGOTTEN_MS);
  return failing.filter(({ lastAt }) => lastAt >= since).map((episode) => failureSummary(episode, history));
}

function stateOf(
  { enabled }: Target,
  past: TargetHistory | undefined,
  failing: readonly FailureSummary[],
): TargetState {
  if (!enabled) return 'disabled';
  if (past?.last === undefined) return 'not_asked';
  if (past.last.reason !== undefined) return 'down';
  return failing.length > 0 ? 'partly' : 'up';
}

/** Of the pool that connected last. */
function serverOf({ name }: Target, pools: PoolsByTarget): ServerSummary | undefined {
  const reached = (pools.get(name) ?? []).flatMap(({ pool }) => pool.state.reached ?? []);
  const [last] = reached.sort((one, other) => other.openedAt - one.openedAt);
  if (last === undefined) return undefined;
  const { flavour, major, minor, patch } = last.version;
  return { flavour, version: `${major}.${minor}.${patch}` };
}
