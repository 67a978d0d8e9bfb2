/**
 * `queries` of a level: a query set or one query of it, and how it is asked.
 *
 * Within a level a query wins over its set, so the set is written out for each of its queries before levels are joined.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { Config } from '../../model/config.ts';
import {
  type QuerySettings,
  type SettingsOfQueries,
  settingsOfQuery,
  settingsOfSet,
  withoutSwitchedOff,
} from '../../model/query-settings.ts';
import { withoutUndefined } from '../check/maps.ts';
import { type KnownSet, type KnownSets, knownSet } from './known-sets.ts';
import { saidAt } from './said-at.ts';
import type { QuerySettingsKeys } from './schema.ts';

/** By set, or by set/query. */
export type QuerySettingsOfLevel = Readonly<Record<string, QuerySettingsKeys>>;

/** By set/query alone; names that there are not are reported and left out. */
export function checkQuerySettings(
  given: QuerySettingsOfLevel,
  sets: KnownSets,
  diagnostics: Diagnostics,
): Record<string, QuerySettingsKeys> {
  const ofSets: Record<string, QuerySettingsKeys> = {};
  const ofQueries: Record<string, QuerySettingsKeys> = {};
  for (const [key, settings] of Object.entries(given)) {
    const at = diagnostics.at(key);
    const { query, set } = partsOf(key);
    const known = knownSet(set, sets, at);
    if (known === undefined) continue;
    if (query === undefined) for (const name of known.queries) ofSets[`${set}/${name}`] = settings;
    else if (known.queries.includes(query)) ofQueries[key] = settings;
    else at.error(noQuery(set, query, known));
  }
  const names = new Set([...Object.keys(ofSets), ...Object.keys(ofQueries)]);
  return Object.fromEntries([...names].map((name) => [name, { ...ofSets[name], ...ofQueries[name] }]));
}

function partsOf(key: string): { readonly set: string; readonly query: string | undefined } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { set: key, query: undefined }
    : { set: key.slice(0, slash), query: key.slice(slash + 1) };
}

function noQuery(set: string, query: string, { disabled, queries }: KnownSet): string {
  return disabled.includes(query)
    ? `the query "${query}" of "${set}" is switched off by enabled: false in its query file, so it is not loaded: ` +
        'remove that there'
    : `"${set}" has no query "${query}"${hintFor(query, queries, 'queries')}`;
}

/** Joined setting by setting: the later level wins. */
export function joinQuerySettings(
  ascending: readonly (QuerySettingsOfLevel | undefined)[],
): SettingsOfQueries | undefined {
  const joined: Record<string, Record<string, QuerySettings>> = {};
  for (const level of ascending)
    for (const [key, keys] of Object.entries(level ?? {})) {
      const settings = settingsOf(keys);
      // Targets that say nothing of a query share what is planned with those that do not name it.
      if (Object.keys(settings).length === 0) continue;
      const { query = '', set } = partsOf(key);
      const before = settingsOfSet(joined, set) ?? {};
      const own = { ...settingsOfQuery(before, query), ...settings };
      joined[set] = { ...before, [query]: own };
    }
  return Object.keys(joined).length === 0 ? undefined : joined;
}

function settingsOf(keys: QuerySettingsKeys): QuerySettings {
  return withoutUndefined({
    enabled: keys.enabled,
    timeoutMs: keys.timeout,
    minIntervalMs: keys.min_interval,
    maxRows: keys.max_rows,
    maxSeries: keys.max_series,
  });
}

/**
 * Warns of sets without a query that is asked, and of timeouts that are longer than the scrape. No message names the
 * target, so that what many targets share is said once.
 *
 * @param file the whole file
 */
export function warnOfQuerySettings(
  { patterns, querySets, targets }: Pick<Config, 'targets' | 'patterns' | 'querySets'>,
  file: unknown,
  diagnostics: Diagnostics,
): void {
  for (const target of [...targets.values(), ...patterns.map(({ template }) => template)]) {
    if (!target.enabled || target.queries === undefined) continue;
    for (const set of target.querySets) {
      const settings = settingsOfSet(target.queries, set);
      const queries = querySets.get(set)?.queries ?? [];
      if (settings === undefined || queries.length === 0) continue;
      // What is said of the query counts before what is said of its set.
      const at = (query: string, key: string) =>
        diagnostics.at(
          ...(saidAt(file, target, ['queries', `${set}/${query}`, key], ['queries', set, key]) ?? [
            'targets',
            target.name,
          ]),
        );
      if (withoutSwitchedOff(queries, settings).length === 0)
        at(queries[0]?.name ?? '', 'enabled').warn(
          `every query of the query set "${set}" is switched off: nothing is asked; leave it out of query_sets`,
        );
      for (const [query, { enabled, timeoutMs = 0 }] of Object.entries(settings))
        if (enabled !== false && timeoutMs > target.scrapeTimeoutMs)
          at(query, 'timeout').warn(
            `timeout is ${timeoutMs / 1000}s and scrape_timeout is ${target.scrapeTimeoutMs / 1000}s: the query ends with ` +
              'the scrape; make one of them longer or the other shorter',
          );
    }
  }
}
