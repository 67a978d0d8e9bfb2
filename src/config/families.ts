/**
 * Rules for family names over all query sets: Prometheus refuses an answer in which one family has two types or
 * two HELP texts, and any two sets may meet in one answer. Other labels it would take, but no sum over them is right.
 */
import type { MetricType } from './config.ts';
import type { Finding } from './finding.ts';

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

const RESERVED: ReadonlySet<string> = new Set(PROBE_FAMILIES);

/** One metric definition and where it stands. */
export interface FamilyUse {
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error for each definition that contradicts an earlier one or takes a reserved name. */
export function checkFamilies(uses: readonly FamilyUse[]): Finding[] {
  const findings: Finding[] = [];
  const firstUses = new Map<string, FamilyUse>();
  for (const use of uses) {
    const report = (message: string) => {
      const { file, line, column } = use;
      findings.push({
        severity: 'error',
        file,
        line,
        column,
        message: `the metric ${use.family} ${message}`,
      });
    };
    if (RESERVED.has(use.family)) report('is one that the exporter itself exposes: choose another name');
    const first = firstUses.get(use.family);
    if (!first) {
      firstUses.set(use.family, use);
      continue;
    }
    const place = `${first.file}:${first.line}`;
    if (first.type !== use.type) report(`is a ${use.type} here but a ${first.type} at ${place}`);
    if (first.help !== use.help)
      report(`has another description at ${place}: one metric has one description everywhere`);
    if (sorted(first.labels) !== sorted(use.labels))
      report(
        `has ${describe(use.labels)} here but ${describe(first.labels)} at ${place}: one metric has the same labels everywhere`,
      );
  }
  return findings;
}

const sorted = (labels: readonly string[]): string => labels.toSorted().join();

const describe = (labels: readonly string[]): string =>
  labels.length === 0 ? 'no label' : `the label${labels.length > 1 ? 's' : ''} ${labels.join(', ')}`;
