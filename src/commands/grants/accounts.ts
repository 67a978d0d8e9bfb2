/**
 * The accounts that the targets of a configuration log in as, and what each is asked for.
 *
 * An account is a user from anywhere, or from the machine itself where the target is a socket file; its password plays no
 * part. It needs what its targets are asked, also by scrapes, and also where a probe chooses it with `auth_module=`.
 */

import type { Account } from '../../grants/account.ts';
import type { Config, Target, UserSource } from '../../model/config.ts';
import type { ParamValue, QuerySetDefinition } from '../../model/query-set.ts';
import { settingsOfSet, withoutSwitchedOff } from '../../model/query-settings.ts';

/** What is known of targets and sets, whether from a configuration or not. */
export type Known = Pick<Config, 'targets' | 'scrapes' | 'querySets'>;

export interface AskedSet {
  readonly set: QuerySetDefinition;
  /** What a target sets. */
  readonly params: Readonly<Record<string, ParamValue>> | undefined;
}

export interface AccountOfTargets {
  /** With a placeholder where the user is in a file. */
  readonly account: Account;
  /** The file that has the user. */
  readonly userFile: string | undefined;
  /** In the order of the configuration. */
  readonly targets: readonly Target[];
  readonly asked: readonly AskedSet[];
}

/** One for each account, in the order of the configuration; without any target, and so without any account, none. */
export function accountsOf(known: Known, names: readonly string[]): readonly AccountOfTargets[] {
  const asked = askedByTarget(known);
  const unused = names.filter((name) => ![...asked.values()].some((sets) => sets.has(name)));
  const isWanted = (set: string) => names.length === 0 || names.includes(set);
  const byAccount = new Map<string, { readonly user: UserSource; readonly targets: Target[] }>();
  for (const target of known.targets.values()) {
    const sets = [...(asked.get(target.name) ?? [])].filter(isWanted);
    if (!target.enabled || (sets.length === 0 && unused.length === 0)) continue;
    for (const user of usersOf(target)) {
      const key = JSON.stringify([user, hostOf(target)]);
      const account = byAccount.get(key) ?? { user, targets: [] };
      account.targets.push(target);
      byAccount.set(key, account);
    }
  }
  return [...byAccount.values()].map(({ targets, user }) => ({
    account: { user: userText(user), host: hostOf(targets[0]) },
    userFile: typeof user === 'string' ? undefined : user.path,
    targets,
    asked: targets.flatMap((target) =>
      setsOf(known, [...[...(asked.get(target.name) ?? [])].filter(isWanted), ...unused], target),
    ),
  }));
}

/** The definitions of sets, with the parameters of a target where there is one. */
export function setsOf(
  { querySets }: Pick<Known, 'querySets'>,
  names: readonly string[],
  target?: Target,
): readonly AskedSet[] {
  return names.flatMap((name) => {
    const set = querySets.get(name);
    if (set === undefined) return [];
    const queries = withoutSwitchedOff(set.queries, settingsOfSet(target?.queries, name));
    return [{ set: { ...set, queries }, params: target?.params?.[name] }];
  });
}

/** By name of the target; of enabled ones. */
function askedByTarget({ scrapes, targets }: Known): ReadonlyMap<string, ReadonlySet<string>> {
  const enabled = [...targets.values()].filter((target) => target.enabled);
  const asked = new Map(enabled.map(({ name, querySets }) => [name, new Set(querySets)]));
  for (const { members, querySets } of scrapes.values())
    for (const { target } of members) for (const set of querySets) asked.get(target)?.add(set);
  return asked;
}

/** Its own, and those that a probe may choose; each once. */
function usersOf({ authModules, credentials }: Target): readonly UserSource[] {
  const users = [credentials, ...authModules.values()].map(({ user }) => user);
  return [...new Map(users.map((user) => [JSON.stringify(user), user])).values()];
}

const hostOf = (target: Target | undefined): string => (target?.address.kind === 'unix' ? 'localhost' : '%');

const userText = (user: UserSource): string => (typeof user === 'string' ? user : '<user>');
