/**
 * Definitions of query sets to their compiled form. Total: what can be wrong was found when they were loaded.
 */
import type { QueryDefinition, QuerySetDefinition } from '../config/config.ts';
import type { CompiledQuery, CompiledQuerySet, Family } from './compiled.ts';
import { compileRowMap } from './row-map.ts';

/** Compiles all sets together, since they share families. */
export function compileQuerySets(
  definitions: Iterable<QuerySetDefinition>,
): ReadonlyMap<string, CompiledQuerySet> {
  const families = new Map<string, Family>();
  const sets = new Map<string, CompiledQuerySet>();
  for (const { name, queries } of definitions) {
    sets.set(name, { name, queries: queries.map((query) => compileQuery(name, query, families)) });
  }
  return sets;
}

function compileQuery(set: string, query: QueryDefinition, families: Map<string, Family>): CompiledQuery {
  const metrics = query.metrics.map((definition) => {
    const { family: name, type, help } = definition;
    const family = families.get(name) ?? { name, type, help };
    families.set(name, family);
    return { definition, family };
  });
  return {
    set,
    name: query.name,
    sql: query.sql,
    timeoutMs: query.timeoutMs,
    maxRows: query.maxRows,
    map: compileRowMap(metrics, query.maxSeries),
  };
}
