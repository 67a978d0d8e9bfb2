/**
 * Where we differ on purpose. Everything else that is missing or different makes the comparison fail.
 */
import type { Difference } from './difference.ts';
import type { ServerName } from './servers.ts';

interface Deviation {
  readonly kind: Difference['kind'];
  /** Of the family. */
  readonly family: RegExp;
  /** On which servers; on all when undefined. */
  readonly server?: RegExp;
  /** When only some of its series or values are meant. */
  readonly only?: (difference: Difference) => boolean;
  readonly reason: string;
}

/**
 * MySQL's own threads, such as those of group replication: information_schema.processlist shows one of them as
 * `system user` without a host, performance_schema.processlist, which we read because it takes no global lock, as
 * `root` on `localhost`, and in another state. The thread that receives from a source has the host `connecting host`
 * in the one and none in the other.
 */
const SPECIAL_THREADS: readonly Deviation[] = [
  {
    kind: 'value' as const,
    family: /^mysql_info_schema_processlist_processes_by_(?:host|user)$/,
    only: ({ ours, series, upstream }: Difference) =>
      /="(?:localhost|unknown|root|system user)"/.test(series) &&
      Math.abs(Number(ours) - Number(upstream)) === 1,
  },
  {
    kind: 'series_missing' as const,
    family: /^mysql_info_schema_processlist_processes_by_host$/,
    only: ({ series }: Difference) => series.includes('="connecting host"'),
  },
  ...(['series_missing', 'series_extra'] as const).map((kind) => ({
    kind,
    family: /^mysql_info_schema_processlist_(?:seconds|threads)$/,
    only: ({ series }: Difference) => series.includes('command="connect"'),
  })),
].map((deviation) => ({
  ...deviation,
  server: /^mysql-/,
  reason: 'special threads, which performance_schema.processlist shows otherwise',
}));

/** More than one session needs, and much less than a server has in use. */
const SESSION_BYTES = 4 * 1024 * 1024;

/** What temporary tables of one session take of the buffer pool. */
const FEW_PAGES = 16;
const PAGE_BYTES = 16 * 1024;

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
    kind: 'family_missing',
    family:
      /^mysql_global_status_(?:max_used_connections_time|validate_password_dictionary_file_last_parsed)$/,
    reason: 'a time in the zone of the server process, which nobody can read without knowing the zone',
  },
  {
    kind: 'value',
    family: /^mysql_info_schema_auto_increment_column$/,
    server: /^mysql-/,
    only: ({ ours, upstream }) => Number(upstream) === 2 ** 63 && Number(ours) > 2 ** 63,
    reason:
      'the server keeps no next number above 2^63 - 1 in its statistics; ours is asked of the table itself',
  },
  {
    kind: 'range',
    family: /^mysql_exporter_collector_duration_seconds$/,
    reason: 'each exporter tells its own time',
  },
  {
    kind: 'value',
    family: /^mysql_global_status_(?:buffer_pool_dirty_pages|innodb_buffer_pool_bytes_dirty)$/,
    only: ({ family, ours, upstream }) =>
      Math.abs(Number(ours) - Number(upstream)) <= FEW_PAGES * (family.includes('bytes') ? PAGE_BYTES : 1),
    reason: 'pages of temporary tables, which each exporter makes by asking; which are there yet is chance',
  },
  ...(['value', 'range'] as const).map((kind) => ({
    kind,
    family: /^mysql_info_schema_innodb_metrics_cpu_cpu_[us]time_(?:abs|pct)_total$/,
    reason:
      'the processor time of the server in the second before, which goes up and down in spite of its name',
  })),
  ...(['value', 'range'] as const).map((kind) => ({
    kind,
    family: /^mysql_(?:perf_schema_memory_events_\w+|sys_current_memory_bytes)$/,
    only: ({ ours, upstream = '' }: Difference) =>
      upstream.split(' … ').some((theirs) => Math.abs(Number(ours) - Number(theirs)) < SESSION_BYTES),
    reason: 'the memory of the sessions that ask, which each exporter changes by asking',
  })),
  ...SPECIAL_THREADS,
];

export function deviationOf(difference: Difference, on: ServerName): Deviation | undefined {
  return DEVIATIONS.find(
    ({ kind, family, only = () => true, server = /^/ }) =>
      kind === difference.kind && family.test(difference.family) && server.test(on) && only(difference),
  );
}
