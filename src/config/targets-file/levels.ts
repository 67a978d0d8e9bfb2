/**
 * One level of settings (a target, a group, the defaults, an auth module) as it stands in targets.yml: files it
 * names are found and made absolute, names it refers to must exist, keys must fit together.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { ParamValue } from '../../model/query-set.ts';
import { withoutUndefined } from '../check/maps.ts';
import { isGiven, type Salvaged } from '../check/salvage.ts';
import { PROMETHEUS_LABELS } from '../check/schema-parts.ts';
import { type DeclaredParams, parseParam } from '../query-file/params.ts';
import { checkPasswordFile, checkUserFile } from './credential-files.ts';
import { checkSets, type KnownSets, knownSet } from './known-sets.ts';
import { checkPasswordCommand } from './password-command.ts';
import type { Level } from './precedence.ts';
import { joinParams, paramsOfProfiles } from './profiles.ts';
import { checkQuerySettings } from './query-settings.ts';

/** What levels refer to, from the whole of targets.yml. */
export interface LevelScope {
  /** File names are relative to it. */
  readonly folder: string;
  /** Where programs are found that have no path. */
  readonly searchPath: string;
  readonly authModules: readonly string[];
  readonly groups: readonly string[];
  /** Undefined when not all query files could be read: then an unknown set is not an error of the level. */
  readonly querySets: KnownSets | undefined;
}

export interface CheckedLevel {
  readonly settings: Level;
  /** Whether an error was reported here: what is missing may be a consequence of it. */
  readonly doubtful: boolean;
}

/** Checks a level and makes its file names absolute. */
export function checkLevel(
  level: Salvaged<Level>,
  scope: LevelScope,
  diagnostics: Diagnostics,
): CheckedLevel {
  const { faulty, value } = level;
  for (const alternatives of ALTERNATIVES) checkOneOf(level, alternatives, diagnostics);
  if (value.password_command !== undefined)
    checkPasswordCommand(value.password_command, scope.searchPath, diagnostics.at('password_command'));
  if (isGiven(level, 'password_ttl') && !isGiven(level, 'password_command'))
    diagnostics
      .at('password_ttl')
      .error('password_ttl is for a password_command beside it, and there is none here');
  checkReferences(value, scope, diagnostics);
  for (const name of Object.keys(value.labels ?? {}).filter((label) => PROMETHEUS_LABELS.has(label)))
    diagnostics
      .at('labels', name)
      .warn(`Prometheus gives each target a label "${name}" of its own, which this one would replace`);
  const { tls } = value;
  const file = (name: string | undefined, at: Diagnostics, isSecret: boolean): string | undefined =>
    name === undefined ? undefined : checkFile(resolve(scope.folder, name), at, isSecret);
  const atTls = diagnostics.at('tls');
  const settings: Level = {
    ...value,
    profiles: undefined,
    params: scope.querySets && paramsOf(value, scope.querySets, diagnostics),
    queries:
      value.queries &&
      scope.querySets &&
      checkQuerySettings(value.queries, scope.querySets, diagnostics.at('queries')),
    user_file: file(value.user_file, diagnostics.at('user_file'), false),
    password_file: file(value.password_file, diagnostics.at('password_file'), true),
    tls:
      tls &&
      withoutUndefined({
        ...tls,
        ca_file: file(tls.ca_file, atTls.at('ca_file'), false),
        cert_file: file(tls.cert_file, atTls.at('cert_file'), false),
        key_file: file(tls.key_file, atTls.at('key_file'), true),
      }),
  };
  // Merging lets the later level win, so a key without a value must not be there.
  return { settings: withoutUndefined(settings), doubtful: faulty.size > 0 || diagnostics.hasErrors };
}

/** Keys that say the same thing in different ways. */
const ALTERNATIVES: readonly (readonly (keyof Level)[])[] = [
  ['user', 'user_file'],
  ['password', 'password_file', 'password_command'],
];

/** Reports all but the first of keys that exclude each other. */
function checkOneOf(
  level: Salvaged<Level>,
  alternatives: readonly (keyof Level)[],
  diagnostics: Diagnostics,
): void {
  const [first, ...others] = alternatives.filter((key) => isGiven(level, key));
  for (const other of others)
    diagnostics.at(other).error(`${first} and ${other} stand side by side: keep one of them`);
}

