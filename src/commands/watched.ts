/**
 * Plans of a person who wants to see more than Prometheus does: the rows behind the samples, the account's grants.
 *
 * They run as every probe does, with the same limits; only what happens to the rows differs.
 */
import type { Plan, PlannedQuery, PlannedSet } from '../probe/plan.ts';
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

/** A set of one more query, which asks what the account may do. */
export function grantsSet(timeoutMs: number): {
  readonly set: PlannedSet;
  readonly lines: () => readonly string[];
} {
  let lines: readonly string[] = [];
  const query = {
    set: 'check',
    name: 'grants',
    sql: 'SHOW GRANTS',
    timeoutMs,
    conditions: undefined,
    params: undefined,
    ignoreErrors: new Set<number>(),
    minIntervalMs: 0,
    maxRows: 10_000,
    map: (result: Rows) => {
      lines = result.rows.flatMap(([line]) => line ?? []);
      return undefined;
    },
  };
  const set = { name: 'check', labels: '', queries: [{ query, timeoutMs, labels: '' }] };
  return { set, lines: () => lines };
}
