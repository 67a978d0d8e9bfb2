/**
 * Parameters of shipped sets that belong together: the names that well-known dashboards ask for.
 *
 * What each asks for, see docs/guides/dashboards.md.
 */
import type { ParamValue } from '../../model/query-set.ts';
import type { KnownSets } from './known-sets.ts';

export const PROFILE_NAMES = ['grafana_7362', 'percona'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** Values of parameters: set, then name. */
type Params = Readonly<Record<string, Readonly<Record<string, ParamValue>>>>;

const OLD_NAMES = {
  'info_schema.processlist': { old_names: true },
  global_status: { buffer_pool_total: true },
} as const satisfies Params;

export const PROFILES: Readonly<Record<ProfileName, Params>> = {
  grafana_7362: OLD_NAMES,
  percona: { ...OLD_NAMES, global_status: { ...OLD_NAMES.global_status, redo_log_names: true } },
};

/** Their parameters together; without those that a set in place of a shipped one does not have. */
export function paramsOfProfiles(names: readonly ProfileName[], { loaded }: KnownSets): Params {
  const params: Record<string, Record<string, ParamValue>> = {};
  for (const name of names)
    for (const [set, values] of Object.entries(PROFILES[name]))
      for (const [param, value] of Object.entries(values))
        if (Object.hasOwn(loaded.get(set)?.params ?? {}, param))
          params[set] = { ...params[set], [param]: value };
  return params;
}

/** The values of both, set by set; the later ones win. */
export function joinParams(levels: readonly (Params | undefined)[]): Params {
  const joined: Record<string, Readonly<Record<string, ParamValue>>> = {};
  for (const params of levels)
    for (const [set, values] of Object.entries(params ?? {}))
      if (Object.keys(values).length > 0) joined[set] = { ...joined[set], ...values };
  return joined;
}
