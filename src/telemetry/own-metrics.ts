/**
 * What the exporter tells of itself at /metrics: by reason or by nothing, never by target and query.
 */
import type { OwnFamily, OwnRegistry, Reading } from './own-registry.ts';

/** Every family of the exporter's own besides those of the process, in the order in which /metrics shows them. */
export const OWN_METRICS = {
  probes: {
    name: 'query_exporter_probes_total',
    type: 'counter',
    help: 'Probes run; simultaneous ones of one target count once.',
  },
  probesJoined: {
    name: 'query_exporter_probes_joined_total',
    type: 'counter',
    help: 'Requests that shared the run of another one.',
  },
  probeFailures: {
    name: 'query_exporter_probe_failures_total',
    type: 'counter',
    help: 'Probes whose target answered nothing.',
    labels: ['reason'],
  },
  queries: { name: 'query_exporter_queries_total', type: 'counter', help: 'Queries of all probes.' },
  queryFailures: {
    name: 'query_exporter_query_failures_total',
    type: 'counter',
    help: 'Queries that failed.',
    labels: ['reason'],
  },
  duplicateSeries: {
    name: 'query_exporter_duplicate_series_total',
    type: 'counter',
    help: 'Samples dropped because a query returned their series twice.',
  },
  refused: {
    name: 'query_exporter_refused_total',
    type: 'counter',
    help: 'What limits of the exporter turned away: requests, queries that waited in vain, samples of a query, clients.',
    labels: ['limit'],
  },
  turnedAway: {
    name: 'query_exporter_requests_refused_total',
    type: 'counter',
    help: 'Requests that the web file turned away: above its rate, without a right login, or too many logins at once.',
    labels: ['reason'],
  },
  serverChanges: {
    name: 'query_exporter_server_changes_total',
    type: 'counter',
    help: 'Times that a new connection to a target reached another server than those before.',
  },
  statementsNotKilled: {
    name: 'query_exporter_statements_not_killed_total',
    type: 'counter',
    help: 'Statements that could not be killed when their time was over; the time limit of the server ends them.',
  },
  logLinesLost: {
    name: 'query_exporter_log_lines_lost_total',
    type: 'counter',
    help: 'Lines of the log that could not be written, or whose reader does not read.',
  },
  buildInfo: {
    name: 'query_exporter_build_info',
    type: 'gauge',
    help: 'Version of the exporter and of Node.js; always 1.',
    labels: ['version', 'nodeversion'],
  },
  lastReloadSuccessful: {
    name: 'query_exporter_config_last_reload_successful',
    type: 'gauge',
    help: 'Whether the configuration could be loaded when that was last tried.',
  },
  lastReloadSuccess: {
    name: 'query_exporter_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the configuration in use was loaded.',
  },
  targets: { name: 'query_exporter_targets', type: 'gauge', help: 'Targets in the configuration.' },
  namesInUse: {
    name: 'query_exporter_pattern_names',
    type: 'gauge',
    help: 'Names in use of targets by pattern.',
  },
  probesInFlight: {
    name: 'query_exporter_probes_in_flight',
    type: 'gauge',
    help: 'Requests that wait for their answer.',
  },
  queriesInFlight: {
    name: 'query_exporter_queries_in_flight',
    type: 'gauge',
    help: 'Queries that are being asked.',
  },
  connections: {
    name: 'query_exporter_connections',
    type: 'gauge',
    help: 'Connections to all targets.',
    labels: ['state'],
  },
  connectionWaiters: {
    name: 'query_exporter_connection_waiters',
    type: 'gauge',
    help: 'Queries that wait for a connection.',
  },
  // The limits are a family each and not a label of one: a sum of bytes and connections says nothing.
  requestsMax: {
    name: 'query_exporter_requests_max',
    type: 'gauge',
    help: 'Most requests that may wait for their answer.',
  },
  connectionsMax: {
    name: 'query_exporter_connections_max',
    type: 'gauge',
    help: 'Most connections to all targets together.',
  },
  queriesMax: {
    name: 'query_exporter_queries_max',
    type: 'gauge',
    help: 'Most queries that may be asked at once.',
  },
  responseMaxBytes: {
    name: 'query_exporter_response_max_bytes',
    type: 'gauge',
    help: 'Most bytes of one answer, uncompressed.',
  },
  resultMaxBytes: {
    name: 'query_exporter_result_max_bytes',
    type: 'gauge',
    help: 'Most bytes of results that may arrive at the same time.',
  },
  clientsMax: {
    name: 'query_exporter_clients_max',
    type: 'gauge',
    help: 'Most connections of clients; above it the one is closed that has been idle for longest.',
  },
  unreadMaxBytes: {
    name: 'query_exporter_unread_max_bytes',
    type: 'gauge',
    help: 'Most bytes of answers that wait for their readers; above it the oldest answer is given up.',
  },
} as const satisfies Readonly<Record<string, OwnFamily>>;

/** Limits of the whole exporter, as the label of what they refused. */
const LIMITS = [
  'requests',
  'connections',
  'queries',
  'response_bytes',
  'result_bytes',
  'clients',
  'unread_bytes',
  'names',
] as const;

export type Limit = (typeof LIMITS)[number];

/** How the configuration was last loaded; the start counts. */
export interface LastReload {
  readonly ok: boolean;
  /** Of the one in use, in milliseconds since 1970. */
  readonly succeededAt: number;
}

