/**
 * All that is known of one target: settings, connections, queries, the past.
 */
import type { PastQuery } from '../history/target-history.ts';
import type { Target } from '../model/config.ts';
import type { SkipReason } from '../model/reason.ts';
import type { TlsInUse } from '../mysql/connect/tls-in-use.ts';
import type { TargetPool } from '../mysql/pool/pools.ts';
import type { PlannedQuery } from '../probe/catalog.ts';
import { settingsText } from '../settings/settings-text.ts';
import { percentile } from './percentile.ts';
import { dateOf, type StatusSources } from './sources.ts';
import {
  type FailureSummary,
  failureSummary,
  type ProbeSummary,
  probeSummary,
  summaryOf,
  type TargetSummary,
} from './target-summary.ts';

export interface ConnectionSummary {
  /** Left out for the login of the target itself. */
  readonly authModule?: string;
  readonly idle: number;
  readonly busy: number;
  readonly opening: number;
  /** Queries that wait for one. */
  readonly waiting: number;
  /** Who logged in last. */
  readonly user?: string;
  /** The address that the name has led to; left out for a unix socket. */
  readonly resolvedTo?: string;
  /** The server by its own words. */
  readonly server?: string;
  readonly openedAt?: Date;
  /** Of an open connection; null for one in clear, left out when none is open. */
  readonly tls?: TlsInUse | null;
  /** Until when a login that was refused is not tried again. */
  readonly backoffUntil?: Date;
}

export type QueryState = 'ok' | 'failed' | 'skipped' | 'not_asked';

export interface QuerySummary {
  /** `set/query` */
  readonly name: string;
  readonly state: QueryState;
  /** As this server was asked last; before that as most servers are. */
  readonly sql: string;
  readonly timeoutSeconds: number;
  /** How long a result is kept; left out when it is not. */
  readonly minIntervalSeconds?: number;
  /** How long max_load lets it wait after its last run; left out when it need not. */
  readonly loadIntervalSeconds?: number;
  readonly skipped?: { readonly reason: SkipReason; readonly detail: string };
  readonly failing?: FailureSummary;
  readonly lastSuccessAt?: Date;
  readonly lastFailureAt?: Date;
  readonly rows?: number;
  readonly series?: number;
  /** Of the probes that the history has. */
  readonly lastSeconds?: number;
  readonly p50Seconds?: number;
  readonly p99Seconds?: number;
}

export interface SeenClientSummary {
  readonly address: string;
  readonly lastAt: Date;
}

export interface TargetDetail extends TargetSummary {
  /** As YAML, with where each comes from; secrets are masked. */
  readonly settings: string;
  readonly connections: readonly ConnectionSummary[];
  readonly queries: readonly QuerySummary[];
  /** The latest first. */
  readonly probes: readonly ProbeSummary[];
  readonly failures: readonly FailureSummary[];
  /** Who has asked for it last. */
  readonly clients: readonly SeenClientSummary[];
}

export function describeTarget(target: Target, sources: StatusSources): TargetDetail {
  const { generation, history, pools } = sources;
  const { byTarget } = pools;
  const past = history?.of(target.name);
  const summary = summaryOf(target, sources, byTarget);
  return {
    ...summary,
    settings: settingsText(generation.config, target),
    connections: (byTarget.get(target.name) ?? []).map(connectionSummary),
    queries: queriesOf(target, summary, sources),
    probes: past?.probes.map(probeSummary) ?? [],
    failures: history === undefined ? [] : (past?.episodes.map((one) => failureSummary(one, history)) ?? []),
    clients: (history?.clientsOf(target.name) ?? []).map(({ address, at }) => ({
      address,
      lastAt: new Date(at),
    })),
  };
}

