/**
 * The targets of targets.yml: its levels checked, each target resolved over them.
 */

import { nearestName } from '../../diagnostics/suggest.ts';
import type { Credentials, Target } from '../../model/config.ts';
import { entriesOf, isMap, type Report, type Salvaged, salvage } from '../check/zod-issues.ts';
import { parseAddress, parseNamedAddress } from '../dsn/address.ts';
import { parseDsn } from '../dsn/dsn.ts';
import type { Path } from '../yaml/source.ts';
import { type CheckedLevel, checkLevel, checkNames, type LevelScope } from './levels.ts';
import { dsnLevel, passwordOf, resolveTarget, type TargetSources } from './precedence.ts';
import { authModuleSchema, defaultsSchema, groupSchema, type TargetKeys, targetSchema } from './schema.ts';
import { checkTimeouts } from './timeouts.ts';

export interface TargetsScope {
  readonly folder: string;
  /** Undefined when not all query files could be read. */
  readonly querySets: readonly string[] | undefined;
  readonly params: LevelScope['params'];
  readonly report: Report;
  readonly warn: Report;
}

/** All targets that could be resolved; when something was reported they may be incomplete. */
export function readTargets(raw: unknown, scope: TargetsScope): ReadonlyMap<string, Target> {
  const part = (key: string): unknown => (isMap(raw) ? raw[key] : undefined);
  const names = (key: string) => entriesOf(part(key)).map(([name]) => name);
  const levels: LevelScope = { ...scope, authModules: names('auth_modules'), groups: names('groups') };

  const authModules = readAuthModules(part('auth_modules'), levels);
  const groups = new Map(
    entriesOf(part('groups')).map(([name, group]) => [
      name,
      checkLevel(group, ['groups', name], salvage(groupSchema, group), levels),
    ]),
  );
  const salvaged = salvage(defaultsSchema, part('defaults'));
  const defaultGroups = salvaged.value.groups;
  checkGroups(defaultGroups, ['defaults', 'groups'], levels);
  const defaults = checkLevel(part('defaults'), ['defaults'], salvaged, levels);

  const shared: TargetContext = { levels, authModules, groups, defaults, defaultGroups: defaultGroups ?? [] };
  const targets = new Map<string, Target>();
  for (const [name, rawTarget] of entriesOf(part('targets'))) {
    const target = readTarget(name, rawTarget, shared);
    if (target) targets.set(name, target);
  }
  if (isMap(part('targets')) && names('targets').length === 0)
    scope.warn(['targets'], 'there are no targets: nothing can be probed');
  return targets;
}

/** What all targets have in common. */
interface TargetContext {
  readonly levels: LevelScope;
  readonly authModules: ReadonlyMap<string, Credentials>;
  readonly groups: ReadonlyMap<string, CheckedLevel>;
  readonly defaults: CheckedLevel;
  readonly defaultGroups: readonly string[];
}

function readAuthModules(raw: unknown, levels: LevelScope): Map<string, Credentials> {
  const modules = new Map<string, Credentials>();
  for (const [name, module] of entriesOf(raw)) {
    const { settings } = checkLevel(
      module,
      ['auth_modules', name],
      salvage(authModuleSchema, module),
      levels,
    );
    if (settings.user !== undefined)
      modules.set(name, { user: settings.user, password: passwordOf(settings) ?? { kind: 'none' } });
  }
  return modules;
}

function checkGroups(names: readonly string[] | undefined, path: Path, levels: LevelScope): void {
  checkNames(names ?? [], levels.groups, (name, hint, i) =>
    levels.report([...path, i], `unknown group "${name}"${hint('groups')}`),
  );
}

