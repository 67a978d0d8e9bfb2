/**
 * Where a query's columns stand in a result.
 *
 * Names match exactly or else without regard to case: MySQL 8 answers `SELECT user FROM information_schema...`
 * with a column called USER.
 */
import type { MapFailure, Row } from '../compiled.ts';
import type { MatchTime } from './match-time.ts';

/** Where the columns of a query stand in the result at hand. */
export type ColumnIndex = ReadonlyMap<string, number>;

/** A result whose columns were found. */
export interface BoundResult {
  readonly columns: readonly string[];
  readonly places: ColumnIndex;
  /** For all regular expressions that this result meets. */
  readonly time: MatchTime;
  /** Whether the server answered any row, those included that are left out by now. */
  readonly isAnswered: boolean;
}

/** Some rows of a result. */
export interface Slice {
  readonly rows: readonly Row[];
  /** The place of the first one in the result. */
  readonly first: number;
  /** The place of each, when some between them are left out. */
  readonly numbers?: readonly number[] | undefined;
}

/** What is looked for in a result. */
export interface Wanted {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Columns that `extract` adds, for the message. */
  readonly groups?: readonly string[];
}

/** Finds the places of all `required` columns and of those `optional` ones that there are. */
export type FindPlaces = (columns: readonly string[]) => ColumnIndex | MapFailure;

/** A result may have thousands of columns, and long names. */
const MAX_REMEMBERED = 256;

/** Columns are the same in every result of a query, as a rule: the last places are remembered. */
export function compilePlaces(wanted: Wanted): FindPlaces {
  let known: readonly string[] = [];
  let places: ColumnIndex | MapFailure | undefined;
  return (columns) => {
    const isKnown = columns.length === known.length && columns.every((column, i) => column === known[i]);
    if (isKnown && places !== undefined) return places;
    const found = place(columns, wanted);
    if (columns.length > MAX_REMEMBERED) return found;
    known = columns;
    places = found;
    return found;
  };
}

function place(
  columns: readonly string[],
  { groups = [], optional, required }: Wanted,
): ColumnIndex | MapFailure {
  const located = locate(columns, required, groups);
  if ('reason' in located) return located;
  const places = new Map(required.map((column, i) => [column, located[i] ?? 0]));
  for (const column of optional) {
    const at = find(columns, column);
    if (at >= 0) places.set(column, at);
  }
  return places;
}

/** The positions of `wanted` in `columns`, in the order of `wanted`; a failure that names all that are missing. */
function locate(
  columns: readonly string[],
  wanted: readonly string[],
  groups: readonly string[],
): readonly number[] | MapFailure {
  const at = wanted.map((name) => find(columns, name));
  const missing = wanted.filter((_, i) => (at[i] ?? -1) < 0);
  if (missing.length === 0) return at;
  const has = columns.length === 0 ? 'no columns at all' : list(columns);
  const gives = groups.length === 0 ? '' : `, and extract gives ${list(groups)}`;
  return {
    ok: false,
    reason: 'missing_column',
    detail: `no column ${list(missing)}; the result has ${has}${gives}`,
  };
}

/** Where a name stands; -1 when it is not there, or twice. */
export function find(columns: readonly string[], name: string): number {
  const exact = columns.indexOf(name);
  if (exact >= 0) {
    // Twice the same name: which of the two is meant cannot be known.
    return columns.indexOf(name, exact + 1) < 0 ? exact : -1;
  }
  const lower = name.toLowerCase();
  const alike = columns.flatMap((column, i) => (column.toLowerCase() === lower ? [i] : []));
  return alike.length === 1 ? (alike[0] ?? -1) : -1;
}

const MAX_LISTED = 20;

function list(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : '';
  return (
    names
      .slice(0, MAX_LISTED)
      .map((name) => JSON.stringify(name.slice(0, 64)))
      .join(', ') + more
  );
}
