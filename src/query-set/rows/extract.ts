/**
 * One cell as several: the named groups of a regular expression become columns of the row.
 *
 * For what a server packs into one text: positions of replication, the report of InnoDB.
 */
import type { ExtractDefinition } from '../../model/metric.ts';
import { checked, compileEach, compilePattern, type Match, type Pattern } from '../../pattern/pattern.ts';
import { type BoundResult, find, type Slice } from '../cells/columns.ts';
import { type Condition, compileCondition } from '../cells/condition.ts';
import { type MatchWork, TOO_MUCH } from '../cells/match-work.ts';
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
  { places: placeOf, work }: BoundResult,
  { column, condition, split }: Extraction,
): (slice: Slice) => Slice | MapFailure {
  const at = placeOf.get(column) ?? -1;
  const conditionAt = condition === undefined ? -1 : (placeOf.get(condition.column) ?? -1);
  return ({ first, numbers, rows }) => {
    const extended: Row[] = [];
    const places: number[] = [];
    for (const [r, row] of rows.entries()) {
      if (condition !== undefined && !condition.holds(row[conditionAt] ?? null)) continue;
      const found = split(row[at] ?? '', work);
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
type Split = (text: string, work: MatchWork) => readonly Row[] | MapFailure;

function compileSplit({ column, each, groups, match }: ExtractDefinition): Split {
  const { names, search } = each ? compileAll(match) : compileFirst(match);
  const places = groups.map((group) => names.get(group) ?? 0);
  const cellsOf = (found: Match) => places.map((at) => found[at] ?? null);
  const limit = (what: string): MapFailure => ({
    ok: false,
    reason: 'limit',
    detail: `column "${column}": extract ${what}`,
  });
  return (text, work) => {
    const matches: Row[] = [];
    for (const line of text.split('\n')) {
      if (line.length > MAX_LINE)
        return limit(`is for lines of at most ${MAX_LINE} characters, and one has ${line.length}`);
      const found = search(line, work);
      if (found === undefined) return limit(TOO_MUCH);
      for (const match of found) matches.push(cellsOf(match));
      if (!each && matches.length > 0) return matches;
    }
    return each ? matches : [groups.map(() => null)];
  };
}

/** What a line has of a pattern; undefined when that is too much work. */
type Search = (line: string, work: MatchWork) => readonly Match[] | undefined;

interface Searched extends Pick<Pattern, 'names'> {
  readonly search: Search;
}

function compileAll(match: string): Searched {
  const pattern = checked(compileEach(match));
  return { names: pattern.names, search: (line, work) => work.all(pattern, line) };
}

function compileFirst(match: string): Searched {
  const pattern = checked(compilePattern(match));
  return {
    names: pattern.names,
    search: (line, work) => {
      const found = work.exec(pattern, line);
      return found === null ? [] : found && [found];
    },
  };
}