/** Reports names of auth modules and query sets that do not exist. */
function checkReferences(value: Level, scope: LevelScope, diagnostics: Diagnostics): void {
  const { auth_module: module, allow_auth_modules: allowed, query_sets: sets } = value;
  checkNames(module === undefined ? [] : [module], scope.authModules, (name, hint) =>
    diagnostics.at('auth_module').error(`unknown auth module "${name}"${hint('auth modules')}`, 'value'),
  );
  checkNames(allowed ?? [], scope.authModules, (name, hint, i) =>
    diagnostics.at('allow_auth_modules', i).error(`unknown auth module "${name}"${hint('auth modules')}`),
  );
  if (scope.querySets) checkSets(sets ?? [], scope.querySets, diagnostics.at('query_sets'));
}

/** Reports a file that cannot be read, and a secret one that everybody can read; returns its path. */
function checkFile(path: string, diagnostics: Diagnostics, isSecret: boolean): string {
  const key = diagnostics.path.at(-1);
  const problem = unreadable(path);
  // In place of the name of a file there may be the secret itself.
  if (problem !== undefined && isSecret)
    diagnostics.error(
      `${key}: the file that it names ${problem}; it takes a name, not the secret itself`,
      'value',
    );
  else if (problem !== undefined) diagnostics.error(`${key}: the file ${path} ${problem}`, 'value');
  else if (isSecret && readableByAll(path))
    diagnostics.warn(`${key}: every user of this machine may read ${path}; chmod 600 it`, 'value');
  if (problem === undefined && key === 'password_file') checkPasswordFile(path, diagnostics);
  if (problem === undefined && key === 'user_file') checkUserFile(path, diagnostics);
  return path;
}

/** Its own, and below them those of its profiles. */
function paramsOf(
  { params, profiles = [] }: Level,
  known: KnownSets,
  diagnostics: Diagnostics,
): Level['params'] {
  const own = params && checkParams(params, known, diagnostics.at('params'));
  return profiles.length === 0 ? own : joinParams([paramsOfProfiles(profiles, known), own]);
}

/** The values converted to their types; wrong ones are reported and left out. */
function checkParams(
  given: NonNullable<Level['params']>,
  known: KnownSets,
  diagnostics: Diagnostics,
): NonNullable<Level['params']> {
  const sets = Object.entries(given).map(([set, values]) => {
    const at = diagnostics.at(set);
    const params = knownSet(set, known, at)?.params;
    const checked = params === undefined ? {} : checkParamsOfSet(values, { set, params }, at);
    return [set, checked] as const;
  });
  return Object.fromEntries(sets);
}

function checkParamsOfSet(
  values: Readonly<Record<string, ParamValue>>,
  { set, params }: { readonly set: string; readonly params: DeclaredParams },
  diagnostics: Diagnostics,
): Readonly<Record<string, ParamValue>> {
  const checked = Object.entries(values).flatMap(([name, raw]) => {
    const at = diagnostics.at(name);
    if (!Object.hasOwn(params, name)) {
      at.error(`"${set}" has no parameter "${name}"${hintFor(name, Object.keys(params), 'parameters')}`);
      return [];
    }
    const param = params[name];
    const value = param === undefined ? undefined : parseParam(param.type, raw);
    if (value?.ok === false) at.error(`${name}: ${value.message}`, 'value');
    return value?.ok ? [[name, value.value] as const] : [];
  });
  return Object.fromEntries(checked);
}

/** Reports each name that is not known. */
export function checkNames(
  names: readonly string[],
  known: readonly string[],
  unknown: (name: string, hint: (plural: string) => string, index: number) => void,
): void {
  for (const [i, name] of names.entries())
    if (!known.includes(name)) unknown(name, (plural) => hintFor(name, known, plural), i);
}

function unreadable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is not a file';
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
      ? 'cannot be read: the permission is missing'
      : 'does not exist';
  }
}

function readableByAll(path: string): boolean {
  return (statSync(path).mode & constants.S_IROTH) !== 0;
}
