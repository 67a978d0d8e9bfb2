/**
 * Definitions of query sets to their compiled form. Cannot fail: what can be wrong is reported when a file is loaded.
 */

import type { MetricDefinition } from '../model/metric.ts';
import { METRIC_TYPE_RULES } from '../model/metric-type.ts';
import type { QueryDefinition, QuerySetDefinition } from '../model/query-set.ts';
import type { Unmet } from '../model/reason.ts';
import { mayChangeSession } from '../sql/stored-code.ts';
import type { CompiledQuery, CompiledQuerySet, Mapped, QueryConditions, RowsMap } from './compiled.ts';
import { FamilyTable } from './family-table.ts';
import { compilePivot } from './pivot/pivot-map.ts';
import { unmet, wantedBy } from './requirement.ts';
import type { MetricFamilies } from './rows/metric-mapper.ts';
import { compileRowMap, WHEN_EMPTY } from './rows/row-map.ts';
import { limitSeries } from './series-limit.ts';
import { switchesOf, switchQuery } from './switches.ts';

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
  { name: set, params = {} }: QuerySetDefinition,
  query: QueryDefinition,
  families: FamilyTable,
): CompiledQuery {
  const { maxRows, maxSeries, name, onlyIf, sql, timeoutMs } = query;
  // Also those of metrics that a target may switch on: no server may bring in their names first.
  for (const metric of query.metrics) withFamilies(metric, families);
  const mapFor = compileMaps(query, families);
  const declared = Object.keys(params).length === 0 ? undefined : params;
  return {
    set,
    name,
    source: { definition: query, params: declared, values: undefined },
    sql,
    conditions: compileConditions(query),
    params: declared,
    mayCall: query.allowCall === true,
    endsSession: [sql, ...(query.variants ?? []).map((variant) => variant.sql)].some(mayChangeSession),
    ignoreErrors: new Set(query.ignoreErrors),
    minIntervalMs: query.minIntervalMs ?? 0,
    timeoutMs,
    maxRows,
    maxSeries,
    onlyIf,
    map: mapFor((param) => params[param]?.default === true, maxSeries),
    mapFor,
  };
}

/** What a result becomes, compiled once for each combination of switches that some target has. */
function compileMaps(query: QueryDefinition, families: FamilyTable): CompiledQuery['mapFor'] {
  const switches = switchesOf(query);
  const maps = new Map<string, RowsMap>();
  const remembered = (key: string, make: () => RowsMap): RowsMap => {
    const map = maps.get(key) ?? make();
    maps.set(key, map);
    return map;
  };
  return (isOn, maxSeries) => {
    const on = switches.filter(isOn).join(' ');
    // Whatever the limit, the shapes of results that came before are known to all targets.
    const map = () => remembered(on, () => compileMap(switchQuery(query, isOn), families));
    return remembered(`${on} ${maxSeries}`, () => limitSeries(map(), maxSeries));
  };
}

function compileMap(
  { metrics, onEmpty = 'ok', pivot, repeatedColumns: repeated }: QueryDefinition,
  families: FamilyTable,
): RowsMap {
  const mapRows = compileRowMap(
    metrics.map((definition) => withFamilies(definition, families)),
    { onEmpty, repeated, hasOthers: pivot !== undefined },
  );
  if (pivot === undefined) return mapRows;
  const mapKeys = compilePivot(pivot, families);
  // The texts of all rows are not made only to look whether there are rows.
  if (metrics.length === 0 && !WHEN_EMPTY[onEmpty].fails) return mapKeys;
  return (result, sink) => {
    const thenRows = (mapped: Mapped): Mapped => {
      if (mapped === undefined) return mapRows(result, sink);
      return 'next' in mapped ? { next: () => thenRows(mapped.next()) } : mapped;
    };
    return thenRows(mapKeys(result, sink));
  };
}

function withFamilies(definition: MetricDefinition, families: FamilyTable): MetricFamilies {
  const { aliases = [], family, help, type } = definition;
  const define = (name: string) => families.define(name, METRIC_TYPE_RULES[type].exposedAs, help);
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
      let told: Unmet | undefined;
      for (const variant of variants) {
        const lack = variant.when === undefined ? undefined : unmet(variant.when, facts);
        if (lack === undefined) return { sql: variant.sql };
        // The first variant meant for this server tells what is wrong with it: a table that only later versions do
        // without is not what a person misses.
        if (told === undefined || meantFor(lack) > meantFor(told)) told = lack;
      }
      return told ?? { sql };
    },
  };
}

/** How nearly a variant that lacks this is one for the server: of another flavour, of another version, neither. */
function meantFor({ reason }: Unmet): number {
  return reason === 'flavour' ? 0 : reason === 'version' ? 1 : 2;
}
