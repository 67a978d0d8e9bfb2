/**
 * One cell as several: the named groups of a regular expression become columns of the row.
 *
 * For what a server packs into one text: positions of replication, the report of InnoDB.
 */
import type { ExtractDefinition } from '../config/metric-definition.ts';
import type { Table } from './columns.ts';
import type { MapFailure, Rows } from './compiled.ts';
import { compileCondition } from './condition.ts';
import type { MetricFamilies, MetricMapper } from './metric-mapper.ts';

type Row = Rows['rows'][number];

/** Longer lines are cut: a regular expression may take time with the square of its input. */
const MAX_LINE = 4096;
/** The sum of the squares of the lines of one result: a tenth of a second at the worst. */
const MAX_WORK = 1 << 27;

/** The metric with its extracted columns; `inner` as it is when there are none. */
export function compileExtract(
  { definition: { extract, when } }: MetricFamilies,
  inner: MetricMapper,
  maxSeries: number,
): MetricMapper {
  if (extract === undefined) return inner;
  const { column, each, groups } = extract;
  const split = compileSplit(extract);
  // Looked at before the expression is tried: a status has hundreds of rows, and this metric is made of one.
  const condition = groups.includes(when?.column ?? '') ? undefined : compileCondition(when);
  const required = inner.required.filter((name) => !groups.includes(name));
  return {
    ...inner,
    required: [...required, column],
    seriesPerRow: each ? 0 : inner.seriesPerRow,
    map: (table, sink) => {
      const at = table.places.get(column) ?? -1;
      const conditionAt = condition === undefined ? -1 : (table.places.get(condition.column) ?? -1);
      const rows = table.rows.filter((row) => condition?.holds(row[conditionAt] ?? null) ?? true);
      const extended = extendRows(rows, at, split);
      if ('reason' in extended) return extended;
      const series = extended.length * inner.seriesPerRow;
      if (series > maxSeries)
        return { ok: false, reason: 'limit', detail: `${series} series, and max_series is ${maxSeries}` };
      return inner.map(extendTable(table, groups, extended), sink);
    },
  };
}

function extendTable({ columns, places }: Table, groups: readonly string[], rows: readonly Row[]): Table {
  return {
    columns: [...columns, ...groups],
    rows,
    places: new Map([...places, ...groups.map((group, i) => [group, columns.length + i] as const)]),
  };
}

function extendRows(rows: readonly Row[], at: number, split: Split): readonly Row[] | MapFailure {
  let work = 0;
  const extended: Row[] = [];
  for (const row of rows) {
    const lines = (row[at] ?? '').split('\n').map((line) => line.slice(0, MAX_LINE));
    for (const line of lines) work += line.length ** 2;
    if (work > MAX_WORK)
      return { ok: false, reason: 'limit', detail: 'extract: the text is too long to be looked through' };
    for (const cells of split(lines)) extended.push([...row, ...cells]);
  }
  return extended;
}

/** The cells of the groups: of the first match, or of each. */
type Split = (lines: readonly string[]) => readonly Row[];

function compileSplit({ each, groups, match }: ExtractDefinition): Split {
  const cellsOf = (found: RegExpExecArray | null) => groups.map((group) => found?.groups?.[group] ?? null);
  if (each) {
    const pattern = new RegExp(match, 'gu');
    return (lines) => lines.flatMap((line) => [...line.matchAll(pattern)].map(cellsOf));
  }
  const pattern = new RegExp(match, 'u');
  return (lines) => {
    for (const line of lines) {
      const found = pattern.exec(line);
      if (found !== null) return [cellsOf(found)];
    }
    return [cellsOf(null)];
  };
}
