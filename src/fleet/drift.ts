/**
 * Settings that servers of a group do not have alike.
 */
import { FLAVOURS, type Flavour } from '../model/query-set.ts';
import type { KnownServer } from './known-server.ts';

export interface VariableOfGroup {
  readonly group: string;
  /** MySQL and MariaDB of one group are not compared: by what each has of itself they differ in most. */
  readonly flavour: Flavour;
  readonly variable: string;
  /** Names of targets by the value that they have. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Those that differ within their group. */
export const differing = (variables: readonly VariableOfGroup[]): readonly VariableOfGroup[] =>
  variables.filter(({ values }) => values.size > 1);

/** The values with who has each: what few have is mostly what is wrong. */
export const rarestFirst = ({ values }: VariableOfGroup): readonly (readonly [string, readonly string[]])[] =>
  [...values].sort(([, a], [, b]) => a.length - b.length);

/**
 * The values of each variable within each group, of servers of one flavour.
 *
 * A server that does not have a variable says nothing about it, and a target without a group is compared with nobody.
 */
export function findVariables(servers: readonly KnownServer[]): readonly VariableOfGroup[] {
  const groups = new Map<string, Record<Flavour, Lists>>();
  for (const { targets } of servers)
    for (const { groups: ofTarget, name, record } of targets) {
      if (record === undefined || !record.isCurrent) continue;
      const { isMariadb, names, values } = record.server.value;
      for (const group of ofTarget) {
        const ofGroup = groups.get(group) ?? { mysql: new Map(), mariadb: new Map() };
        groups.set(group, ofGroup);
        const lists = ofGroup[isMariadb ? 'mariadb' : 'mysql'];
        const alike = lists.get(names);
        if (alike === undefined) lists.set(names, { values, targets: [name], others: new Map() });
        else compare(alike, name, values);
      }
    }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, ofGroup]) =>
      FLAVOURS.flatMap((flavour) =>
        [...joined(ofGroup[flavour])].map(([variable, values]) => ({ group, flavour, variable, values })),
      ),
    );
}

/** By the names of their variables, which servers of one release share. */
type Lists = Map<readonly string[], Alike>;

/** Servers of a group that have the same variables: nearly always with the values of the first of them. */
interface Alike {
  readonly values: readonly string[];
  readonly targets: string[];
  /** By the place of a variable, who has another value. */
  readonly others: Map<number, Map<string, string[]>>;
}

function compare({ others, targets, values: usual }: Alike, target: string, values: readonly string[]): void {
  targets.push(target);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === usual[i]) continue;
    const byValue = others.get(i) ?? new Map<string, string[]>();
    others.set(i, byValue);
    const those = byValue.get(value);
    if (those === undefined) byValue.set(value, [target]);
    else those.push(target);
  }
}

function joined(
  lists: ReadonlyMap<readonly string[], Alike>,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const variables = new Map<string, Map<string, readonly string[]>>();
  for (const [names, { others, targets, values }] of lists)
    for (const [i, name] of names.entries()) {
      const byValue = variables.get(name) ?? new Map<string, readonly string[]>();
      variables.set(name, byValue);
      const differing = others.get(i);
      const without = new Set(differing === undefined ? [] : [...differing.values()].flat());
      const usual = without.size === 0 ? targets : targets.filter((target) => !without.has(target));
      for (const [value, those] of [[values[i] ?? '', usual] as const, ...(differing ?? [])]) {
        const known = byValue.get(value);
        byValue.set(value, known === undefined ? those : [...known, ...those]);
      }
    }
  return variables;
}
