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
  /** Fan-outs by the path of the URL that serves them, without its first slash. */
  readonly scrapes: ReadonlyMap<string, ScrapeDefinition>;
  /** The one target whose samples /metrics carries too: that of a file of query-exporter-simple. */
  readonly metricsTarget: string | undefined;
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
  /** By query set, then by name: what is not here has its default. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, ParamValue>>>> | undefined;
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

/** What a target may set for a query set; it stands in SQL as `:name`, quoted by its type. */
export const PARAM_TYPES = ['integer', 'string', 'identifier', 'list', 'boolean'] as const;
export type ParamType = (typeof PARAM_TYPES)[number];
export type ParamValue = string | number | boolean | readonly string[];

export interface ParamDefinition {
  readonly type: ParamType;
  readonly default: ParamValue;
}

export interface QuerySetDefinition {
  readonly name: string;
  readonly description: string;
  /** By name; without any, `:name` in SQL means nothing. */
  readonly params?: Readonly<Record<string, ParamDefinition>> | undefined;
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
  /** Metrics whose names come from the data. */
  readonly pivot?: PivotDefinition | undefined;
  /** Statements for some servers; the first whose requirement is met is taken in place of `sql`. */
  readonly variants?: readonly StatementVariant[] | undefined;
  /** What a server must have for this query to be asked; its set's requirement is part of it. */
  readonly requires?: Requirement | undefined;
  /** Successful results are kept this long and not asked for again. */
  readonly minIntervalMs?: number | undefined;
  /** Numbers of server errors that mean "not on this server": skipped, not failed. */
  readonly ignoreErrors?: readonly number[] | undefined;
}

export interface StatementVariant {
  /** Every server when undefined. */
  readonly when: Requirement | undefined;
  readonly sql: string;
}

/** What is asked of a server. All that is given must hold. */
export interface Requirement {
  readonly flavour?: 'mysql' | 'mariadb' | undefined;
  /** The oldest version, as `[8, 0, 22]`. */
  readonly minVersion?: readonly number[] | undefined;
  /** The first version that is too new. */
  readonly maxVersion?: readonly number[] | undefined;
  /** Global variables and the texts that they may have, in lower case. */
  readonly variables?: Readonly<Record<string, readonly string[]>> | undefined;
  /** As `schema.table`. */
  readonly tables?: readonly string[] | undefined;
  /** As `schema.table.column`. */
  readonly columns?: readonly string[] | undefined;
}

export interface PivotDefinition {
  /** Each row is a key and a value; undefined when each column's name is a key and its cell the value. */
  readonly keyValue: { readonly key: string; readonly value: string } | undefined;
  /** Of a row, for the column-wise form; these columns are no keys. */
  readonly labels: readonly LabelDefinition[];
  /** Keys in lower case, unless true; what no metric name may hold becomes `_` in either case. */
  readonly keepCase: boolean;
  /** The first that matches a key counts; a key that none matches is dropped. */
  readonly rules: readonly PivotRule[];
  readonly infos: readonly InfoDefinition[];
}

/** Texts with `$0` for the whole key and `$1` for the first group of `match`. */
export type PivotRule =
  | { readonly match: string | undefined; readonly drop: true }
  | {
      readonly match: string | undefined;
      readonly drop: false;
      readonly family: string;
      readonly type: 'gauge' | 'counter' | 'untyped';
      readonly help: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly parse?: Parser | undefined;
      readonly map?: Readonly<Record<string, number>> | undefined;
      readonly scale?: number | undefined;
    };

/** One series that is always 1, with the texts of some keys as labels. */
export interface InfoDefinition {
  readonly family: string;
  readonly help: string;
  /** Label to key. A key that does not come is an empty label. */
  readonly labels: Readonly<Record<string, string>>;
  /** Only when this key came with a text. */
  readonly need: string | undefined;
}

/**
 * `info` is a gauge that is always 1, `stateset` one that is 1 for the state that holds and 0 for the others;
 * `untyped` is for numbers of which nobody can tell whether they may fall.
 */
export const METRIC_TYPES = [
  'gauge',
  'counter',
  'untyped',
  'info',
  'stateset',
  'histogram',
  'summary',
] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** How the text of a cell becomes a number; what each means is in query-set/reading.ts. */
export const PARSERS = ['number', 'status', 'yes_no', 'datetime', 'size'] as const;
export type Parser = (typeof PARSERS)[number];

/** What to do with a cell that holds no number. */
export const SUBSTITUTES = ['skip', 'zero', 'nan', 'error'] as const;
export type Substitute = (typeof SUBSTITUTES)[number];

export interface MetricDefinition {
  /** The exposed name: namespace and metric name joined. */
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly LabelDefinition[];
  readonly staticLabels: Readonly<Record<string, string>>;
  readonly value: ValueDefinition;
  readonly parse?: Parser | undefined;
  /** Texts that stand for numbers, in place of a parser. */
  readonly map?: Readonly<Record<string, number>> | undefined;
  /** Every number is multiplied by it. */
  readonly scale?: number | undefined;
  readonly onNull: Substitute;
  /** For text that is no number; skip when undefined. */
  readonly onInvalid?: Substitute | undefined;
  /** Only rows for which it holds. */
  readonly when?: RowCondition | undefined;
  /** Rows with equal labels become one sample. */
  readonly group?: Grouping | undefined;
  /** Further family names for the same samples. */
  readonly aliases?: readonly string[] | undefined;
}

export const GROUPINGS = ['sum', 'count', 'max', 'last'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Exactly one of the tests is given. */
export interface RowCondition {
  readonly column: string;
  readonly in?: readonly string[] | undefined;
  readonly notIn?: readonly string[] | undefined;
  readonly above?: number | undefined;
  readonly isNull?: boolean | undefined;
}

export interface LabelDefinition {
  readonly column: string;
  readonly as: string;
  /** Columns to look at when `column` is NULL or empty, in this order. */
  readonly orElse?: readonly string[] | undefined;
  readonly edit?: LabelEdit | undefined;
}

/** Changes of a label's text, applied in this order. */
export interface LabelEdit {
  readonly trimPrefix?: string | undefined;
  /** A regular expression; its first group is taken, or nothing when it does not match. */
  readonly match?: string | undefined;
  readonly replace?: Readonly<Record<string, string>> | undefined;
  readonly lower?: boolean | undefined;
  /** Characters to keep. */
  readonly truncate?: number | undefined;
  /** For an empty text. */
  readonly default?: string | undefined;
}

export type ValueDefinition =
  | { readonly kind: 'column'; readonly column: string }
  /** Several columns, a series each, told apart by one more label. */
  | {
      readonly kind: 'columns';
      readonly label: string;
      readonly columns: readonly {
        readonly column: string;
        readonly labelValue: string;
      }[];
    }
  | { readonly kind: 'static'; readonly value: number }
  /** A series per state, told apart by the label. */
  | {
      readonly kind: 'states';
      readonly column: string;
      readonly label: string;
      readonly states: readonly string[];
    }
  /** Rows with equal labels are the buckets of one histogram. */
  | {
      readonly kind: 'histogram';
      /** The upper bound; what is no number there is the bucket without one. */
      readonly le: string;
      readonly count: string;
      readonly sum: string | undefined;
      /** Whether the counts hold those of the smaller buckets already. */
      readonly cumulated: boolean;
    }
  /** Each row is a summary. */
  | {
      readonly kind: 'summary';
      readonly count: string;
      readonly sum: string;
      /** Column to the text of the label `quantile`. */
      readonly quantiles: Readonly<Record<string, string>>;
    };
