/**
 * Query files: which keys there are and what each takes. Rules that join several keys are in query-file.ts; metrics,
 * keys that name metrics, and requirements have schemas of their own.
 */
import * as z from 'zod';
import { EMPTY_POLICIES } from '../../model/metric.ts';
import { COSTS, DEFAULT_NAMESPACE, PARAM_TYPES } from '../../model/query-set.ts';
import { count, flag, keys, name, paramValue, text, timeout } from '../check/schema-parts.ts';
import { metricKeys, metricSchema, onlyIf } from './metric-schema.ts';
import { columnsSchema, keyValueSchema } from './pivot-schema.ts';
import { requirementSchema } from './requirement-schema.ts';

export const DEFAULT_MAX_ROWS = 10_000;
export const DEFAULT_MAX_SERIES = 20_000;
export const MAX_ROWS = 1_000_000;

const sql = z.string().regex(/\S/, 'must not be empty').meta({ kind: 'SQL' });

/** PRIVILEGE, or PRIVILEGE ON place. */
const GRANT = /^[A-Z][A-Z_]*(?: (?!ON\b)[A-Z][A-Z_]*)*(?: ON (?:\*\.\*|:?[\w$]+\.(?:\*|:?[\w$]+)))?$/;

const statementFile = text
  .optional()
  .describe('A file with the statement in place of query, relative to this one; at most 1 MiB');

const variantSchema = keys({
  when: requirementSchema.optional().describe('Only such servers; all others when left out'),
  query: sql.optional().describe('One statement that reads'),
  query_file: statementFile,
}).meta({ section: 'Variant' });

const statementKeys = {
  query: sql
    .optional()
    .describe(
      'One statement that reads; exactly one of query, query_file, query_ref and, in a query, variants is needed',
    ),
  query_file: statementFile,
  query_ref: text
    .optional()
    .describe('The name of another query of this set whose statement or variants to take, in place of query'),
  allow_call: flag.optional().meta({
    description: 'Whether the statement may be CALL of a procedure, which must only read',
    fallback: 'false',
  }),
};

const grantList = z.array(
  z
    .string()
    .regex(GRANT, 'expected a privilege in capitals, such as PROCESS or SELECT ON performance_schema.*')
    .meta({ kind: 'privilege' }),
);

const flavourGrantsSchema = keys({
  mysql: grantList.optional().meta({ description: 'Privileges on MySQL', fallback: '[]' }),
  mariadb: grantList.optional().meta({ description: 'Privileges on MariaDB', fallback: '[]' }),
}).meta({ section: 'Grants by flavour' });

const grants = z.union([grantList, flavourGrantsSchema], {
  error: 'expected a list of privileges, or {mysql: [...], mariadb: [...]}',
});

const limitKeys = {
  timeout: timeout.optional().describe("How long it may take; the target's query_timeout when left out"),
  grants: grants.optional().meta({
    description:
      'Privileges that the account needs, such as PROCESS or SELECT ON performance_schema.*; a list, or one per flavour',
    fallback: '[]',
  }),
  max_rows: count(1, MAX_ROWS)
    .optional()
    .meta({ description: 'A result with more rows fails', fallback: String(DEFAULT_MAX_ROWS) }),
  max_series: count(1, MAX_ROWS)
    .optional()
    .meta({ description: 'A result that becomes more series fails', fallback: String(DEFAULT_MAX_SERIES) }),
  min_interval: timeout
    .optional()
    .describe('A successful result is kept this long, and exposed again instead of asking'),
  requires: requirementSchema
    .optional()
    .describe('Only servers that have all of it; on others the query is skipped'),
  ignore_errors: z.array(count(1, 65_535)).optional().meta({
    description: 'Numbers of server errors that mean: not on this server. Then the query is skipped',
    fallback: '[]',
  }),
  enabled: flag.optional().meta({ description: 'Whether it is asked at all', fallback: 'true' }),
  on_empty: z
    .enum(EMPTY_POLICIES)
    .optional()
    .meta({ description: 'What no row at all means', fallback: 'ok' }),
  only_if: onlyIf,
};

const metricName = z.string().min(1, 'the name of a metric must not be empty').meta({ kind: 'name' });

export const querySchema = keys({
  description: z.string().optional().describe('For people'),
  ...statementKeys,
  variants: z
    .array(variantSchema)
    .min(1)
    .optional()
    .describe('Statements for some servers, in place of query; the first that fits is taken'),
  ...limitKeys,
  metrics: z.record(metricName, metricSchema).optional().describe('Metrics by name'),
  key_value: keyValueSchema
    .optional()
    .describe('Metrics named by keys: each row is a key and a value, as of SHOW GLOBAL STATUS'),
  columns: columnsSchema
    .optional()
    .describe(
      'Metrics named by columns: each column is a key and its cell the value, as of SHOW REPLICA STATUS',
    ),
}).meta({ section: 'Query' });

export const paramSchema = keys({
  type: z.enum(PARAM_TYPES).describe('What it becomes in SQL'),
  default: paramValue.describe('What it is for a target that does not set it'),
  description: z.string().optional().describe('For people'),
}).meta({ section: 'Parameter' });

/** The short form: one query per metric, named like it. */
export const shortMetricSchema = keys({ ...statementKeys, ...limitKeys, ...metricKeys }).meta({
  section: 'Short form',
});

export const querySetSchema = keys({
  description: z.string().optional().describe('For people'),
  namespace: z
    .string()
    .regex(
      /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/,
      'a namespace has letters, digits, _ and : and does not begin with a digit',
    )
    .optional()
    .meta({
      description: 'Put before the name of each metric with "_"; "" for none',
      fallback: DEFAULT_NAMESPACE,
    }),
  lint: flag.optional().meta({
    description: 'false for a set whose names others chose: no advice about them',
    fallback: 'true',
  }),
  override: flag.optional().meta({
    description: 'true for a set that takes the place of the shipped one of its name',
    fallback: 'false',
  }),
  cost: z
    .enum(COSTS)
    .optional()
    .meta({ description: 'What asking it costs a server, roughly', fallback: 'cheap' }),
  requires: requirementSchema
    .optional()
    .describe(
      'Only servers that have all of it, beside what each query requires; on others its queries are skipped',
    ),
  params: z
    .record(name, paramSchema)
    .optional()
    .meta({ description: 'What a target may set, by name; in SQL as :name', fallback: '{}' }),
  queries: z.record(name, querySchema).optional().describe('Queries by name, each with its metrics'),
  metrics: z
    .record(name, shortMetricSchema)
    .optional()
    .describe('The short form: metrics by name, each with a query'),
}).meta({ section: 'Query set' });

/** The whole of a query file. */
export const queryFileSchema = keys({
  query_sets: z.record(name, querySetSchema).describe('Query sets by name; targets.yml refers to them'),
}).meta({ section: 'File' });

export type GrantKeys = z.output<typeof grants>;
export type QueryKeys = z.output<typeof querySchema>;
