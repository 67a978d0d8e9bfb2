/**
 * Parameters put into SQL: each as a literal or an identifier of its type, never pasted as it is.
 */

import { settingOf } from '../model/param.ts';
import type { ParamDefinition, ParamType, ParamValue } from '../model/query-set.ts';
import { placeholdersOf } from '../sql/placeholders.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts';
import type { CompiledQuery } from './compiled.ts';

/**
 * The query as one target asks it; the very same when its set has no parameters, and undefined when one of them
 * switches it off.
 */
export function bindParams(
  query: CompiledQuery,
  values: Readonly<Record<string, ParamValue>> = {},
): CompiledQuery | undefined {
  const { conditions, maxSeries, onlyIf, params } = query;
  if (params === undefined) return query;
  const isOn = (name: string) => settingOf(name, params, values) === true;
  if (onlyIf !== undefined && !isOn(onlyIf)) return undefined;
  // A statement is chosen at each probe, mostly the same one: its bound text is kept.
  const bound = new Map<string, string>();
  const bind = (sql: string): string => {
    const known = bound.get(sql) ?? bindStatement(sql, params, values);
    bound.set(sql, known);
    return known;
  };
  return {
    ...query,
    source: query.source && { ...query.source, values },
    sql: bind(query.sql),
    map: query.mapFor(isOn, maxSeries),
    conditions: conditions && {
      ...conditions,
      choose: (facts) => {
        const chosen = conditions.choose(facts);
        return 'sql' in chosen ? { sql: bind(chosen.sql) } : chosen;
      },
    },
  };
}

function bindStatement(
  sql: string,
  params: Readonly<Record<string, ParamDefinition>>,
  values: Readonly<Record<string, ParamValue>>,
): string {
  let bound = '';
  let at = 0;
  for (const { end, name, start } of placeholdersOf(sql)) {
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    const value = settingOf(name, params, values);
    if (param === undefined || value === undefined) continue;
    bound += sql.slice(at, start) + literalOf(param.type, value);
    at = end;
  }
  return bound + sql.slice(at);
}

function literalOf(type: ParamType, value: ParamValue): string {
  switch (type) {
    case 'boolean':
      return value === true ? '1' : '0';
    case 'list':
      return listOf(typeof value === 'object' ? value : [String(value)]);
    case 'identifier':
      return quoteIdentifier(String(value));
    case 'integer':
    case 'string':
      return quoteLiteral(typeof value === 'number' ? value : String(value));
    default:
      return type satisfies never;
  }
}

/** An empty list is no SQL: the empty text stands for nothing that there is. */
function listOf(values: readonly string[]): string {
  return values.length === 0 ? "''" : values.map(quoteLiteral).join(', ');
}