function readTarget(name: string, given: unknown, shared: TargetContext): Target | undefined {
  const raw = given === null ? {} : given;
  if (!isMap(raw)) return undefined;
  const path = ['targets', name];
  const salvaged = salvage(targetSchema, raw);
  const own = checkLevel(raw, path, salvaged, shared.levels);
  checkGroups(salvaged.value.groups, [...path, 'groups'], shared.levels);
  const where = readWhere(name, raw, salvaged, shared.levels);
  const groupNames = [...new Set(salvaged.value.groups ?? shared.defaultGroups)];
  const groups = groupNames.flatMap((group) => shared.groups.get(group) ?? []);
  if (!where) return undefined;

  const { querySets } = shared.levels;
  const { target, missing } = resolveTarget({
    name,
    ...where,
    own: own.settings,
    groupNames,
    groups: groups.map((group) => group.settings),
    defaults: shared.defaults.settings,
    authModules: shared.authModules,
    loadedSets: new Set(querySets),
  });
  const { report, warn } = shared.levels;
  checkTimeouts(
    target,
    [
      { path: ['defaults'], says: shared.defaults.settings },
      ...groupNames.map((group) => ({
        path: ['groups', group],
        says: shared.groups.get(group)?.settings ?? {},
      })),
      { path: [...path, 'dsn'], says: dsnLevel(where.dsn) },
      { path, says: own.settings },
    ],
    warn,
  );
  const { certFile, keyFile } = target.tls;
  if ((certFile === undefined) !== (keyFile === undefined))
    report(
      path,
      `the target "${name}" has only one of tls.cert_file and tls.key_file: a client certificate needs both`,
    );
  const doubtful =
    own.doubtful ||
    shared.defaults.doubtful ||
    groups.some((group) => group.doubtful) ||
    groups.length < groupNames.length;
  // A user may be missing because its auth module is faulty, which has been reported.
  const faultyModule = shared.authModules.size < shared.levels.authModules.length;
  if (missing.includes('user') && !doubtful && !faultyModule)
    report(
      path,
      `the target "${name}" has no user: add user, auth_module or a dsn with a user, here, in a group or in defaults`,
    );
  if (missing.includes('query_sets') && !doubtful && querySets)
    report(
      path,
      `the target "${name}" has no query set: name some in query_sets, here, in a group or in defaults`,
    );
  return target;
}

/** Where the target is: from exactly one of `dsn` and `address`, or without both from its name. */
function readWhere(
  name: string,
  raw: Record<string, unknown>,
  { value, faulty }: Salvaged<TargetKeys>,
  { report, warn }: LevelScope,
): Pick<TargetSources, 'address' | 'dsn'> | undefined {
  const path: Path = ['targets', name];
  const given = (key: string): boolean => Object.hasOwn(raw, key);
  if (given('dsn') && given('address'))
    report([...path, 'address'], `the target "${name}" has both dsn and address: keep one of them`);
  // A misspelt key has been reported as such.
  const misspelt = [...faulty].some((key) =>
    ['dsn', 'address'].includes(nearestName(key, Object.keys(targetSchema.shape)) ?? ''),
  );
  let where: Pick<TargetSources, 'address' | 'dsn'> | undefined;
  if (!given('dsn') && !given('address') && !misspelt) {
    const named = parseNamedAddress(name);
    if (named.ok) where = { address: named.value, dsn: undefined };
    else report(path, withoutAddress(name, named.message));
  }
  if (value.dsn !== undefined) {
    const dsn = parseDsn(value.dsn);
    if (dsn.ok) where = { address: dsn.value.address, dsn: dsn.value };
    else report([...path, 'dsn'], `dsn: ${dsn.message}`, 'value');
    for (const warning of dsn.ok ? dsn.value.warnings : [])
      warn([...path, 'dsn'], `dsn: ${warning}`, 'value');
  }
  if (value.address !== undefined) {
    const address = parseAddress(value.address);
    if (address.ok) where ??= { address: address.value, dsn: undefined };
    else report([...path, 'address'], `address: ${address.message}`, 'value');
  }
  return where;
}

/** What to do about a target that does not say where it is; what may be a misplaced DSN is not repeated. */
function withoutAddress(name: string, problem: string): string {
  if (name.includes('@'))
    return 'the name of this target looks like a DSN: give it a name, and this as its dsn';
  const missing = `the target "${name}" has neither dsn nor address`;
  return name.includes(':')
    ? `${missing}, and its name is none: ${problem}`
    : `${missing}: add one, such as address: "10.0.0.11:3306"`;
}
