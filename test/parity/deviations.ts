/**
 * Where we differ on purpose. Everything else that is missing or different makes the comparison fail.
 */
import type { Finding } from './finding.ts';

interface Deviation {
  readonly kind: Finding['kind'];
  /** Of the family. */
  readonly family: RegExp;
  /** When only some of its series or values are meant. */
  readonly only?: (finding: Finding) => boolean;
  readonly reason: string;
}

const DEVIATIONS: readonly Deviation[] = [
  {
    kind: 'value',
    family: /^mysql_exporter_collector_success$/,
    only: ({ upstream }) => upstream === '0',
    reason: 'it fails where the server lacks the feature; we skip the query, which is no failure',
  },
  {
    kind: 'family_missing',
    family: /^mysql_global_(status|variables)_/,
    only: ({ upstream }) => upstream === 'NaN' || upstream === 'Infinity' || upstream === '-Infinity',
    reason: 'a text such as inf or nan is not a number to us',
  },
  {
    kind: 'value',
    family: /^mysql_global_status_max_used_connections_time$/,
    only: ({ ours, upstream }) => (Number(upstream) - Number(ours)) % 1800 === 0,
    reason: 'a date in the time zone of the session: ours is UTC, so ours is the true time',
  },
  {
    kind: 'range',
    family: /^mysql_exporter_collector_duration_seconds$/,
    reason: 'each exporter tells its own time',
  },
  {
    kind: 'value',
    family: /^mysql_(?:perf_schema_memory_events_\w+|sys_current_memory_bytes)$/,
    reason: 'the memory of the sessions that ask, which each exporter changes by asking',
  },
];

export function deviationOf(finding: Finding): Deviation | undefined {
  return DEVIATIONS.find(
    ({ kind, family, only = () => true }) =>
      kind === finding.kind && family.test(finding.family) && only(finding),
  );
}