/** Why the guard of the port turns a request away. */
const TURNED_AWAY = ['rate', 'login', 'login_queue'] as const;

export type TurnedAway = (typeof TURNED_AWAY)[number];

/** What the gauges read when they are scraped. */
export interface OwnState {
  readonly version: string;
  readonly lastReload: () => LastReload;
  readonly targets: () => number;
  /** What each limit is set to; that of names is a matter of each pattern. */
  readonly limits: Readonly<Record<Exclude<Limit, 'names'>, number>>;
  readonly namesInUse: () => number;
  readonly probesInFlight: () => number;
  readonly queriesInFlight: () => number;
  readonly connections: () => {
    readonly idle: number;
    readonly lent: number;
    readonly opening: number;
    readonly closing: number;
    readonly waiting: number;
  };
}

export interface OwnMetrics {
  /** A run is over; the reason when the target was down. */
  probeFinished(reason: string | undefined): void;
  probeJoined(): void;
  queryFinished(reason: string | undefined): void;
  duplicatesDropped(series: number): void;
  serverChanged(): void;
  statementNotKilled(): void;
  logLinesLost(lines: number): void;
  /** A limit of the whole exporter has turned something away. */
  refused(limit: Limit): void;
  /** The web file does not let a request in. */
  turnedAway(why: TurnedAway): void;
}

/** Makes the counters. `reasons` is the closed list, so that every series starts at 0. */
export function createOwnMetrics(registry: OwnRegistry, reasons: readonly string[]): OwnMetrics {
  const probes = registry.counter(OWN_METRICS.probes);
  const joined = registry.counter(OWN_METRICS.probesJoined);
  const down = registry.counters(OWN_METRICS.probeFailures, reasons);
  const queries = registry.counter(OWN_METRICS.queries);
  const failed = registry.counters(OWN_METRICS.queryFailures, reasons);
  const duplicates = registry.counter(OWN_METRICS.duplicateSeries);
  const refused = registry.counters(OWN_METRICS.refused, LIMITS);
  const turnedAway = registry.counters(OWN_METRICS.turnedAway, TURNED_AWAY);
  const serverChanges = registry.counter(OWN_METRICS.serverChanges);
  const notKilled = registry.counter(OWN_METRICS.statementsNotKilled);
  const linesLost = registry.counter(OWN_METRICS.logLinesLost);
  return {
    probeFinished(reason) {
      probes.inc();
      if (reason !== undefined) down(reason);
    },
    probeJoined: () => joined.inc(),
    queryFinished(reason) {
      queries.inc();
      if (reason !== undefined) failed(reason);
    },
    duplicatesDropped: (series) => duplicates.inc(series),
    serverChanged: () => serverChanges.inc(),
    statementNotKilled: () => notKilled.inc(),
    logLinesLost: (lines) => linesLost.inc(lines),
    refused: (limit) => refused(limit),
    turnedAway: (why) => turnedAway(why),
  };
}

/** Adds the gauges that look at the running program. */
export function observe(registry: OwnRegistry, state: OwnState): void {
  for (const family of Object.values(OWN_METRICS))
    if (family.type === 'gauge') registry.gauge(family, () => READ[family.name](state));
}

type GaugeName = Extract<(typeof OWN_METRICS)[keyof typeof OWN_METRICS], { readonly type: 'gauge' }>['name'];

/** What each gauge reads; a new one in the table does not compile until it has an entry here. */
const READ: Readonly<Record<GaugeName, (state: OwnState) => readonly Reading[]>> = {
  query_exporter_build_info: ({ version }) => [
    { labels: { version, nodeversion: process.version }, value: 1 },
  ],
  query_exporter_config_last_reload_successful: ({ lastReload }) => [{ value: lastReload().ok ? 1 : 0 }],
  query_exporter_config_last_reload_success_timestamp_seconds: ({ lastReload }) => [
    { value: lastReload().succeededAt / 1000 },
  ],
  query_exporter_targets: ({ targets }) => [{ value: targets() }],
  query_exporter_pattern_names: ({ namesInUse }) => [{ value: namesInUse() }],
  query_exporter_probes_in_flight: ({ probesInFlight }) => [{ value: probesInFlight() }],
  query_exporter_queries_in_flight: ({ queriesInFlight }) => [{ value: queriesInFlight() }],
  query_exporter_connections: ({ connections }) => {
    const { idle, lent, opening, closing } = connections();
    return [
      { labels: { state: 'idle' }, value: idle },
      { labels: { state: 'busy' }, value: lent },
      { labels: { state: 'opening' }, value: opening },
      { labels: { state: 'closing' }, value: closing },
    ];
  },
  query_exporter_connection_waiters: ({ connections }) => [{ value: connections().waiting }],
  query_exporter_requests_max: ({ limits }) => [{ value: limits.requests }],
  query_exporter_connections_max: ({ limits }) => [{ value: limits.connections }],
  query_exporter_queries_max: ({ limits }) => [{ value: limits.queries }],
  query_exporter_response_max_bytes: ({ limits }) => [{ value: limits.response_bytes }],
  query_exporter_result_max_bytes: ({ limits }) => [{ value: limits.result_bytes }],
  query_exporter_clients_max: ({ limits }) => [{ value: limits.clients }],
  query_exporter_unread_max_bytes: ({ limits }) => [{ value: limits.unread_bytes }],
};
