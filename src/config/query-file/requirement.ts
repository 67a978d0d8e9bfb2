/**
 * `requires` and `when` of query files in their normal form.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { Requirement } from '../../model/query-set.ts';
import { compareVersions } from '../../model/version.ts';
import type { RequirementKeys } from './requirement-schema.ts';

/** The requirement of a set, a query or a variant; undefined without keys. */
export function readRequirement(
  keys: RequirementKeys | undefined,
  diagnostics: Diagnostics,
): Requirement | undefined {
  if (keys === undefined) return undefined;
  const minVersion = versionOf(keys.min_version);
  const maxVersion = versionOf(keys.max_version);
  if (Object.values(keys).every((value) => value === undefined))
    diagnostics.error(
      'nothing is asked of the server here: add flavour, min_version, max_version, variables, tables, columns or when_role',
    );
  if (isNever(minVersion, maxVersion))
    diagnostics
      .at('max_version')
      .error(
        `no version is from ${keys.min_version} on and before ${keys.max_version}: raise max_version, or lower min_version`,
      );
  return {
    flavour: keys.flavour,
    minVersion,
    maxVersion,
    variables:
      keys.variables === undefined
        ? undefined
        : Object.fromEntries(
            Object.entries(keys.variables).map(([name, value]) => [
              name.toLowerCase(),
              [value].flat().flatMap(textsOf),
            ]),
          ),
    tables: keys.tables,
    columns: keys.columns,
    roles: keys.when_role,
  };
}

/**
 * Joins both: the requirement of a set holds for each of its queries, which may require more, but never less.
 *
 * @param diagnostics of the requirement of the query; what no server can fulfil is reported at its keys
 */
export function joinRequirements(
  set: Requirement | undefined,
  query: Requirement | undefined,
  diagnostics: Diagnostics,
): Requirement | undefined {
  if (set === undefined || query === undefined) return set ?? query;
  if (set.flavour !== undefined && query.flavour !== undefined && set.flavour !== query.flavour)
    diagnostics
      .at('flavour')
      .error(`the set requires ${set.flavour} and this query ${query.flavour}: no server is both`);
  return {
    flavour: query.flavour ?? set.flavour,
    ...joinVersions(set, query, diagnostics),
    variables: joinVariables(set.variables, query.variables, diagnostics),
    tables: [...new Set([...(set.tables ?? []), ...(query.tables ?? [])])],
    columns: [...new Set([...(set.columns ?? []), ...(query.columns ?? [])])],
    roles: joinRoles(set.roles, query.roles, diagnostics),
  };
}

/** The higher minimum and the lower maximum. */
function joinVersions(
  set: Requirement,
  query: Requirement,
  diagnostics: Diagnostics,
): Pick<Requirement, 'minVersion' | 'maxVersion'> {
  const [minVersion] = [set.minVersion, query.minVersion]
    .flatMap((one) => (one === undefined ? [] : [one]))
    .sort((a, b) => compareVersions(b, a));
  const [maxVersion] = [set.maxVersion, query.maxVersion]
    .flatMap((one) => (one === undefined ? [] : [one]))
    .sort(compareVersions);
  // A contradiction within one of them has been reported there.
  const isNew = !isNever(set.minVersion, set.maxVersion) && !isNever(query.minVersion, query.maxVersion);
  if (isNew && isNever(minVersion, maxVersion)) {
    const from = minVersion?.join('.');
    const before = maxVersion?.join('.');
    if (minVersion === set.minVersion)
      diagnostics
        .at('max_version')
        .error(
          `the set requires versions from ${from} on and this query those before ${before}: no version is both`,
        );
    else
      diagnostics
        .at('min_version')
        .error(
          `the set requires versions before ${before} and this query those from ${from} on: no version is both`,
        );
  }
  return { minVersion, maxVersion };
}

/** For a variable that both name, the values that both accept. */
function joinVariables(
  set: Requirement['variables'],
  query: Requirement['variables'],
  diagnostics: Diagnostics,
): Requirement['variables'] {
  const joined = { ...set, ...query };
  for (const [name, accepted] of Object.entries(query ?? {})) {
    const ofSet = set !== undefined && Object.hasOwn(set, name) ? set[name] : undefined;
    if (ofSet === undefined) continue;
    const common = accepted.filter((text) => ofSet.includes(text));
    if (common.length === 0)
      diagnostics
        .at('variables')
        .error(
          `the set requires ${name} = ${ofSet.join(' or ')} and this query ${accepted.join(' or ')}: no server has both`,
        );
    joined[name] = common;
  }
  return joined;
}

function joinRoles(
  set: Requirement['roles'],
  query: Requirement['roles'],
  diagnostics: Diagnostics,
): Requirement['roles'] {
  if (set === undefined || query === undefined) return set ?? query;
  const common = query.filter((role) => set.includes(role));
  if (common.length === 0)
    diagnostics
      .at('when_role')
      .error(
        `the set requires a ${set.join(' or ')} and this query a ${query.join(' or ')}: no server is both`,
      );
  return common;
}

/** Whether no version fits; the maximum itself is too new already. */
const isNever = (min: readonly number[] | undefined, max: readonly number[] | undefined): boolean =>
  min !== undefined && max !== undefined && compareVersions(min, max) >= 0;

const versionOf = (text: string | undefined): readonly number[] | undefined => text?.split('.').map(Number);

/** Servers print a switch as ON or as 1. */
function textsOf(value: string | number | boolean): readonly string[] {
  if (value === true) return ['on', '1'];
  if (value === false) return ['off', '0'];
  return [String(value).toLowerCase()];
}
