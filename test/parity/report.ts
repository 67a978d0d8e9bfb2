/**
 * The results as a table for people and as JSON for programs.
 */
import { alignedTable } from '../../harness/aligned-table.ts';
import type { Difference, Kind } from './difference.ts';
import type { CollectorResult } from './measure.ts';

/** Whether something is missing or different that no deviation allows. */
export function isAtParity({ hasSet, counts, differences, errors }: CollectorResult): boolean {
  return errors.length === 0 && (hasSet || counts.families === 0) && differences.every(isHarmless);
}

/** Whether a difference is allowed, or hurts nobody. */
export const isHarmless = ({ kind, allowed }: Difference) => kind === 'family_extra' || allowed !== undefined;

const HEAD = [
  ['collector', 'set'],
  ['families', 'missing', 'type', 'labels', 'extra'],
  ['series', 'missing', 'extra'],
  ['still', 'differ', 'range', 'allowed', ''],
].flat();

/** One table for each server; collectors that have nothing on it in one line below. */
export function renderTables(results: readonly CollectorResult[]): string {
  const servers = [...new Set(results.map(({ server }) => server))];
  return servers
    .map((server) =>
      renderServer(
        server,
        results.filter((r) => r.server === server),
      ),
    )
    .join('\n');
}

function renderServer(server: string, results: readonly CollectorResult[]): string {
  const isEmpty = ({ counts, differences, errors }: CollectorResult) =>
    counts.families === 0 && differences.length === 0 && errors.length === 0;
  const shown = results.filter((result) => !isEmpty(result));
  const rows = shown.map(rowOf);
  const sums = HEAD.map((_, column) =>
    column < 2 || column === HEAD.length - 1
      ? ''
      : String(rows.reduce((sum, row) => sum + Number(row[column]), 0)),
  );
  const empty = results.filter(isEmpty).map((result) => `${result.collector}${successMark(result)}`);
  return [
    server,
    alignedTable([HEAD, ...rows, ['all', ...sums.slice(1)]], [0, HEAD.length - 1]),
    ...(empty.length === 0 ? [] : [`nothing from mysqld_exporter: ${empty.join(', ')}`]),
    '',
  ].join('\n');
}

function successMark({ upstreamSuccess }: CollectorResult): string {
  if (upstreamSuccess === undefined) return ' (left out)';
  return upstreamSuccess ? '' : ' (failed)';
}

function rowOf(result: CollectorResult): readonly string[] {
  const { counts, differences, errors } = result;
  const count = (kind: Kind) =>
    String(differences.filter((f) => f.kind === kind && f.allowed === undefined).length);
  return [
    result.collector,
    result.hasSet ? 'yes' : 'NO',
    ...[
      String(counts.families),
      count('family_missing'),
      count('type'),
      count('label_names'),
      count('family_extra'),
    ],
    ...[String(counts.series), count('series_missing'), count('series_extra')],
    ...[String(counts.still), count('value'), count('range')],
    String(differences.filter(({ allowed }) => allowed !== undefined).length),
    errors.length > 0 ? `${errors.length} failed` : isAtParity(result) ? 'ok' : 'DIFFERS',
  ];
}

const TITLES: Readonly<Record<Kind, string>> = {
  family_missing: 'family missing',
  type: 'type differs',
  label_names: 'label names differ',
  series_missing: 'series missing',
  series_extra: 'series that mysqld_exporter lacks',
  value: 'value differs',
  range: 'value out of range',
  family_extra: 'family that mysqld_exporter lacks',
};

/** Every difference, a line each. */
export function renderDetails(results: readonly CollectorResult[]): string {
  const lines = results.flatMap(({ server, collector, hasSet, counts, differences, errors }) => {
    const where = `${server} ${collector}`;
    if (!hasSet) return counts.families === 0 ? [] : [`${where}: no query set of this name`];
    return [
      ...errors.map((error) => `${where}: query failed: ${error}`),
      ...differences.map((difference) => `${where}: ${renderDifference(difference)}`),
    ];
  });
  return lines.join('\n');
}

export function renderDifference({ kind, family, series, upstream, ours, allowed }: Difference): string {
  const values = [
    ...(upstream === undefined ? [] : [`theirs ${upstream}`]),
    ...(ours === undefined ? [] : [`ours ${ours}`]),
  ];
  const tail = allowed === undefined ? '' : `  (allowed: ${allowed})`;
  return `${TITLES[kind]}: ${series || family}${values.length === 0 ? '' : `: ${values.join(', ')}`}${tail}`;
}
