/**
 * Which level a setting of a target comes from, by the order of precedence: target, dsn, groups, defaults, built in.
 */
import type { Target } from '../model/config.ts';
import { type LevelOrigins, type Origins, pathOf } from '../model/origins.ts';

/** Where a setting comes from, for people. */
export interface Origin {
  /** Such as `group prod`. */
  readonly level: string;
  /** Undefined for what is built in. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** The names of the variables in its text. */
  readonly variables: readonly string[];
}

/** `group prod, targets.yml:12, ${PORT}`. */
export function originText({ level, place, variables }: Origin): string {
  const at = place === undefined ? [] : [`${place.file}:${place.line}`];
  return [level, ...at, ...variables.map((name) => `\${${name}}`)].join(', ');
}

export const BUILT_IN: Origin = { level: 'built-in', place: undefined, variables: [] };

/** The login has two parts, which may come from different levels. */
export type LoginPart = 'user' | 'password';

export interface TargetOrigins {
  /** Of what its name says: the address. */
  readonly ofName: Origin;
  /** Of the most specific level that says it, by one of these paths, the first of them that it has. */
  readonly of: (...paths: readonly string[]) => Origin;
  /** Of one of the names of a list that no level adds to: `groups`, `allow_auth_modules`. */
  readonly ofEntry: (list: string, name: string) => Origin;
  /** The lists of all groups are joined. */
  readonly ofQuerySet: (name: string) => Origin;
  readonly ofLogin: (part: LoginPart) => Origin;
  /** Of what belongs to the password and stands beside it. */
  readonly besidePassword: (path: string) => Origin;
}

/** A level, in the words for people. */
interface Source {
  readonly level: string;
  readonly says: LevelOrigins;
}

/** The origins of one target. */
export function targetOrigins(origins: Origins, target: Target): TargetOrigins {
  const own = ownSource(origins, target);
  const groups = target.groups
    .toReversed()
    .flatMap((name) => sourceOf(`group ${name}`, origins.groups.get(name)));
  const defaults: Source = { level: 'defaults', says: origins.defaults };
  const levels = [...own, ...own.flatMap(dsnOf), ...groups, defaults];
  const logins = [
    ...own,
    ...own.flatMap(dsnOf),
    ...own.flatMap((source) => moduleOf(source, origins)),
    ...[...groups, defaults].flatMap((source) => [source, ...moduleOf(source, origins)]),
  ];
  const { file } = origins;
  const first = (sources: readonly Source[], paths: readonly string[]): Origin => {
    for (const source of sources)
      for (const path of paths) if (Object.hasOwn(source.says.lines, path)) return at(file, source, path);
    return BUILT_IN;
  };
  const loginOf = (part: LoginPart) => logins.find((source) => hasLogin(source, part));
  const isListed = target.pattern === undefined;
  return {
    ofName: {
      ...BUILT_IN,
      level: 'name',
      place: isListed ? own.map((source) => at(file, source, '').place)[0] : undefined,
    },
    of: (...paths) => first(levels, paths),
    ofEntry: (list, name) => first(levels, [pathOf(list, name)]),
    ofQuerySet: (name) => {
      const path = pathOf('query_sets', name);
      const says = ({ says }: Source) => Object.hasOwn(says.lines, 'query_sets');
      return first(own.some(says) ? own : groups.some(says) ? groups.toReversed() : [defaults], [path]);
    },
    ofLogin: (part) => {
      const source = loginOf(part);
      return source === undefined ? BUILT_IN : first([source], [...LOGIN_KEYS[part], '']);
    },
    besidePassword: (path) => first([loginOf('password') ?? []].flat(), [path]),
  };
}

/** The origin of a setting of an auth module. */
export function moduleOrigin(origins: Origins, name: string, ...paths: readonly string[]): Origin {
  const [source] = sourceOf(`auth module ${name}`, origins.authModules.get(name));
  const path = paths.find((one) => source !== undefined && Object.hasOwn(source.says.lines, one));
  return source === undefined || path === undefined ? BUILT_IN : at(origins.file, source, path);
}

export const LOGIN_KEYS = {
  user: ['user', 'user_file'],
  password: ['password', 'password_file', 'password_command'],
} as const satisfies Record<LoginPart, readonly string[]>;

function ownSource({ targets }: Origins, { name, pattern }: Target): readonly Source[] {
  return pattern === undefined
    ? sourceOf('target', targets.get(name))
    : sourceOf(`pattern ${pattern.text}`, targets.get(pattern.text));
}

/** What its dsn says stands on the line of the dsn. */
function dsnOf({ says }: Source): readonly Source[] {
  const { line, lines, ofDsn = [], variables = {} } = says;
  const dsnLine = lines['dsn'] ?? line;
  const inDsn = variables['dsn'];
  return sourceOf('dsn', {
    line: dsnLine,
    lines: Object.fromEntries(ofDsn.map((path) => [path, dsnLine])),
    ...(inDsn === undefined ? {} : { variables: Object.fromEntries(ofDsn.map((path) => [path, inDsn])) }),
  });
}

/** The auth module that a level names. One without a password has an empty one, which stands nowhere but with its name. */
function moduleOf({ says: { authModule = '' } }: Source, { authModules }: Origins): readonly Source[] {
  const says = authModules.get(authModule);
  return sourceOf(`auth module ${authModule}`, says && { ...says, lines: { ...says.lines, '': says.line } });
}

const sourceOf = (level: string, says: LevelOrigins | undefined): readonly Source[] =>
  says === undefined ? [] : [{ level, says }];

const hasLogin = ({ says }: Source, part: LoginPart): boolean =>
  ['', ...LOGIN_KEYS[part]].some((key) => Object.hasOwn(says.lines, key));

function at(file: string, { level, says }: Source, path: string): Origin {
  const line = says.lines[path] ?? says.line;
  return { level, place: { file, line }, variables: says.variables?.[path] ?? [] };
}
