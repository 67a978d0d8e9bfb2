/**
 * What the exporter tells of itself at /metrics: by reason or by nothing, never by target and query.
 */
import type { OwnRegistry } from './own-registry.ts';

/** Limits of the whole exporter, as the label of what they refused. */
const LIMITS = ['requests', 'connections', 'queries', 'response_bytes'] as const;

export type Limit = (typeof LIMITS)[number];

/** What the gauges read when they are scraped. */
export interface OwnState {
  readonly version: string;
  readonly targets: () => number;
  /** What each limit is set to. */
  readonly limits: Readonly<Record<Limit, number>>;
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
  /** A limit of the whole exporter has turned something away. */
  refused(limit: Limit): void;
}

/** Makes the counters. `reasons` is the closed list, so that every series starts at 0. */
export function createOwnMetrics(registry: OwnRegistry, reasons: readonly string[]): OwnMetrics {
  const probes = registry.counter(
    'query_exporter_probes_total',
    'Probes run; simultaneous ones of one target count once.',
  );
  const joined = registry.counter(
    'query_exporter_probes_joined_total',
    'Requests that shared the run of another one.',
  );
  const down = registry.counters(
    'query_exporter_probe_failures_total',
    'Probes whose target answered nothing.',
    'reason',
    reasons,
  );
  const queries = registry.counter('query_exporter_queries_total', 'Queries of all probes.');
  const failed = registry.counters(
    'query_exporter_query_failures_total',
    'Queries that failed.',
    'reason',
    reasons,
  );
  const duplicates = registry.counter(
    'query_exporter_duplicate_series_total',
    'Samples dropped because a query returned their series twice.',
  );
  const refused = registry.counters(
    'query_exporter_refused_total',
    'What limits of the exporter turned away: requests, queries that waited in vain, samples of a query.',
    'limit',
    LIMITS,
  );
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
    refused: (limit) => refused(limit),
  };
}

/** Adds the gauges that look at the running program. */
export function observe(registry: OwnRegistry, state: OwnState): void {
  registry.gauge('query_exporter_build_info', 'Version of the exporter and of Node.js; always 1.', () => [
    { labels: { version: state.version, nodeversion: process.version }, value: 1 },
  ]);
  registry.gauge('query_exporter_targets', 'Targets in the configuration.', () => [
    { value: state.targets() },
  ]);
  registry.gauge('query_exporter_probes_in_flight', 'Requests that wait for their answer.', () => [
    { value: state.probesInFlight() },
  ]);
  registry.gauge('query_exporter_queries_in_flight', 'Queries that are being asked.', () => [
    { value: state.queriesInFlight() },
  ]);
  registry.gauge('query_exporter_connections', 'Connections to all targets.', () => {
    const { idle, lent, opening, closing } = state.connections();
    return [
      { labels: { state: 'idle' }, value: idle },
      { labels: { state: 'busy' }, value: lent },
      { labels: { state: 'opening' }, value: opening },
      { labels: { state: 'closing' }, value: closing },
    ];
  });
  registry.gauge('query_exporter_connection_waiters', 'Queries that wait for a connection.', () => [
    { value: state.connections().waiting },
  ]);
  for (const [name, help, limit] of MAXIMA)
    registry.gauge(name, help, () => [{ value: state.limits[limit] }]);
}

/** A family each and not a label: a sum of bytes and connections says nothing. */
const MAXIMA: readonly (readonly [name: string, help: string, limit: Limit])[] = [
  ['query_exporter_requests_max', 'Most requests that may wait for their answer.', 'requests'],
  ['query_exporter_connections_max', 'Most connections to all targets together.', 'connections'],
  ['query_exporter_queries_max', 'Most queries that may be asked at once.', 'queries'],
  ['query_exporter_response_max_bytes', 'Most bytes of one answer, uncompressed.', 'response_bytes'],
];
