/**
 * Settings that servers of a group do not have alike.
 */
import type { KnownServer } from './known-server.ts';

export interface VariableOfGroup {
  readonly group: string;
  readonly variable: string;
  /** Names of targets by the value that they have. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * The values of each variable within each group.
 *
 * A server that does not have a variable says nothing about it, and a target without a group is compared with nobody.
 */
export function findVariables(servers: readonly KnownServer[]): readonly VariableOfGroup[] {
  const groups = new Map<string, Map<string, Map<string, string[]>>>();
  for (const { targets } of servers)
    for (const { groups: names, name, record } of targets) {
      if (record === undefined || !record.isCurrent) continue;
      for (const group of names) addTo(groups, group, name, record.server.value);
    }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, variables]) =>
      [...variables].map(([variable, values]) => ({ group, variable, values })),
    );
}

function addTo(
  groups: Map<string, Map<string, Map<string, string[]>>>,
  group: string,
  target: string,
  { names, values }: { readonly names: readonly string[]; readonly values: readonly string[] },
): void {
  const variables = groups.get(group) ?? new Map<string, Map<string, string[]>>();
  groups.set(group, variables);
  for (const [i, name] of names.entries()) {
    const byValue = variables.get(name) ?? new Map<string, string[]>();
    variables.set(name, byValue);
    const value = values[i] ?? '';
    const targets = byValue.get(value);
    if (targets === undefined) byValue.set(value, [target]);
    else targets.push(target);
  }
}
