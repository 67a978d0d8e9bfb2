/** What every probe exposes besides its sets; no metric of a query file may take one of these names. */
export const PROBE_FAMILIES = [
  'mysql_up',
  'mysql_exporter_collector_success',
  'mysql_exporter_collector_duration_seconds',
  'query_exporter_query_success',
  'query_exporter_query_duration_seconds',
  'query_exporter_query_rows',
  'query_exporter_query_error',
  'query_exporter_query_skipped',
  'query_exporter_query_age_seconds',
  'query_exporter_status',
  'query_exporter_probe_duration_seconds',
  'query_exporter_probe_timeout_seconds',
  'query_exporter_probe_error',
] as const;
