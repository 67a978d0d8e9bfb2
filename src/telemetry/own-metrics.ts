/**
 * What the exporter tells of itself at /metrics: by reason or by nothing, never by target and query.
 */
import type { OwnRegistry } from '../exposition/own-registry.ts';

/** What the gauges read when they are scraped. */
export interface OwnState {
  readonly version: string;
  readonly targets: number;
  readonly probesInFlight: () => number;
  readonly connections: () => {
    readonly idle: number;
    readonly lent: number;
    readonly opening: number;
    readonly waiting: number;
  };
}

export interface OwnMetrics {
  /** A run is over; the reason when the target was down. */
  probeFinished(reason: string | undefined): void;
  probeJoined(): void;
  queryFinished(reason: string | undefined): void;
  duplicatesDropped(series: number): void;
  requestRejected(): void;
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
  const rejected = registry.counter(
    'query_exporter_requests_rejected_total',
    'Requests answered with 503, for capacity.',
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
    requestRejected: () => rejected.inc(),
  };
}

/** Adds the gauges that look at the running program. */
export function observe(registry: OwnRegistry, state: OwnState): void {
  registry.gauge('query_exporter_build_info', 'Version of the exporter and of Node.js; always 1.', () => [
    { labels: { version: state.version, nodeversion: process.version }, value: 1 },
  ]);
  registry.gauge('query_exporter_targets', 'Targets in the configuration.', () => [{ value: state.targets }]);
  registry.gauge('query_exporter_probes_in_flight', 'Requests that wait for their answer.', () => [
    { value: state.probesInFlight() },
  ]);
  registry.gauge('query_exporter_connections', 'Connections to all targets.', () => {
    const { idle, lent, opening } = state.connections();
    return [
      { labels: { state: 'idle' }, value: idle },
      { labels: { state: 'busy' }, value: lent },
      { labels: { state: 'opening' }, value: opening },
    ];
  });
  registry.gauge('query_exporter_connection_waiters', 'Queries that wait for a connection.', () => [
    { value: state.connections().waiting },
  ]);
}
