/**
 * Precedence: the settings of one target, from its own keys, its groups, the defaults and the built-in values.
 *
 * Pure: files and references have been checked before, in levels.ts.
 */
import type {
  Address,
  Credentials,
  PasswordSource,
  Target,
  TlsSettings,
  UserSource,
} from '../../model/config.ts';
import { Secret } from '../../model/secret.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import { joinParams } from './profiles.ts';
import { joinQuerySettings } from './query-settings.ts';
import type { SettingKeys } from './schema.ts';

const BUILT_IN = {
  maxConnections: 3,
  connectTimeoutMs: 3_000,
  queryTimeoutMs: 5_000,
  scrapeTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  maxConnectionAgeMs: 600_000,
  maxLoad: 0.1,
  // A token of RDS lives for 15 minutes.
  passwordTtlMs: 600_000,
} as const;

/** The collectors that mysqld_exporter enables by default. Only those that are loaded count. */
export const DEFAULT_QUERY_SETS: readonly string[] = [
  'global_status',
  'global_variables',
  'slave_status',
  'info_schema.innodb_cmp',
  'info_schema.innodb_cmpmem',
  'info_schema.query_response_time',
];

/** mysqld_exporter's name for the login that it uses when a probe names none. */
const UPSTREAM_DEFAULT = 'client';

/** The settings of one level; all of them are optional. */
export type Level = Partial<SettingKeys>;

/** Everything that the settings of one target depend on. */
export interface TargetSources {
  readonly name: string;
  readonly address: Address;
  /** When the name is a pattern. */
  readonly pattern: PatternSettings | undefined;
  /** `target_labels` of the defaults. */
  readonly exposesLabels: boolean;
  /** The content of the target's `dsn`; counts as the target's own, below its explicit keys. */
  readonly dsn: Dsn | undefined;
  readonly own: Level;
  readonly groupNames: readonly string[];
  /** In the order in which the target lists them: the later wins. */
  readonly groups: readonly Level[];
  readonly defaults: Level;
  readonly authModules: ReadonlyMap<string, Credentials>;
  readonly loadedSets: ReadonlySet<string>;
}

/** The keys that only targets by pattern have. */
export interface PatternSettings {
  readonly networks: readonly string[] | undefined;
  readonly maxNames: number;
}

export interface ResolvedTarget {
  readonly target: Target;
  /** Required settings that no level has. */
  readonly missing: readonly ('user' | 'query_sets')[];
}

/** Applies the precedence target > group > defaults > built in. */
export function resolveTarget(sources: TargetSources): ResolvedTarget {
  const { name, address, dsn, own, groups, defaults, authModules, pattern } = sources;
  const ascending: readonly Level[] = [defaults, ...groups, dsnLevel(dsn), own];
  const pick = <K extends keyof SettingKeys>(key: K) =>
    ascending.findLast((level) => level[key] !== undefined)?.[key];

  const found = credentialsOf(sources);
  const credentials: Credentials = found ?? { user: '', password: { kind: 'none' } };
  const querySets = querySetsOf(sources);
  const missing: ResolvedTarget['missing'][number][] = [];
  if (!found) missing.push('user');
  if (querySets.length === 0) missing.push('query_sets');

  const target: Target = {
    name,
    enabled: pick('enabled') ?? true,
    address,
    pattern: pattern && { text: name, maxNames: pattern.maxNames },
    networks: pattern?.networks,
    database: pick('database'),
    credentials,
    ownAuthModules: ownAuthModules(pick('auth_module'), credentials, authModules),
    authModules: modulesOf(pick('allow_auth_modules') ?? [], authModules),
    tls: tlsOf(ascending),
    allowPublicKeyRetrieval: pick('allow_public_key_retrieval') ?? false,
    pipelining: pick('pipelining') ?? true,
    groups: sources.groupNames,
    labels: Object.assign({}, ...ascending.map((level) => level.labels)),
    exposesLabels: sources.exposesLabels,
    ...paramsOf(ascending),
    queries: joinQuerySettings(ascending.map((level) => level.queries)),
    querySets,
    maxConnections: pick('max_connections') ?? BUILT_IN.maxConnections,
    connectTimeoutMs: pick('connect_timeout') ?? BUILT_IN.connectTimeoutMs,
    queryTimeoutMs: pick('query_timeout') ?? BUILT_IN.queryTimeoutMs,
    scrapeTimeoutMs: pick('scrape_timeout') ?? BUILT_IN.scrapeTimeoutMs,
    scrapeIntervalMs: pick('scrape_interval'),
    idleTimeoutMs: pick('idle_timeout') ?? BUILT_IN.idleTimeoutMs,
    maxConnectionAgeMs: pick('max_connection_age') ?? BUILT_IN.maxConnectionAgeMs,
    maxLoad: pick('max_load') ?? BUILT_IN.maxLoad,
    session: Object.assign({}, ...ascending.map((level) => level.session)),
  };
  return { target, missing };
}

