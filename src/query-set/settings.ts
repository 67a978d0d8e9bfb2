/**
 * Limits of a query as one target has them.
 */
import type { QuerySettings } from '../model/query-settings.ts';
import type { CompiledQuery } from './compiled.ts';

/** The query within these limits; the very same when there are none. Parameters are bound afterwards. */
export function withSettings(query: CompiledQuery, settings: QuerySettings | undefined): CompiledQuery {
  if (settings === undefined) return query;
  const {
    maxRows = query.maxRows,
    maxSeries = query.maxSeries,
    minIntervalMs = query.minIntervalMs,
    timeoutMs = query.timeoutMs,
  } = settings;
  const isOn = (param: string) => query.params?.[param]?.default === true;
  return { ...query, maxRows, maxSeries, minIntervalMs, timeoutMs, map: query.mapFor(isOn, maxSeries) };
}
