/**
 * `requires` and `when` of query files in their normal form.
 */
import type { Requirement } from './query-definition.ts';
import type { RequirementKeys } from './query-file-schema.ts';
import type { Report } from './zod-findings.ts';

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

/** Both at once: what a set asks holds for each of its queries. */
export function joinRequirements(
  a: Requirement | undefined,
  b: Requirement | undefined,
): Requirement | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    flavour: b.flavour ?? a.flavour,
    minVersion: b.minVersion ?? a.minVersion,
    maxVersion: b.maxVersion ?? a.maxVersion,
    variables: { ...a.variables, ...b.variables },
    tables: [...(a.tables ?? []), ...(b.tables ?? [])],
    columns: [...(a.columns ?? []), ...(b.columns ?? [])],
  };
}

const versionOf = (text: string | undefined): readonly number[] | undefined => text?.split('.').map(Number);

/** Servers print a switch as ON or as 1. */
function textsOf(value: string | number | boolean): readonly string[] {
  if (value === true) return ['on', '1'];
  if (value === false) return ['off', '0'];
  return [String(value).toLowerCase()];
}
