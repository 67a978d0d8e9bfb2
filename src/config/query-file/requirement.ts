/**
 * `requires` and `when` of query files in their normal form.
 */
import type { Requirement } from '../../model/query-set.ts';
import { compareVersions } from '../../model/version.ts';
import type { Report } from '../check/zod-issues.ts';
import type { RequirementKeys } from './requirement-schema.ts';

/** What a server must have; undefined when nothing is asked. */
export function readRequirement(keys: RequirementKeys | undefined, report: Report): Requirement | undefined {
  if (keys === undefined) return undefined;
  const minVersion = versionOf(keys.min_version);
  const maxVersion = versionOf(keys.max_version);
  if (Object.values(keys).every((value) => value === undefined))
    report(
      [],
      'nothing is asked of the server here: add flavour, min_version, max_version, variables, tables or columns',
    );
  if (isNever(minVersion, maxVersion))
    report(
      ['max_version'],
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
  };
}

/**
 * Both at once: what a set asks holds for each of its queries, which may ask for more and never for less.
 *
 * @param report what no server can be, at a key of `query`
 */
export function joinRequirements(
  set: Requirement | undefined,
  query: Requirement | undefined,
  report: Report,
): Requirement | undefined {
  if (set === undefined || query === undefined) return set ?? query;
  if (set.flavour !== undefined && query.flavour !== undefined && set.flavour !== query.flavour)
    report(['flavour'], `the set requires ${set.flavour} and this query ${query.flavour}: no server is both`);
  return {
    flavour: query.flavour ?? set.flavour,
    ...joinVersions(set, query, report),
    variables: joinVariables(set.variables, query.variables, report),
    tables: [...new Set([...(set.tables ?? []), ...(query.tables ?? [])])],
    columns: [...new Set([...(set.columns ?? []), ...(query.columns ?? [])])],
  };
}

/** The later beginning and the earlier end. */
function joinVersions(
  set: Requirement,
  query: Requirement,
  report: Report,
): Pick<Requirement, 'minVersion' | 'maxVersion'> {
  const [minVersion] = [set.minVersion, query.minVersion]
    .flatMap((one) => (one === undefined ? [] : [one]))
    .sort((a, b) => compareVersions(b, a));
  const [maxVersion] = [set.maxVersion, query.maxVersion]
    .flatMap((one) => (one === undefined ? [] : [one]))
    .sort(compareVersions);
  // What one of them says alone has been reported there.
  const isNew = !isNever(set.minVersion, set.maxVersion) && !isNever(query.minVersion, query.maxVersion);
  if (isNew && isNever(minVersion, maxVersion)) {
    const from = minVersion?.join('.');
    const before = maxVersion?.join('.');
    if (minVersion === set.minVersion)
      report(
        ['max_version'],
        `the set requires versions from ${from} on and this query those before ${before}: no version is both`,
      );
    else
      report(
        ['min_version'],
        `the set requires versions before ${before} and this query those from ${from} on: no version is both`,
      );
  }
  return { minVersion, maxVersion };
}

/** Of a variable that both name, the texts that both take. */
function joinVariables(
  set: Requirement['variables'],
  query: Requirement['variables'],
  report: Report,
): Requirement['variables'] {
  const joined = { ...set, ...query };
  for (const [name, accepted] of Object.entries(query ?? {})) {
    const ofSet = set !== undefined && Object.hasOwn(set, name) ? set[name] : undefined;
    if (ofSet === undefined) continue;
    const common = accepted.filter((text) => ofSet.includes(text));
    if (common.length === 0)
      report(
        ['variables'],
        `the set requires ${name} = ${ofSet.join(' or ')} and this query ${accepted.join(' or ')}: no server has both`,
      );
    joined[name] = common;
  }
  return joined;
}

/** Whether no version is between them; the last is the first that is too new. */
const isNever = (min: readonly number[] | undefined, max: readonly number[] | undefined): boolean =>
  min !== undefined && max !== undefined && compareVersions(min, max) >= 0;

const versionOf = (text: string | undefined): readonly number[] | undefined => text?.split('.').map(Number);

/** Servers print a switch as ON or as 1. */
function textsOf(value: string | number | boolean): readonly string[] {
  if (value === true) return ['on', '1'];
  if (value === false) return ['off', '0'];
  return [String(value).toLowerCase()];
}
