/**
 * One level of settings (a target, a group, the defaults, an auth module) as it stands in targets.yml: files it
 * names are found and made absolute, names it refers to must exist, keys must fit together.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { hintFor } from '../../diagnostics/suggest.ts';
import { isMap, type Report, type Salvaged } from '../check/zod-issues.ts';
import { type DeclaredParams, parseParam } from '../query-file/params.ts';
import type { Path } from '../yaml/source.ts';
import type { Level } from './precedence.ts';

/** What the whole of targets.yml offers to a level, and where findings go. */
export interface LevelScope {
  /** File names are relative to it. */
  readonly folder: string;
  readonly authModules: readonly string[];
  readonly groups: readonly string[];
  /** Undefined when not all query files could be read: then an unknown set is not an error of the level. */
  readonly querySets: readonly string[] | undefined;
  /** What each query set lets a target set, undefined for one that does not say it well; undefined as above. */
  readonly params: ReadonlyMap<string, DeclaredParams | undefined> | undefined;
  readonly report: Report;
  readonly warn: Report;
}

export interface CheckedLevel {
  readonly settings: Level;
  /** Something here was reported, so what is missing may be a consequence of it. */
  readonly doubtful: boolean;
}

/** Checks a level and makes its file names absolute. */
export function checkLevel(raw: unknown, path: Path, part: Salvaged<Level>, scope: LevelScope): CheckedLevel {
  let doubtful = part.faulty.size > 0;
  const report: Report = (at, message, where) => {
    doubtful = true;
    scope.report([...path, ...at], message, where);
  };
  const { value } = part;
  if (isMap(raw) && Object.hasOwn(raw, 'password') && Object.hasOwn(raw, 'password_file'))
    report(['password_file'], 'password and password_file stand side by side: keep one of them');

  checkNames(value.auth_module === undefined ? [] : [value.auth_module], scope.authModules, (name, hint) =>
    report(['auth_module'], `unknown auth module "${name}"${hint('auth modules')}`, 'value'),
  );
  checkNames(value.allow_auth_modules ?? [], scope.authModules, (name, hint, i) =>
    report(['allow_auth_modules', i], `unknown auth module "${name}"${hint('auth modules')}`),
  );
  if (scope.querySets)
    checkNames(value.query_sets ?? [], scope.querySets, (name, hint, i) =>
      report(['query_sets', i], `unknown query set "${name}"${hint('query sets')}`),
    );

  const file = (name: string | undefined, at: Path): string | undefined => {
    if (name === undefined) return undefined;
    const full = resolve(scope.folder, name);
    const problem = unreadable(full);
    if (problem !== undefined) report(at, `${at.at(-1)}: the file ${full} ${problem}`, 'value');
    else if (at.at(-1) !== 'ca_file' && at.at(-1) !== 'cert_file' && readableByAll(full))
      scope.warn(
        [...path, ...at],
        `${at.at(-1)}: every user of this machine may read ${full}; chmod 600 it`,
        'value',
      );
    return full;
  };
  const { tls } = value;
  const settings: Level = {
    ...value,
    params: value.params && scope.params && checkParams(value.params, scope.params, report),
    password_file: file(value.password_file, ['password_file']),
    tls: tls && {
      ...tls,
      ca_file: file(tls.ca_file, ['tls', 'ca_file']),
      cert_file: file(tls.cert_file, ['tls', 'cert_file']),
      key_file: file(tls.key_file, ['tls', 'key_file']),
    },
  };
  return { settings: withoutUndefined(settings), doubtful };
}

/** The values by their types; what is wrong is reported and left out. */
function checkParams(
  given: NonNullable<Level['params']>,
  declared: ReadonlyMap<string, DeclaredParams | undefined>,
  report: Report,
): NonNullable<Level['params']> {
  const sets = Object.entries(given).map(([set, values]) => {
    const params = declared.get(set);
    if (!declared.has(set))
      report(
        ['params', set],
        `unknown query set "${set}"${hintFor(set, [...declared.keys()], 'query sets')}`,
      );
    const checked = Object.entries(values).flatMap(([name, raw]) => {
      const param = params !== undefined && Object.hasOwn(params, name) ? params[name] : undefined;
      if (params !== undefined && !Object.hasOwn(params, name))
        report(
          ['params', set, name],
          `"${set}" has no parameter "${name}"${hintFor(name, Object.keys(params), 'parameters')}`,
        );
      const value = param === undefined ? undefined : parseParam(param.type, raw);
      if (value?.ok === false) report(['params', set, name], `${name}: ${value.message}`, 'value');
      return value?.ok ? [[name, value.value] as const] : [];
    });
    return [set, Object.fromEntries(checked)] as const;
  });
  return Object.fromEntries(sets);
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

/** Merging lets the later level win, so a key that says nothing must not be there. */
function withoutUndefined(settings: Level): Level {
  const tls = settings.tls && Object.fromEntries(entriesWithValue(settings.tls));
  return Object.fromEntries(entriesWithValue({ ...settings, tls }));
}

const entriesWithValue = (map: object) => Object.entries(map).filter(([, value]) => value !== undefined);

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