/** The user of a level or auth module. */
export function userOf(level: Pick<Level, 'user' | 'user_file'>): UserSource | undefined {
  return level.user_file === undefined ? level.user : { kind: 'file', path: level.user_file };
}

/** The password of a level or auth module; an empty text is no password. */
export function passwordOf(
  level: Pick<Level, 'password' | 'password_file' | 'password_command' | 'password_ttl'>,
): PasswordSource | undefined {
  if (level.password_file !== undefined) return { kind: 'file', path: level.password_file };
  if (level.password_command !== undefined) {
    const [program = '', ...args] = level.password_command;
    return { kind: 'command', program, args, ttlMs: level.password_ttl ?? BUILT_IN.passwordTtlMs };
  }
  return level.password === undefined ? undefined : textPassword(level.password);
}

function textPassword(text: string): PasswordSource {
  return text === '' ? { kind: 'none' } : { kind: 'text', secret: new Secret(text) };
}

/** The content of a DSN as a level. */
export function dsnLevel(dsn: Dsn | undefined): Level {
  return {
    database: dsn?.database,
    connect_timeout: dsn?.connectTimeoutMs,
    query_timeout: dsn?.queryTimeoutMs,
    session: dsn?.session,
    tls: dsn?.tlsMode === undefined ? undefined : { mode: dsn.tlsMode },
  };
}

/**
 * User and password are looked for separately, from the most specific source to the least, so that a target may
 * change one of them. A DSN with a user and an auth module always have a password, perhaps an empty one.
 */
function credentialsOf({ own, dsn, groups, defaults, authModules }: TargetSources): Credentials | undefined {
  const moduleOf = ({ auth_module: module }: Level): Partial<Credentials> =>
    (module === undefined ? undefined : authModules.get(module)) ?? {};
  const ofDsn: Partial<Credentials> =
    dsn?.user === undefined ? {} : { user: dsn.user, password: textPassword(dsn.password ?? '') };
  const sources = [
    explicit(own),
    ofDsn,
    moduleOf(own),
    ...[...groups.toReversed(), defaults].flatMap((level) => [explicit(level), moduleOf(level)]),
  ];
  const user = sources.find((source) => source.user !== undefined)?.user;
  const password = sources.find((source) => source.password !== undefined)?.password;
  return user === undefined ? undefined : { user, password: password ?? { kind: 'none' } };
}

/** The module that gave user and password; also mysqld_exporter's name for it, unless another module has that name. */
function ownAuthModules(
  name: string | undefined,
  { user, password }: Credentials,
  authModules: ReadonlyMap<string, Credentials>,
): ReadonlySet<string> {
  const module = name === undefined ? undefined : authModules.get(name);
  const isOwn = module !== undefined && module.user === user && module.password === password;
  return new Set([
    ...(name !== undefined && isOwn ? [name] : []),
    ...(authModules.has(UPSTREAM_DEFAULT) ? [] : [UPSTREAM_DEFAULT]),
  ]);
}

/** The modules of these names; unknown names have been reported. */
function modulesOf(
  names: readonly string[],
  authModules: ReadonlyMap<string, Credentials>,
): ReadonlyMap<string, Credentials> {
  return new Map(
    names.flatMap((name) => {
      const module = authModules.get(name);
      return module ? [[name, module] as const] : [];
    }),
  );
}

function explicit(level: Level): Partial<Credentials> {
  const user = userOf(level);
  const password = passwordOf(level);
  return { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) };
}

function querySetsOf({ own, groups, defaults, loadedSets }: TargetSources): readonly string[] {
  const ofGroups = groups.flatMap((group) => group.query_sets ?? []);
  const grouped = groups.some((group) => group.query_sets !== undefined) ? ofGroups : undefined;
  const builtIn = DEFAULT_QUERY_SETS.filter((set) => loadedSets.has(set));
  return [...new Set(own.query_sets ?? grouped ?? defaults.query_sets ?? builtIn)];
}

/** Merges each set name by name; the more specific level wins. */
function paramsOf(ascending: readonly Level[]): Pick<Target, 'params'> {
  const params = joinParams(ascending.map((level) => level.params));
  return Object.keys(params).length === 0 ? {} : { params };
}

function tlsOf(ascending: readonly Level[]): TlsSettings {
  const tls: NonNullable<Level['tls']> = Object.assign({}, ...ascending.map((level) => level.tls));
  return {
    mode: tls.mode ?? 'preferred',
    caFile: tls.ca_file,
    certFile: tls.cert_file,
    keyFile: tls.key_file,
    serverName: tls.server_name,
    fullLogin: tls.full_login ?? 'any',
    minVersion: tls.min_version,
  };
}
