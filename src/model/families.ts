/**
 * The families that every probe carries besides those of its query sets.
 *
 * The place to begin with another one: probe/render.ts gives it samples.
 */
import type { Family } from './samples.ts';

export interface ProbeFamily extends Family {
  /** Names of the labels of each sample. In an answer of several targets the others have `instance` too. */
  readonly labels: readonly string[];
}

const OF_QUERY = ['query_set', 'query'] as const;

export const PROBE_FAMILIES = {
  up: {
    name: 'mysql_up',
    type: 'gauge',
    help: 'Whether the server answered anything during this probe.',
    labels: [],
  },
  collectorSuccess: {
    name: 'mysql_exporter_collector_success',
    type: 'gauge',
    help: 'Whether every query of a query set succeeded.',
    labels: ['collector'],
  },
  collectorDuration: {
    name: 'mysql_exporter_collector_duration_seconds',
    type: 'gauge',
    help: 'Time of the longest query of a query set, and of getting a connection.',
    labels: ['collector'],
  },
  querySuccess: {
    name: 'query_exporter_query_success',
    type: 'gauge',
    help: 'Whether a query succeeded.',
    labels: OF_QUERY,
  },
  queryDuration: {
    name: 'query_exporter_query_duration_seconds',
    type: 'gauge',
    help: 'Time a query took, waiting for a connection included.',
    labels: OF_QUERY,
  },
  queryRows: {
    name: 'query_exporter_query_rows',
    type: 'gauge',
    help: 'Rows that a query returned.',
    labels: OF_QUERY,
  },
  queryError: {
    name: 'query_exporter_query_error',
    type: 'gauge',
    help: 'Why a query failed, or some of its metrics; absent when it succeeded.',
    labels: [...OF_QUERY, 'reason'],
  },
  metricError: {
    name: 'query_exporter_metric_error',
    type: 'gauge',
    help: 'Why a metric of a query has no samples whose other metrics have; the query is no success then.',
    labels: [...OF_QUERY, 'metric', 'reason'],
  },
  queryIncomplete: {
    name: 'query_exporter_query_incomplete',
    type: 'gauge',
    help: 'The account lacks a privilege without which the server shows the query less, or nothing.',
    labels: [...OF_QUERY, 'privilege'],
  },
  querySkipped: {
    name: 'query_exporter_query_skipped',
    type: 'gauge',
    help: 'Why a query was not asked on this server, which is no failure.',
    labels: [...OF_QUERY, 'reason'],
  },
  queryAge: {
    name: 'query_exporter_query_age_seconds',
    type: 'gauge',
    help: 'Age of the result of a query that is not asked at each probe, for its min_interval or for max_load.',
    labels: OF_QUERY,
  },
  queryInterval: {
    name: 'query_exporter_query_interval_seconds',
    type: 'gauge',
    help: 'How long max_load lets a slow query wait after its last run; absent for a query that need not wait.',
    labels: OF_QUERY,
  },
  /** In answers of several targets only, as query-exporter had it. */
  status: {
    name: 'query_exporter_status',
    type: 'gauge',
    help: 'Whether every query of an instance succeeded.',
    labels: ['instance'],
  },
  probeDuration: {
    name: 'query_exporter_probe_duration_seconds',
    type: 'gauge',
    help: 'Time this probe took.',
    labels: [],
  },
  probeTimeout: {
    name: 'query_exporter_probe_timeout_seconds',
    type: 'gauge',
    help: 'Time this probe was allowed to take.',
    labels: [],
  },
  probeError: {
    name: 'query_exporter_probe_error',
    type: 'gauge',
    help: 'Why the server answered nothing; absent when mysql_up is 1.',
    labels: ['reason'],
  },
} as const satisfies Record<string, ProbeFamily>;

export type ProbeFamilyName = (typeof PROBE_FAMILIES)[keyof typeof PROBE_FAMILIES]['name'];

/** Names that no metric of a query file may have. */
export const RESERVED_FAMILIES: ReadonlySet<string> = new Set(
  Object.values(PROBE_FAMILIES).map(({ name }) => name),
);
