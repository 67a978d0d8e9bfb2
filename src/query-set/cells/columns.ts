/**
 * Where a query's columns stand in a result.
 *
 * Names match exactly or else without regard to case: MySQL 8 answers `SELECT user FROM information_schema...`
 * with a column called USER.
 */
import type { MapFailure, Row } from '../compiled.ts';
import type { MatchWork } from './match-work.ts';

/** Where the columns of a query stand in the result at hand. */
export type ColumnIndex = ReadonlyMap<string, number>;

/** A result whose columns were found. */
export interface BoundResult {
  readonly columns: readonly string[];
  readonly places: ColumnIndex;
  /** For all regular expressions that this result meets. */
  readonly work: MatchWork;
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
export interface Wanted extends Reading {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** How columns are looked for. */
export interface Reading {
  /** Columns that `extract` adds, for the message. */
  readonly groups?: readonly string[];
  /** Which of several columns of one name is meant; when undefined none is, for it cannot be known. */
  readonly repeated?: 'last' | undefined;
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

function place(columns: readonly string[], wanted: Wanted): ColumnIndex | MapFailure {
  const { optional, repeated, required } = wanted;
  const missing = missingColumns(columns, required, wanted);
  if (missing !== undefined) return missing;
  const places = new Map<string, number>();
  for (const column of [...required, ...optional]) {
    const at = find(columns, column, repeated);
    if (at >= 0) places.set(column, at);
  }
  return places;
}

/** A failure that names all of the `wanted` columns that are not there, or there twice; undefined when there is none. */
export function missingColumns(
  columns: readonly string[],
  wanted: readonly string[],
  { groups = [], repeated }: Reading,
): MapFailure | undefined {
  const notFound = wanted.filter((name) => find(columns, name, repeated) < 0);
  if (notFound.length === 0) return undefined;
  const twice = notFound.filter((name) => isThere(columns, name));
  const missing = notFound.filter((name) => !twice.includes(name));
  const has = columns.length === 0 ? 'no columns at all' : list(columns);
  const gives = groups.length === 0 ? '' : `, and extract gives ${list(groups)}`;
  const problems = [
    ...(missing.length === 0 ? [] : [`no column ${list(missing)}`]),
    ...(twice.length === 0
      ? []
      : [`column ${list(twice)} is there twice: give each a name of its own with AS`]),
  ];
  return {
    ok: false,
    reason: 'missing_column',
    detail: `${problems.join('; ')}; the result has ${has}${gives}`,
  };
}

/** Whether the result has the column at all, be it twice. */
export function isThere(columns: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  return columns.some((column) => column.toLowerCase() === lower);
}

/** Where a name stands; -1 when it is not there, or twice and it is not said which one is meant. */
export function find(columns: readonly string[], name: string, repeated?: 'last'): number {
  const exact = columns.indexOf(name);
  if (exact >= 0) {
    const last = columns.lastIndexOf(name);
    return last === exact || repeated === 'last' ? last : -1;
  }
  const lower = name.toLowerCase();
  const alike = columns.flatMap((column, i) => (column.toLowerCase() === lower ? [i] : []));
  return alike.length === 1 || repeated === 'last' ? (alike.at(-1) ?? -1) : -1;
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
