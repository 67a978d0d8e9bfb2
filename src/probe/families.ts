/**
 * The families that every probe carries besides those of its query sets.
 */
import type { Family } from '../exposition/samples.ts';

function gauge(name: string, help: string): Family {
  return { name, type: 'gauge', help };
}

export const UP = gauge('mysql_up', 'Whether the server answered anything during this probe.');
export const COLLECTOR_SUCCESS = gauge(
  'mysql_exporter_collector_success',
  'Whether every query of a query set succeeded.',
);
export const COLLECTOR_DURATION = gauge(
  'mysql_exporter_collector_duration_seconds',
  'Time of the longest query of a query set, and of getting a connection.',
);
export const QUERY_SUCCESS = gauge('query_exporter_query_success', 'Whether a query succeeded.');
export const QUERY_DURATION = gauge(
  'query_exporter_query_duration_seconds',
  'Time a query took, waiting for a connection included.',
);
export const QUERY_ROWS = gauge('query_exporter_query_rows', 'Rows that a query returned.');
export const QUERY_ERROR = gauge(
  'query_exporter_query_error',
  'Why a query failed; absent when it succeeded.',
);
/** In answers of several targets only, as query-exporter had it. */
export const STATUS = gauge('query_exporter_status', 'Whether every query of an instance succeeded.');
export const QUERY_SKIPPED = gauge(
  'query_exporter_query_skipped',
  'Why a query was not asked on this server, which is no failure.',
);
export const QUERY_AGE = gauge(
  'query_exporter_query_age_seconds',
  'Age of the result of a query with a min_interval.',
);
export const PROBE_DURATION = gauge('query_exporter_probe_duration_seconds', 'Time this probe took.');
export const PROBE_TIMEOUT = gauge(
  'query_exporter_probe_timeout_seconds',
  'Time this probe was allowed to take.',
);
export const PROBE_ERROR = gauge(
  'query_exporter_probe_error',
  'Why the server answered nothing; absent when mysql_up is 1.',
);
