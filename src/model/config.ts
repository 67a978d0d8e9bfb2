/**
 * The operator's whole configuration as the rest of the program sees it: checked, resolved, immutable.
 *
 * Made by load.ts alone. Whoever holds a Config need not check it again.
 */
import type { Origins } from './origins.ts';
import type { ParamValue, QuerySetDefinition } from './query-set.ts';
import type { SettingsOfQueries } from './query-settings.ts';
import type { Secret } from './secret.ts';

export interface Config {
  /** Every configured target by name, disabled ones included. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Targets by pattern, those with the most literal characters first. */
  readonly patterns: readonly TargetPattern[];
  /** Names of all groups, also of those without a target. */
  readonly groups: readonly string[];
  /** Every loaded query set by name, also those that no target uses. */
  readonly querySets: ReadonlyMap<string, QuerySetDefinition>;
  /** Fan-outs by the path of the URL that serves them, without its first slash. */
  readonly scrapes: ReadonlyMap<string, ScrapeDefinition>;
  /** The one target whose samples /metrics carries too: that of a file of query-exporter-simple. */
  readonly metricsTarget: string | undefined;
  /** Undefined for files of query-exporter and query-exporter-simple. */
  readonly origins: Origins | undefined;
}

/** Several targets in one answer. */
export interface ScrapeDefinition {
  readonly name: string;
  /** Enabled ones, each once. */
  readonly members: readonly ScrapeMember[];
  /** Exactly these sets; each target's own when empty. */
  readonly querySets: readonly string[];
}

export interface ScrapeMember {
  /** A key of Config.targets. */
  readonly target: string;
  /** The value of the label `instance`; in files of query-exporter two targets may share one. */
  readonly instance: string;
}

/** Names that are targets although the configuration does not list them. */
export interface TargetPattern {
  /** As model/name-pattern.ts takes it. */
  readonly text: string;
  /** Most names in use at once. */
  readonly maxNames: number;
  /** What each of its targets is, but for name and address, which mean nothing here. */
  readonly template: Target;
}

export interface Target {
  readonly name: string;
  readonly enabled: boolean;
  readonly address: Address;
  /** The pattern that matches its name; undefined for a target that the configuration lists. */
  readonly pattern: Pick<TargetPattern, 'text' | 'maxNames'> | undefined;
  /** Addresses in CIDR notation that may be dialled; any when undefined. */
  readonly networks: readonly string[] | undefined;
  readonly database: string | undefined;
  readonly credentials: Credentials;
  /** What `auth_module=` may say of the target's own login, which changes nothing. */
  readonly ownAuthModules: ReadonlySet<string>;
  /** Auth modules that a probe may ask for with `auth_module=`, besides those. */
  readonly authModules: ReadonlyMap<string, Credentials>;
  readonly tls: TlsSettings;
  /** Whether an RSA key that the server sends without TLS may encrypt the password (MITM risk). */
  readonly allowPublicKeyRetrieval: boolean;
  /** Whether statements may be sent before those before them are answered. */
  readonly pipelining: boolean;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whether every sample of its probes has these labels. */
  readonly exposesLabels: boolean;
  /** By query set, then by name: what is not here has its default. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, ParamValue>>>> | undefined;
  /** Undefined when every query is asked as its query file says. */
  readonly queries: SettingsOfQueries | undefined;
  /** Names of query sets, all of them keys of Config.querySets. */
  readonly querySets: readonly string[];
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly scrapeTimeoutMs: number;
  /** What service discovery asks of Prometheus; its own is used when undefined. */
  readonly scrapeIntervalMs: number | undefined;
  readonly idleTimeoutMs: number;
  readonly maxConnectionAgeMs: number;
  /** The share of time that one query may take on the server, above 0; 1 for no limit. */
  readonly maxLoad: number;
  /** System variables set on each new connection. */
  readonly session: Readonly<Record<string, string | number>>;
}

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Credentials {
  readonly user: UserSource;
  readonly password: PasswordSource;
}

/** A name, or a file with one that is read anew for each new connection. */
export type UserSource = string | { readonly kind: 'file'; readonly path: string };

export type PasswordSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly secret: Secret }
  /** Read anew for each new connection. */
  | { readonly kind: 'file'; readonly path: string }
  | PasswordCommand;

/** Run without a shell; `{host}`, `{port}` and `{user}` in its arguments are filled in. */
export interface PasswordCommand {
  readonly kind: 'command';
  readonly program: string;
  readonly args: readonly string[];
  /** How long what it prints is used for new connections. */
  readonly ttlMs: number;
}

/** The meaning of mysql's `--ssl-mode`: https://dev.mysql.com/doc/refman/8.4/en/connection-options.html */
export const TLS_MODES = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** To whom a login may give the password inside TLS: to any server, or only to one that has proven who it is. */
export const FULL_LOGINS = ['any', 'verified'] as const;
export type FullLogin = (typeof FULL_LOGINS)[number];

export interface TlsSettings {
  readonly mode: TlsMode;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The name that the certificate must carry and that SNI sends; the target's host when undefined. */
  readonly serverName: string | undefined;
  readonly fullLogin: FullLogin;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
}
