/**
 * Definitions of query sets to their compiled form. Total: what can be wrong was found when they were loaded.
 */
import type { MetricDefinition, QueryDefinition, QuerySetDefinition } from '../config/config.ts';
import type { CompiledQuery, CompiledQuerySet, QueryConditions } from './compiled.ts';
import { FamilyTable } from './family-table.ts';
import type { MetricFamilies } from './metric-mapper.ts';
import { compilePivot } from './pivot-map.ts';
import { type Unmet, unmet, wantedBy } from './requirement.ts';
import { compileRowMap } from './row-map.ts';

/** Compiles all sets together, since they share families. */
export function compileQuerySets(
  definitions: Iterable<QuerySetDefinition>,
): ReadonlyMap<string, CompiledQuerySet> {
  const families = new FamilyTable();
  const sets = new Map<string, CompiledQuerySet>();
  for (const set of definitions) {
    const { name, queries } = set;
    sets.set(name, { name, queries: queries.map((query) => compileQuery(set, query, families)) });
  }
  return sets;
}

function compileQuery(
  { name: set, params }: QuerySetDefinition,
  query: QueryDefinition,
  families: FamilyTable,
): CompiledQuery {
  const { maxRows, maxSeries, metrics, name, pivot, sql, timeoutMs } = query;
  const mapRows = compileRowMap(
    metrics.map((definition) => withFamilies(definition, families)),
    maxSeries,
  );
  const mapKeys = pivot === undefined ? undefined : compilePivot(pivot, families, maxSeries);
  return {
    set,
    name,
    sql,
    conditions: compileConditions(query),
    params,
    ignoreErrors: new Set(query.ignoreErrors),
    minIntervalMs: query.minIntervalMs ?? 0,
    timeoutMs,
    maxRows,
    map: mapKeys === undefined ? mapRows : (result, sink) => mapKeys(result, sink) ?? mapRows(result, sink),
  };
}

function withFamilies(definition: MetricDefinition, families: FamilyTable): MetricFamilies {
  const { aliases = [], family, help, type } = definition;
  const define = (name: string) =>
    families.define(name, type === 'info' || type === 'stateset' ? 'gauge' : type, help);
  return { definition, families: [define(family), ...aliases.map(define)] };
}

function compileConditions({ requires, sql, variants }: QueryDefinition): QueryConditions | undefined {
  if (requires === undefined && variants === undefined) return undefined;
  return {
    wanted: wantedBy([requires, ...(variants ?? []).map(({ when }) => when)]),
    choose: (facts) => {
      const lacking = requires === undefined ? undefined : unmet(requires, facts);
      if (lacking !== undefined) return lacking;
      if (variants === undefined) return { sql };
      let last: Unmet | undefined;
      for (const variant of variants) {
        last = variant.when === undefined ? undefined : unmet(variant.when, facts);
        if (last === undefined) return { sql: variant.sql };
      }
      return last ?? { sql };
    },
  };
}
