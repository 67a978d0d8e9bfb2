/**
 * Plans of a person who wants to see more than Prometheus does: the rows behind the samples, the account's grants.
 *
 * They run as every probe does, with the same limits; only what happens to the rows differs.
 */
import type { Plan, PlannedQuery, PlannedSet } from '../probe/catalog.ts';
import type { Rows } from '../query-set/compiled.ts';

/** The plan with one query of one set. */
export function onlyQuery(plan: Plan, set: PlannedSet, query: PlannedQuery): Plan {
  return {
    ...plan,
    key: JSON.stringify([plan.key, set.name, query.query.name]),
    sets: [{ ...set, queries: [query] }],
  };
}

/** The query, and what the server answers to it: undefined until it has. */
export function keepingRows(planned: PlannedQuery): {
  readonly planned: PlannedQuery;
  readonly rows: () => Rows | undefined;
} {
  let kept: Rows | undefined;
  const { query } = planned;
  const map: typeof query.map = (result, sink) => {
    kept = result;
    return query.map(result, sink);
  };
  return { planned: { ...planned, query: { ...query, map } }, rows: () => kept };
}

/** A set of three more queries, which ask what the account may do and what the server is. */
export function accountSet(timeoutMs: number): {
  readonly set: PlannedSet;
  /** Of SHOW GRANTS; empty without an answer. */
  readonly grants: () => readonly string[];
  /** CURRENT_ROLE(), and NONE for none; undefined without an answer. */
  readonly activeRole: () => string | undefined;
  /** Of the server; undefined without an answer. */
  readonly version: () => string | undefined;
} {
  const grants = ask('grants', 'SHOW GRANTS', timeoutMs);
  const role = ask('role', "SELECT COALESCE(CURRENT_ROLE(), 'NONE')", timeoutMs);
  const version = ask('version', 'SELECT VERSION()', timeoutMs);
  const set = { name: 'check', labels: '', queries: [grants.planned, role.planned, version.planned] };
  return {
    set,
    grants: grants.lines,
    activeRole: () => role.lines()[0],
    version: () => version.lines()[0],
  };
}

/** A query of ours, whose first column is kept. */
function ask(
  name: string,
  sql: string,
  timeoutMs: number,
): { readonly planned: PlannedQuery; readonly lines: () => readonly string[] } {
  const { planned, rows } = askRows(name, sql, timeoutMs);
  return { planned, lines: () => (rows()?.rows ?? []).flatMap(([line]) => line ?? []) };
}

/** A query of ours, and what the server answers to it: undefined until it has. */
export function askRows(
  name: string,
  sql: string,
  timeoutMs: number,
): { readonly planned: PlannedQuery; readonly rows: () => Rows | undefined } {
  let kept: Rows | undefined;
  const map = (result: Rows) => {
    kept = { columns: result.columns, rows: result.rows };
    return undefined;
  };
  const query = {
    set: 'check',
    name,
    sql,
    timeoutMs,
    source: undefined,
    conditions: undefined,
    params: undefined,
    onlyIf: undefined,
    mayCall: false,
    endsSession: false,
    ignoreErrors: new Set<number>(),
    minIntervalMs: 0,
    maxRows: 10_000,
    maxSeries: 0,
    map,
    mapFor: () => map,
  };
  return { planned: { query, timeoutMs, countsStatements: false, labels: '' }, rows: () => kept };
}