function connectionSummary({ authModule, pool }: TargetPool): ConnectionSummary {
  const { backoffUntil, reached, stats } = pool.state;
  const open = pool.openTls;
  return {
    ...(authModule === undefined ? {} : { authModule }),
    ...{ idle: stats.idle, busy: stats.lent, opening: stats.opening, waiting: stats.waiting },
    ...(reached === undefined ? {} : { user: reached.user, openedAt: dateOf(reached.openedAt) }),
    ...(reached?.host === undefined ? {} : { resolvedTo: reached.host }),
    ...(reached?.server === undefined ? {} : { server: reached.server }),
    ...(open === undefined ? {} : { tls: open.tls ?? null }),
    ...(backoffUntil === undefined ? {} : { backoffUntil: dateOf(backoffUntil) }),
  };
}

/** Those of the target's own sets, in their order; then those that URLs have chosen. */
function queriesOf(target: Target, summary: TargetSummary, sources: StatusSources): readonly QuerySummary[] {
  const { catalog } = sources.generation;
  const past = pastQueries(target, sources);
  const describe = (planned: PlannedQuery) => {
    const name = nameOf(planned);
    const failing = summary.failing.find(({ query }) => query === name);
    return querySummary(name, planned, past.get(name), failing, sources.loadIntervalOf(target, planned));
  };
  const own = catalog.plan(target).sets.flatMap(({ queries }) => queries);
  const ofOwn = new Set(own.map(nameOf));
  const others = [...past.keys()].filter((name) => !ofOwn.has(name));
  const sets = new Set(
    others.map((name) => name.split('/', 1)[0] ?? '').filter((set) => catalog.hasQuerySet(set)),
  );
  const chosen =
    sets.size === 0 ? [] : catalog.plan(target, [...sets]).sets.flatMap(({ queries }) => queries);
  return [...own, ...chosen.filter((planned) => others.includes(nameOf(planned)))].map(describe);
}

const nameOf = ({ query }: PlannedQuery): string => `${query.set}/${query.name}`;

function pastQueries({ name }: Target, { history }: StatusSources): ReadonlyMap<string, PastQuery> {
  const past = history?.of(name);
  const found = new Map<string, PastQuery>();
  for (const id of past?.queryIds ?? []) {
    const query = past?.query(id);
    if (query !== undefined) found.set(history?.nameOf(id) ?? '', query);
  }
  return found;
}

function querySummary(
  name: string,
  { query, timeoutMs }: PlannedQuery,
  past: PastQuery | undefined,
  failing: FailureSummary | undefined,
  loadIntervalMs: number,
): QuerySummary {
  const { minIntervalMs } = query;
  return {
    name,
    state:
      failing !== undefined ? 'failed' : past === undefined ? 'not_asked' : past.skipped ? 'skipped' : 'ok',
    sql: past?.sql ?? query.sql,
    timeoutSeconds: timeoutMs / 1000,
    ...(minIntervalMs > 0 ? { minIntervalSeconds: minIntervalMs / 1000 } : {}),
    ...(loadIntervalMs > 0 ? { loadIntervalSeconds: Math.round(loadIntervalMs) / 1000 } : {}),
    ...(past?.skipped === undefined ? {} : { skipped: past.skipped }),
    ...(failing === undefined ? {} : { failing }),
    ...(past === undefined ? {} : numbersOf(past)),
  };
}

function numbersOf({ durations, lastFailureAt, lastSuccessAt, rows, series }: PastQuery) {
  const sorted = durations.toSorted((one, other) => one - other);
  const [last, p50, p99] = [durations.at(-1), percentile(sorted, 0.5), percentile(sorted, 0.99)];
  return {
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt: new Date(lastSuccessAt) }),
    ...(lastFailureAt === undefined ? {} : { lastFailureAt: new Date(lastFailureAt) }),
    ...(last === undefined ? {} : { rows, series, lastSeconds: last }),
    ...(p50 === undefined ? {} : { p50Seconds: p50 }),
    ...(p99 === undefined ? {} : { p99Seconds: p99 }),
  };
}
