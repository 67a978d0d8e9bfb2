/**
 * How a target has a query asked where that is other than its query file says.
 */

export interface QuerySettings {
  readonly enabled?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  /** 0 for a query that is asked at each probe. */
  readonly minIntervalMs?: number | undefined;
  readonly maxRows?: number | undefined;
  readonly maxSeries?: number | undefined;
}

/** By the name of the query. */
export type SettingsOfSet = Readonly<Record<string, QuerySettings>>;

/** By query set, then by query: what is not here is as the query file says. */
export type SettingsOfQueries = Readonly<Record<string, SettingsOfSet>>;

/** What a target says of the queries of a set; undefined when it says nothing. */
export function settingsOfSet(
  queries: SettingsOfQueries | undefined,
  set: string,
): SettingsOfSet | undefined {
  return queries !== undefined && Object.hasOwn(queries, set) ? queries[set] : undefined;
}

/** What a target says of one query of that set; undefined when it says nothing. */
export function settingsOfQuery(
  settings: SettingsOfSet | undefined,
  query: string,
): QuerySettings | undefined {
  return settings !== undefined && Object.hasOwn(settings, query) ? settings[query] : undefined;
}

/** The queries of a set that a target has asked. */
export function withoutSwitchedOff<Query extends { readonly name: string }>(
  queries: readonly Query[],
  settings: SettingsOfSet | undefined,
): readonly Query[] {
  return settings === undefined
    ? queries
    : queries.filter(({ name }) => settingsOfQuery(settings, name)?.enabled !== false);
}
