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
/** A report of a megabyte takes a few milliseconds; what takes this long was written to take long. */
const MAX_MS = 50;

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
  const until = performance.now() + MAX_MS;
  const extended: Row[] = [];
  for (const row of rows) {
    const found = split(row[at] ?? '', until);
    if (found === undefined)
      return {
        ok: false,
        reason: 'limit',
        detail: `extract: the text took more than ${MAX_MS} ms to look through`,
      };
    for (const cells of found) extended.push([...row, ...cells]);
  }
  return extended;
}

/** The cells of the groups: of the first match, or of each; undefined when time is over. */
type Split = (text: string, until: number) => readonly Row[] | undefined;

function compileSplit({ each, groups, match }: ExtractDefinition): Split {
  const cellsOf = (found: RegExpExecArray | null) => groups.map((group) => found?.groups?.[group] ?? null);
  const pattern = new RegExp(match, 'gu');
  return (text, until) => {
    const matches: Row[] = [];
    for (const line of text.split('\n')) {
      for (const found of line.slice(0, MAX_LINE).matchAll(pattern)) {
        matches.push(cellsOf(found));
        if (!each) return matches;
      }
      if (performance.now() > until) return undefined;
    }
    return each ? matches : [cellsOf(null)];
  };
}
