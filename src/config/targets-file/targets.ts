/**
 * The targets of targets.yml: its levels checked, each target resolved over them.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { Config, Credentials, Target, TargetPattern } from '../../model/config.ts';
import { isPattern } from '../../model/name-pattern.ts';
import { entriesOf, isMap, valueAt } from '../check/maps.ts';
import { salvage } from '../check/salvage.ts';
import { type CheckedLevel, checkLevel, checkNames, type LevelScope } from './levels.ts';
import { checkFillable } from './password-command.ts';
import { BY_NAME, rankPatterns, readPattern, refusePatternKeys } from './patterns.ts';
import { dsnLevel, passwordOf, type ResolvedTarget, resolveTarget, userOf } from './precedence.ts';
import { authModuleSchema, defaultsSchema, groupSchema, targetSchema } from './schema.ts';
import { checkTimeouts } from './timeouts.ts';
import { readWhere, type Where } from './where.ts';

export type TargetsScope = Pick<LevelScope, 'folder' | 'searchPath' | 'querySets'>;

/** All targets and patterns that could be resolved; when something was reported they may be incomplete. */
export function readTargets(
  file: unknown,
  scope: TargetsScope,
  diagnostics: Diagnostics,
): Pick<Config, 'targets' | 'patterns'> {
  const shared = readShared(file, scope, diagnostics);
  const targets = new Map<string, Target>();
  const patterns: TargetPattern[] = [];
  const entries = entriesOf(valueAt(file, 'targets'));
  for (const [name, rawTarget] of entries) {
    const target = readTarget(name, rawTarget, shared);
    if (target?.pattern) patterns.push({ ...target.pattern, template: target });
    else if (target) targets.set(name, target);
  }
  if (isMap(valueAt(file, 'targets')) && entries.length === 0)
    diagnostics.at('targets').warn('there are no targets: nothing can be probed');
  return { targets, patterns: rankPatterns(patterns, diagnostics) };
}

/** What all targets have in common. */
interface TargetContext {
  /** Of the whole file. */
  readonly diagnostics: Diagnostics;
  readonly levels: LevelScope;
  readonly authModules: ReadonlyMap<string, Credentials>;
  readonly groups: ReadonlyMap<string, CheckedLevel>;
  readonly defaults: CheckedLevel;
  readonly defaultGroups: readonly string[];
  readonly exposesLabels: boolean;
}

function readShared(file: unknown, scope: TargetsScope, diagnostics: Diagnostics): TargetContext {
  const names = (key: string) => entriesOf(valueAt(file, key)).map(([name]) => name);
  const levels: LevelScope = { ...scope, authModules: names('auth_modules'), groups: names('groups') };
  const authModules = readAuthModules(valueAt(file, 'auth_modules'), levels, diagnostics.at('auth_modules'));
  const groups = new Map(
    entriesOf(valueAt(file, 'groups')).map(([name, group]) => [
      name,
      checkLevel(salvage(groupSchema, group), levels, diagnostics.at('groups', name)),
    ]),
  );
  const salvaged = salvage(defaultsSchema, valueAt(file, 'defaults'));
  const defaultGroups = salvaged.value.groups ?? [];
  checkGroups(defaultGroups, levels, diagnostics.at('defaults', 'groups'));
  const defaults = checkLevel(salvaged, levels, diagnostics.at('defaults'));
  const exposesLabels = salvaged.value.target_labels ?? false;
  return { diagnostics, levels, authModules, groups, defaults, defaultGroups, exposesLabels };
}

function readAuthModules(
  raw: unknown,
  levels: LevelScope,
  diagnostics: Diagnostics,
): Map<string, Credentials> {
  const modules = new Map<string, Credentials>();
  for (const [name, module] of entriesOf(raw)) {
    const at = diagnostics.at(name);
    const { doubtful, settings } = checkLevel(salvage(authModuleSchema, module), levels, at);
    const user = userOf(settings);
    if (user !== undefined) modules.set(name, { user, password: passwordOf(settings) ?? { kind: 'none' } });
    else if (isMap(module) && !doubtful)
      at.error(`the auth module "${name}" has no user: add user or user_file`);
  }
  return modules;
}

