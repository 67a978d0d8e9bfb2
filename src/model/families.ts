/**
 * Names of families: those that the exporter itself exposes, and the series that a type adds to a name.
 */
import type { MetricType } from './metric.ts';

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

const HISTOGRAM_PARTS = ['_bucket', '_sum', '_count'];
const SUMMARY_PARTS = ['_sum', '_count'];

/** The names of the series that a family has besides its own: another family with one of them would be taken for it. */
export function partsOf(family: string, type: MetricType): readonly string[] {
  const parts = type === 'histogram' ? HISTOGRAM_PARTS : type === 'summary' ? SUMMARY_PARTS : [];
  return parts.map((part) => family + part);
}
