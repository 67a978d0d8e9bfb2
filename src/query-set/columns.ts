/**
 * Where a query's columns stand in a result.
 *
 * Names match exactly or else without regard to case: MySQL 8 answers `SELECT user FROM information_schema...`
 * with a column called USER.
 */
import type { MapFailure } from './compiled.ts';

/** The positions of `wanted` in `columns`, in the order of `wanted`; a failure that names all that are missing. */
export function locate(
  columns: readonly string[],
  wanted: readonly string[],
): readonly number[] | MapFailure {
  const at = wanted.map((name) => find(columns, name));
  const missing = wanted.filter((_, i) => (at[i] ?? -1) < 0);
  if (missing.length === 0) return at;
  return {
    ok: false,
    reason: 'missing_column',
    detail: `no column ${list(missing)}; the result has ${columns.length === 0 ? 'no columns at all' : list(columns)}`,
  };
}

function find(columns: readonly string[], name: string): number {
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