function checkGroups(names: readonly string[], levels: LevelScope, diagnostics: Diagnostics): void {
  checkNames(names, levels.groups, (name, hint, i) =>
    diagnostics.at(i).error(`unknown group "${name}"${hint('groups')}`),
  );
}

function readTarget(name: string, given: unknown, shared: TargetContext): Target | undefined {
  const raw = given === null ? {} : given;
  if (!isMap(raw)) return undefined;
  const { authModules, defaultGroups, defaults, levels } = shared;
  const diagnostics = shared.diagnostics.at('targets', name);
  const salvaged = salvage(targetSchema, raw);
  const own = checkLevel(salvaged, levels, diagnostics);
  checkGroups(salvaged.value.groups ?? [], levels, diagnostics.at('groups'));
  const isByPattern = isPattern(name);
  const pattern = isByPattern ? readPattern(name, salvaged, diagnostics) : undefined;
  if (!isByPattern) refusePatternKeys(salvaged, diagnostics);
  const where = isByPattern ? pattern && BY_NAME : readWhere(name, salvaged, diagnostics);
  const groupNames = [...new Set(salvaged.value.groups ?? defaultGroups)];
  if (!where) return undefined;

  const groups = groupNames.flatMap((group) => shared.groups.get(group) ?? []);
  const resolved = resolveTarget({
    name,
    ...where,
    pattern,
    exposesLabels: shared.exposesLabels,
    own: own.settings,
    groupNames,
    groups: groups.map((group) => group.settings),
    defaults: defaults.settings,
    authModules,
    loadedSets: new Set(levels.querySets?.loaded.keys()),
  });
  checkTimeoutsOf(resolved.target, { own, where, diagnostics }, shared);
  checkClientCertificate(resolved.target, diagnostics);
  checkFillable(resolved.target, diagnostics);
  const isDoubtful =
    [own, defaults, ...groups].some(({ doubtful }) => doubtful) || groups.length < groupNames.length;
  if (!isDoubtful) checkMissing(resolved, shared, diagnostics);
  return resolved.target;
}

interface OwnPart {
  readonly own: CheckedLevel;
  readonly where: Where;
  readonly diagnostics: Diagnostics;
}

function checkTimeoutsOf(target: Target, { diagnostics, own, where }: OwnPart, shared: TargetContext): void {
  const file = shared.diagnostics;
  const groups = target.groups.map((group) => ({
    diagnostics: file.at('groups', group),
    says: shared.groups.get(group)?.settings ?? {},
  }));
  const ascending = [
    { diagnostics: file.at('defaults'), says: shared.defaults.settings },
    ...groups,
    { diagnostics: diagnostics.at('dsn'), says: dsnLevel(where.dsn) },
    { diagnostics, says: own.settings },
  ];
  checkTimeouts(target, ascending, file);
}

function checkClientCertificate({ name, tls }: Target, diagnostics: Diagnostics): void {
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined))
    diagnostics.error(
      `the target "${name}" has only one of tls.cert_file and tls.key_file: a client certificate needs both`,
    );
}

function checkMissing(
  { missing, target }: ResolvedTarget,
  { authModules, levels }: TargetContext,
  diagnostics: Diagnostics,
): void {
  // A user may be missing because its auth module is faulty, which has been reported.
  const hasFaultyModule = authModules.size < levels.authModules.length;
  if (missing.includes('user') && !hasFaultyModule)
    diagnostics.error(
      `the target "${target.name}" has no user: add user, user_file, auth_module or a dsn with a user, here, in a group or in defaults`,
    );
  if (missing.includes('query_sets') && levels.querySets)
    diagnostics.error(
      `the target "${target.name}" has no query set: name some in query_sets, here, in a group or in defaults`,
    );
}
