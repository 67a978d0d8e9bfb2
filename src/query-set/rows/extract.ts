/**
 * One cell as several: the named groups of a regular expression become columns of the row.
 *
 * For what a server packs into one text: positions of replication, the report of InnoDB.
 */
import type { ExtractDefinition } from '../../model/metric.ts';
import { type BoundResult, find, type Slice } from '../cells/columns.ts';
import { type Condition, compileCondition } from '../cells/condition.ts';
import { MAX_MATCH_MS, type MatchTime } from '../cells/match-time.ts';
import type { MapFailure, Row } from '../compiled.ts';
import type { MetricFamilies, MetricMapper } from './metric-mapper.ts';

/** Longest line. A longer one is not cut: half of a number would be another number. */
const MAX_LINE = 16_384;

/** The metric with its extracted columns; `inner` as it is when there are none. */
export function compileExtract(
  { definition: { extract, when } }: MetricFamilies,
  inner: MetricMapper,
): MetricMapper {
  if (extract === undefined) return inner;
  const { column, groups } = extract;
  // Each name that means a group, as the metric spells it.
  const groupAt = new Map(
    [...groups, ...inner.required, ...inner.optional].flatMap((name) => {
      const group = find(groups, name);
      return group < 0 ? [] : [[name, group] as const];
    }),
  );
  // Looked at before the expression is tried: a status has hundreds of rows, and this metric is made of one.
  const condition = groupAt.has(when?.column ?? '') ? undefined : compileCondition(when);
  const extraction = { column, groups, groupAt, condition, split: compileSplit(extract) };
  const isColumn = (name: string) => !groupAt.has(name);
  return {
    ...inner,
    required: [...inner.required.filter(isColumn), column],
    optional: inner.optional.filter(isColumn),
    begin: (table, sink) => {
      const run = inner.begin(extendTable(table, extraction), sink);
      if ('reason' in run) return run;
      const extend = extendRows(table, extraction);
      return {
        take: (slice) => {
          const extended = extend(slice);
          return 'reason' in extended ? extended : run.take(extended);
        },
        finish: run.finish,
      };
    },
  };
}

/** An extract, compiled. */
interface Extraction {
  readonly column: string;
  readonly groups: readonly string[];
  /** By each name of a group that the metric uses. */
  readonly groupAt: ReadonlyMap<string, number>;
  readonly condition: Condition | undefined;
  readonly split: Split;
}

/** The table with the groups as columns behind its own. */
function extendTable(table: BoundResult, { groupAt, groups }: Extraction): BoundResult {
  const { columns, places } = table;
  const added = [...groupAt].map(([name, group]) => [name, columns.length + group] as const);
  return { ...table, columns: [...columns, ...groups], places: new Map([...places, ...added]) };
}

/** Rows with the cells of their groups, those left out for which the condition does not hold. */
function extendRows(
  { places: placeOf, time }: BoundResult,
  { column, condition, split }: Extraction,
): (slice: Slice) => Slice | MapFailure {
  const at = placeOf.get(column) ?? -1;
  const conditionAt = condition === undefined ? -1 : (placeOf.get(condition.column) ?? -1);
  return ({ first, numbers, rows }) => {
    const extended: Row[] = [];
    const places: number[] = [];
    for (const [r, row] of rows.entries()) {
      if (condition !== undefined && !condition.holds(row[conditionAt] ?? null)) continue;
      const found = split(row[at] ?? '', time);
      if ('reason' in found) return found;
      for (const cells of found) {
        extended.push([...row, ...cells]);
        places.push(numbers?.[r] ?? first + r);
      }
    }
    return { rows: extended, first, numbers: places };
  };
}

/** The cells of the groups: of the first match, or of each. */
type Split = (text: string, time: MatchTime) => readonly Row[] | MapFailure;

function compileSplit({ column, each, groups, match }: ExtractDefinition): Split {
  const cellsOf = (found: RegExpExecArray | null) => groups.map((group) => found?.groups?.[group] ?? null);
  const pattern = new RegExp(match, 'gu');
  const limit = (what: string): MapFailure => ({
    ok: false,
    reason: 'limit',
    detail: `column "${column}": extract ${what}`,
  });
  const tooSlow = limit(`took the matches of this result to more than ${MAX_MATCH_MS} ms`);
  return (text, time) => {
    const matches: Row[] = [];
    const isTimeLeft = time.watch();
    for (const line of text.split('\n')) {
      if (line.length > MAX_LINE)
        return limit(`is for lines of at most ${MAX_LINE} characters, and one has ${line.length}`);
      for (const found of line.matchAll(pattern)) {
        matches.push(cellsOf(found));
        if (!isTimeLeft()) return tooSlow;
        if (!each) return matches;
      }
      if (!isTimeLeft()) return tooSlow;
    }
    return each ? matches : [cellsOf(null)];
  };
}
