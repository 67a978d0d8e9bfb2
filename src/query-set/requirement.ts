/**
 * Whether a server is one that a query is meant for.
 */

import type { Flavour, Requirement } from '../model/query-set.ts';
import { compareVersions } from '../model/version.ts';

/** What is known of a server. Names are compared without regard to case. */
export interface ServerFacts {
  readonly flavour: Flavour;
  readonly version: readonly [major: number, minor: number, patch: number];
  /** Undefined when there is no such global variable. */
  readonly variable: (name: string) => string | undefined;
  /** `schema.table` */
  readonly hasTable: (name: string) => boolean;
  /** `schema.table.column` */
  readonly hasColumn: (name: string) => boolean;
}

/** What must be asked of a server before a requirement can be judged. */
export interface FactsWanted {
  /** Equal for equal wishes. */
  readonly key: string;
  readonly variables: readonly string[];
  readonly tables: readonly string[];
  readonly columns: readonly string[];
}

/** Why a query was skipped, as the closed list that users see in labels. */
export const SKIP_REASONS = ['flavour', 'version', 'variable', 'table', 'column', 'ignored_error'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface Unmet {
  readonly reason: SkipReason;
  /** For people. */
  readonly detail: string;
}

/** All that several requirements ask, each fact once; undefined when flavour and version tell everything. */
export function wantedBy(requirements: readonly (Requirement | undefined)[]): FactsWanted | undefined {
  const all = (pick: (requirement: Requirement) => readonly string[] | undefined) => [
    ...new Set(requirements.flatMap((one) => (one === undefined ? [] : (pick(one) ?? [])))),
  ];
  const wanted = {
    variables: all(({ variables }) => Object.keys(variables ?? {})),
    tables: all(({ tables }) => tables),
    columns: all(({ columns }) => columns),
  };
  const isNothing = Object.values(wanted).every((names) => names.length === 0);
  return isNothing ? undefined : { key: JSON.stringify(wanted), ...wanted };
}

/** The first thing that a server lacks; undefined when it has all. */
export function unmet(requirement: Requirement, facts: ServerFacts): Unmet | undefined {
  const { columns = [], flavour, maxVersion, minVersion, tables = [], variables = {} } = requirement;
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
    const value = facts.variable(name);
    if (value === undefined || !accepted.includes(value.toLowerCase())) {
      const is =
        value === undefined ? 'there is no such variable' : `it is ${JSON.stringify(value.slice(0, 40))}`;
      return { reason: 'variable', detail: `for ${name} = ${accepted.join(' or ')}, and ${is}` };
    }
  }
  const table = tables.find((name) => !facts.hasTable(name));
  if (table !== undefined)
    return { reason: 'table', detail: `there is no table ${table}, or no right to see it` };
  const column = columns.find((name) => !facts.hasColumn(name));
  if (column !== undefined)
    return { reason: 'column', detail: `there is no column ${column}, or no right to see it` };
  return undefined;
}
