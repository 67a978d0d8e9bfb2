/**
 * Whether a server is one that a query is meant for.
 */

import { type FactsWanted, type ServerFacts, unite } from '../model/facts.ts';
import type { Requirement } from '../model/query-set.ts';
import type { Unmet } from '../model/reason.ts';
import { compareVersions } from '../model/version.ts';

/** All that several requirements ask, each fact once; undefined when flavour and version tell everything. */
export function wantedBy(requirements: readonly (Requirement | undefined)[]): FactsWanted | undefined {
  return unite(
    requirements.map(({ columns, roles, tables, variables = {} } = {}) => ({
      variables: Object.keys(variables),
      tables,
      columns,
      roles,
    })),
  );
}

/** The first thing that a server lacks; undefined when it has all. */
export function unmet(requirement: Requirement, facts: ServerFacts): Unmet | undefined {
  const {
    columns = [],
    flavour,
    maxVersion,
    minVersion,
    roles,
    tables = [],
    variables = {},
    ...others
  } = requirement;
  others satisfies Record<string, never>; // every condition is looked at
  if (flavour !== undefined && flavour !== facts.flavour) {
    return { reason: 'flavour', detail: `for ${flavour}, and this is ${facts.flavour}` };
  }
  const version = facts.version.join('.');
  if (minVersion !== undefined && compareVersions(facts.version, minVersion) < 0) {
    return { reason: 'version', detail: `from version ${minVersion.join('.')} on, and this is ${version}` };
  }
  if (maxVersion !== undefined && compareVersions(facts.version, maxVersion) >= 0) {
    return {
      reason: 'version',
      detail: `for versions before ${maxVersion.join('.')}, and this is ${version}`,
    };
  }
  for (const [name, accepted] of Object.entries(variables)) {
    const value = facts.variables.get(name);
    if (value === undefined || !accepted.includes(value.toLowerCase())) {
      const is =
        value === undefined ? 'there is no such variable' : `it is ${JSON.stringify(value.slice(0, 40))}`;
      return { reason: 'variable', detail: `for ${name} = ${accepted.join(' or ')}, and ${is}` };
    }
  }
  const table = tables.find((name) => !facts.tables.has(name.toLowerCase()));
  if (table !== undefined)
    return { reason: 'table', detail: `there is no table ${table}, or no right to see it` };
  const column = columns.find((name) => !facts.columns.has(name.toLowerCase()));
  if (column !== undefined)
    return { reason: 'column', detail: `there is no column ${column}, or no right to see it` };
  if (roles !== undefined && !roles.some((role) => facts.roles.has(role))) {
    const [role] = facts.roles;
    const is = role === undefined ? 'nobody may see what this server is' : `this is a ${role}`;
    return { reason: 'role', detail: `for a ${roles.join(' or ')}, and ${is}` };
  }
  return undefined;
}
