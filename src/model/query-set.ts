/**
 * A query set in its normal form: what is asked, of which servers, and within which limits.
 */
import type { MetricDefinition, OnEmpty, PivotDefinition } from './metric.ts';

/** What a target may set for a query set; it stands in SQL as `:name`, quoted by its type. */
export const PARAM_TYPES = ['integer', 'string', 'identifier', 'list', 'boolean'] as const;
export type ParamType = (typeof PARAM_TYPES)[number];
export type ParamValue = string | number | boolean | readonly string[];

export interface ParamDefinition {
  readonly type: ParamType;
  readonly default: ParamValue;
  /** For people. */
  readonly description?: string | undefined;
}

/** What asking a set costs a server, roughly: for the person who chooses sets. */
export const COSTS = ['cheap', 'moderate', 'heavy'] as const;
export type Cost = (typeof COSTS)[number];

/**
 * The namespace of a set that names none: the first part of the name of each of its metrics. It is the prefix of
 * query-exporter, so that the names of its users' metrics stay the same.
 */
export const DEFAULT_NAMESPACE = 'query_exporter';

export interface QuerySetDefinition {
  readonly name: string;
  readonly description: string;
  /** Cheap when undefined. */
  readonly cost?: Cost | undefined;
  /** By name; without any, `:name` in SQL means nothing. */
  readonly params?: Readonly<Record<string, ParamDefinition>> | undefined;
  readonly queries: readonly QueryDefinition[];
}

export interface QueryDefinition {
  /** Unique in its set; in the short form the name of the metric. */
  readonly name: string;
  readonly description: string;
  readonly sql: string;
  /** The file that the statement stands in, for messages. */
  readonly sqlFile?: string | undefined;
  /** The boolean parameter that must be true; always asked when undefined. */
  readonly onlyIf?: string | undefined;
  /** Whether a statement may be a CALL. */
  readonly allowCall?: boolean | undefined;
  /** The target's query timeout holds when undefined. */
  readonly timeoutMs: number | undefined;
  /** What the account needs; nothing on a flavour that it is not asked on. */
  readonly grants: Readonly<Record<Flavour, readonly Grant[]>>;
  readonly maxRows: number;
  readonly maxSeries: number;
  readonly metrics: readonly MetricDefinition[];
  /** Metrics whose names come from the data. */
  readonly pivot?: PivotDefinition | undefined;
  /** Of columns of one name in the result the last counts; when undefined it cannot be known which one is meant. */
  readonly repeatedColumns?: 'last' | undefined;
  /** What no row means; ok when undefined. */
  readonly onEmpty?: OnEmpty | undefined;
  /** Statements for some servers; the first whose requirement is met is taken in place of `sql`. */
  readonly variants?: readonly StatementVariant[] | undefined;
  /** What a server must have for this query to be asked; its set's requirement is part of it. */
  readonly requires?: Requirement | undefined;
  /** Successful results are kept this long and not asked for again. */
  readonly minIntervalMs?: number | undefined;
  /** Numbers of server errors that mean "not on this server": skipped, not failed. */
  readonly ignoreErrors?: readonly number[] | undefined;
}

export const FLAVOURS = ['mysql', 'mariadb'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** What a server is to others: a replica follows one of them, or a group; all others are primaries. */
export const ROLES = ['primary', 'replica'] as const;
export type Role = (typeof ROLES)[number];

/** The flavours as people write them. */
export const FLAVOUR_NAMES: Readonly<Record<Flavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** A privilege and where it is needed; schema and table are `*` for all of them. */
export interface Grant {
  readonly privilege: string;
  /** With a colon in front, as table may be: what the set's parameter of that name says. */
  readonly schema: string;
  readonly table: string;
}

export interface StatementVariant {
  /** Every server when undefined. */
  readonly when: Requirement | undefined;
  readonly sql: string;
  readonly sqlFile?: string | undefined;
}

/** What is asked of a server. All that is given must hold. */
export interface Requirement {
  readonly flavour?: Flavour | undefined;
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
  /** One of these. */
  readonly roles?: readonly Role[] | undefined;
}
