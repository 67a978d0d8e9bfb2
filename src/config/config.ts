/**
 * The operator's whole configuration as the rest of the program sees it: checked, resolved, immutable.
 *
 * Made by load.ts alone. Whoever holds a Config need not check it again.
 */
import type { Secret } from './secret.ts';

export interface Config {
  /** Every configured target by name, disabled ones included. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Every loaded query set by name, also those that no target uses. */
  readonly querySets: ReadonlyMap<string, QuerySetDefinition>;
}

export interface Target {
  readonly name: string;
  readonly enabled: boolean;
  readonly address: Address;
  readonly database: string | undefined;
  readonly credentials: Credentials;
  /** Auth modules that a probe may ask for with `auth_module=`, besides the target's own. */
  readonly authModules: ReadonlyMap<string, Credentials>;
  readonly tls: TlsSettings;
  /** Whether an RSA key that the server sends without TLS may encrypt the password (MITM risk). */
  readonly allowPublicKeyRetrieval: boolean;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Names of query sets, all of them keys of Config.querySets. */
  readonly querySets: readonly string[];
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly scrapeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** System variables set on each new connection. */
  readonly session: Readonly<Record<string, string | number>>;
}

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Credentials {
  readonly user: string;
  readonly password: PasswordSource;
}

export type PasswordSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly secret: Secret }
  /** Read anew for each new connection. */
  | { readonly kind: 'file'; readonly path: string };

/** The meaning of mysql's `--ssl-mode`: https://dev.mysql.com/doc/refman/8.4/en/connection-options.html */
export const TLS_MODES = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsSettings {
  readonly mode: TlsMode;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The name that the certificate must carry and that SNI sends; the target's host when undefined. */
  readonly serverName: string | undefined;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
}

export interface QuerySetDefinition {
  readonly name: string;
  readonly description: string;
  readonly queries: readonly QueryDefinition[];
}

export interface QueryDefinition {
  /** Unique in its set; in the short form the name of the metric. */
  readonly name: string;
  readonly description: string;
  readonly sql: string;
  /** The target's query timeout holds when undefined. */
  readonly timeoutMs: number | undefined;
  readonly grants: readonly string[];
  readonly maxRows: number;
  readonly maxSeries: number;
  readonly metrics: readonly MetricDefinition[];
}

export interface MetricDefinition {
  /** The exposed name: namespace and metric name joined. */
  readonly family: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly LabelDefinition[];
  readonly staticLabels: Readonly<Record<string, string>>;
  readonly value: ValueDefinition;
  readonly onNull: 'skip' | 'zero' | 'nan' | 'error';
}

export interface LabelDefinition {
  readonly column: string;
  readonly as: string;
}

export type ValueDefinition =
  | { readonly kind: 'column'; readonly column: string }
  /** Several columns, a series each, told apart by one more label. */
  | {
      readonly kind: 'columns';
      readonly label: string;
      readonly columns: readonly { readonly column: string; readonly labelValue: string }[];
    }
  | { readonly kind: 'static'; readonly value: number };
