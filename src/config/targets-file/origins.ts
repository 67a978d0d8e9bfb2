/**
 * The lines on which the levels of targets.yml say what they say, in one pass over the file.
 */
import { dirname, resolve } from 'node:path';
import type { Path } from '../../diagnostics/diagnostics.ts';
import { type LevelOrigins, type Origins, pathOf, type QueryFilesOrigin } from '../../model/origins.ts';
import { valueAt, withoutUndefined } from '../check/maps.ts';
import { parseDsn } from '../dsn/dsn.ts';
import { BUILTIN } from './known-sets.ts';
import { dsnLevel } from './precedence.ts';
import { PROFILES, type ProfileName } from './profiles.ts';

/** A file whose parts can be visited. */
export interface VisitedFile {
  readonly file: string;
  readonly value: unknown;
  readonly visit: (each: (path: Path, line: number, written: string | undefined) => void) => void;
}

/** A level while its keys are visited. */
interface Draft {
  line: number;
  readonly lines: Record<string, number>;
  variables?: Record<string, readonly string[]>;
  authModule?: string;
  ofDsn?: readonly string[];
}

/** Lists of names; an entry is found by what it says. */
const NAMED_LISTS: readonly unknown[] = ['query_sets', 'groups', 'allow_auth_modules', 'profiles'];

/** The origins of a file without errors. */
export function readOrigins({ file, value, visit }: VisitedFile): Origins {
  const found = {
    defaults: draftAt(1),
    groups: new Map<string, Draft>(),
    auth_modules: new Map<string, Draft>(),
    targets: new Map<string, Draft>(),
  };
  let queryFilesLine: number | undefined;
  visit(([room, ...path], line, written) => {
    if (room === 'query_files' && path.length === 0) queryFilesLine = line;
    if (room === 'defaults') note(found.defaults, path, { line, written, file: value, room: ['defaults'] });
    if (room !== 'groups' && room !== 'auth_modules' && room !== 'targets') return;
    const [name, ...below] = path;
    if (name === undefined) return;
    const level = found[room].get(String(name)) ?? draftAt(line);
    found[room].set(String(name), level);
    note(level, below, { line, written, file: value, room: [room, name] });
  });
  return {
    file,
    queryFiles: queryFilesLine === undefined ? undefined : queryFilesOrigin(file, value, queryFilesLine),
    defaults: found.defaults,
    groups: found.groups,
    authModules: found.auth_modules,
    targets: found.targets,
  };
}

const draftAt = (line: number): Draft & LevelOrigins => ({ line, lines: {} });

interface Visited {
  readonly line: number;
  readonly written: string | undefined;
  readonly file: unknown;
  /** The path of the level. */
  readonly room: Path;
}

function note(level: Draft, path: Path, { file, line, room, written }: Visited): void {
  if (path.length === 0) {
    level.line = line;
    return;
  }
  const [key] = path;
  const isEntry = typeof path.at(-1) === 'number';
  if (isEntry && !NAMED_LISTS.includes(key)) return;
  const value =
    isEntry || key === 'auth_module' || key === 'dsn' ? valueAt(file, ...room, ...path) : undefined;
  const setting = pathOf(...(isEntry ? [...path.slice(0, -1), value] : path).map(String));
  level.lines[setting] = line;
  const variables = variablesIn(written ?? '');
  if (variables.length > 0) level.variables = { ...level.variables, [setting]: variables };
  if (typeof value !== 'string') return;
  // The parameters of a profile stand on its line, unless the level has a line for them.
  if (key === 'profiles')
    for (const [set, params] of Object.entries(PROFILES[value as ProfileName]))
      for (const param of Object.keys(params)) level.lines[pathOf('params', set, param)] ??= line;
  if (path.length > 1) return;
  if (key === 'auth_module') level.authModule = value;
  if (key === 'dsn') level.ofDsn = settingsOfDsn(value);
}

/** The names alone: what stands behind `:-` may be a password. */
function variablesIn(written: string): readonly string[] {
  return written.includes('${')
    ? [...written.matchAll(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, name]) => name ?? [])
    : [];
}

function settingsOfDsn(text: string): readonly string[] {
  const dsn = parseDsn(text);
  if (!dsn.ok) return [];
  const { session = {}, tls = {}, ...plain } = dsnLevel(dsn.value);
  return [
    'address',
    ...(dsn.value.user === undefined ? [] : ['user', 'password']),
    ...Object.keys(withoutUndefined(plain)),
    ...Object.keys(tls).map((key) => pathOf('tls', key)),
    ...Object.keys(session).map((key) => pathOf('session', key)),
  ];
}

function queryFilesOrigin(file: string, value: unknown, line: number): QueryFilesOrigin {
  const patterns = valueAt(value, 'query_files');
  const folder = resolve(dirname(file));
  return {
    patterns: (Array.isArray(patterns) ? patterns : [])
      .map(String)
      .map((pattern) => (pattern === BUILTIN ? pattern : resolve(folder, pattern))),
    line,
  };
}
