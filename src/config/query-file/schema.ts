/**
 * Query files: which keys there are and what each takes. Rules that join several keys are in query-file.ts.
 */
import { z } from 'zod';
import {
  DUPLICATE_POLICIES,
  EMPTY_POLICIES,
  GROUPINGS,
  MAX_LABEL_LENGTH,
  PARSERS,
  SUBSTITUTES,
} from '../../model/metric.ts';
import { METRIC_TYPES, RULE_TYPES, type TypeKey } from '../../model/metric-type.ts';
import { COSTS, FLAVOURS, PARAM_TYPES } from '../../model/query-set.ts';
import { count, flag, keys, labelName, name, paramValue, text, timeout } from '../check/schema-parts.ts';

export const DEFAULT_MAX_ROWS = 10_000;
export const DEFAULT_MAX_SERIES = 20_000;
const MAX_ROWS = 1_000_000;

const sql = z.string().regex(/\S/, 'must not be empty');

/** PRIVILEGE, or PRIVILEGE ON place. */
const GRANT = /^[A-Z][A-Z_]*(?: (?!ON\b)[A-Z][A-Z_]*)*(?: ON (?:\*\.\*|:?[\w$]+\.(?:\*|:?[\w$]+)))?$/;

const regex = text.refine(
  (pattern) => {
    try {
      new RegExp(pattern, 'u');
      return true;
    } catch {
      return false;
    }
  },
  { error: 'this is no valid regular expression' },
);

const labelSchema = keys({
  column: text.optional(),
  first_of: z.array(text).min(1).optional(),
  as: labelName.optional(),
  trim_prefix: text.optional(),
  match: regex.optional(),
  replace: z.record(text, z.string()).optional(),
  lower: flag.optional(),
  truncate: count(1, MAX_LABEL_LENGTH).optional(),
  default: z.string().optional(),
  optional: flag.optional(),
});
const label = z.union([text, labelSchema], { error: 'expected a column, or {column: name, as: label}' });

const numbersByText = z.record(text, z.number()).refine((map) => Object.keys(map).length > 0, {
  error: 'must not be empty: name the texts that stand for numbers, as in {ONLINE: 1}',
});

const scale = z.number().refine((value) => value !== 0, { error: 'must not be 0' });

const conditionSchema = keys({
  column: text,
  in: z.array(text).min(1).optional(),
  not_in: z.array(text).min(1).optional(),
  above: z.number().optional(),
  is_null: flag.optional(),
});

const partSchema = keys({
  column: text,
  labels: z.record(labelName, z.string()),
  scale: scale.optional(),
  when: conditionSchema.optional(),
});

const extractSchema = keys({ column: text, match: regex, each: flag.optional() });

/** The keys that belong to some types of metric each: model/metric-type.ts names them. */
const typeKeys = {
  states: z.array(text).min(1).optional(),
  histogram: keys({ le: text, count: text, sum: text.optional(), cumulated: flag.optional() }).optional(),
  summary: keys({ count: text, sum: text, quantiles: z.record(text, text).optional() }).optional(),
} satisfies Record<TypeKey, z.ZodType>;

const metricKeys = {
  type: z.enum(METRIC_TYPES),
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text'),
  labels: z
    .union([
      z.array(label),
      z
        .string()
        .regex(/^all$/, 'expected a list such as [user, host], or all')
        .transform(() => 'all' as const),
    ])
    .optional(),
  value: text.optional(),
  values: z
    .union([z.array(z.union([text, partSchema])).min(1), z.record(text, z.string())], {
      error:
        'expected a list of columns, a map from column to label value, or a list of {column: name, labels: {name: text}}',
    })
    .optional(),
  value_label: labelName.optional(),
  static_value: z.number().optional(),
  static_labels: z.record(labelName, z.string()).optional(),
  parse: z.enum(PARSERS).optional(),
  map: numbersByText.optional(),
  scale: scale.optional(),
  ...typeKeys,
  on_null: z.enum(SUBSTITUTES).optional(),
  on_invalid: z.enum(SUBSTITUTES).optional(),
  when: conditionSchema.optional(),
  extract: extractSchema.optional(),
  group: z.enum(GROUPINGS).optional(),
  on_duplicate: z.enum(DUPLICATE_POLICIES).optional(),
  optional: flag.optional(),
  aliases: z.array(text).optional(),
  aliases_if: text.optional(),
};

const ruleSchema = keys({
  match: regex.optional(),
  drop: flag.optional(),
  metric: text.optional(),
  aliases: z.array(text).optional(),
  aliases_if: text.optional(),
  only_if: text.optional(),
  type: z.enum(RULE_TYPES).optional(),
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text').optional(),
  labels: z.record(labelName, z.string()).optional(),
  parse: z.enum(PARSERS).optional(),
  map: numbersByText.optional(),
  scale: scale.optional(),
});

const keyOrKeys = z.union([text, z.array(text).min(1)], {
  error: 'expected a key, or a list of keys of which the first with a text counts',
});

const infoSchema = keys({
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text'),
  labels: z.record(labelName, keyOrKeys),
  need: keyOrKeys.optional(),
});

const rules = z.array(ruleSchema).min(1);

const keySchema = keys({
  column: text,
  trim_prefix: text.optional(),
  match: regex.optional(),
  replace: z.record(text, z.string()).optional(),
  lower: flag.optional(),
});

export const keyValueSchema = keys({
  key: z.union([text, keySchema], { error: 'expected a column, or {column: name, replace: {text: text}}' }),
  value: text,
  labels: z.array(label).optional(),
  keep_case: flag.optional(),
  rules,
  info: z.record(text, infoSchema).optional(),
});

export const columnsSchema = keys({
  labels: z.array(label).optional(),
  keep_case: flag.optional(),
  rules,
});

const versionText = z
  .string({ error: 'expected a version in quotes, such as "8.0.22"' })
  .regex(/^\d+(\.\d+){0,2}$/, 'expected a version such as "8.0.22"');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const requirementSchema = keys({
  flavour: z.enum(FLAVOURS).optional(),
  min_version: versionText.optional(),
  max_version: versionText.optional(),
  variables: z.record(text, z.union([scalar, z.array(scalar).min(1)])).optional(),
  tables: z.array(z.string().regex(/^[^.]+\.[^.]+$/, 'expected schema.table')).optional(),
  columns: z.array(z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/, 'expected schema.table.column')).optional(),
});

const variantSchema = keys({
  when: requirementSchema.optional(),
  query: sql.optional(),
  query_file: text.optional(),
});

const statementKeys = {
  query: sql.optional(),
  query_file: text.optional(),
  query_ref: text.optional(),
  allow_call: flag.optional(),
};

const grantList = z.array(
  z
    .string()
    .regex(GRANT, 'expected a privilege in capitals, such as PROCESS or SELECT ON performance_schema.*'),
);

const grants = z.union([grantList, keys({ mysql: grantList.optional(), mariadb: grantList.optional() })], {
  error: 'expected a list of privileges, or {mysql: [...], mariadb: [...]}',
});

const limitKeys = {
  timeout: timeout.optional(),
  grants: grants.optional(),
  max_rows: count(1, MAX_ROWS).optional(),
  max_series: count(1, MAX_ROWS).optional(),
  min_interval: timeout.optional(),
  requires: requirementSchema.optional(),
  ignore_errors: z.array(count(1, 65_535)).optional(),
  enabled: flag.optional(),
  on_empty: z.enum(EMPTY_POLICIES).optional(),
  only_if: text.optional(),
};

const metricName = z.string().min(1, 'the name of a metric must not be empty');

export const metricSchema = keys({ ...metricKeys, only_if: text.optional() });
export const querySchema = keys({
  description: z.string().optional(),
  ...statementKeys,
  variants: z.array(variantSchema).min(1).optional(),
  ...limitKeys,
  metrics: z.record(metricName, metricSchema).optional(),
  key_value: keyValueSchema.optional(),
  columns: columnsSchema.optional(),
});
export const paramSchema = keys({
  type: z.enum(PARAM_TYPES),
  default: paramValue,
  description: z.string().optional(),
});
/** The short form: one query per metric, named like it. */
export const shortMetricSchema = keys({ ...statementKeys, ...limitKeys, ...metricKeys });
export const querySetSchema = keys({
  description: z.string().optional(),
  namespace: z
    .string()
    .regex(
      /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/,
      'a namespace has letters, digits, _ and : and does not begin with a digit',
    )
    .optional(),
  lint: flag.optional(),
  cost: z.enum(COSTS).optional(),
  requires: requirementSchema.optional(),
  params: z.record(name, paramSchema).optional(),
  queries: z.record(name, querySchema).optional(),
  metrics: z.record(name, shortMetricSchema).optional(),
});

/** The whole of a query file. */
export const queryFileSchema = keys({ query_sets: z.record(name, querySetSchema) });

export type MetricKeys = z.output<typeof metricSchema>;
export type RequirementKeys = z.output<typeof requirementSchema>;
export type PivotKeys = z.output<typeof keyValueSchema> | z.output<typeof columnsSchema>;
export type RuleKeys = z.output<typeof ruleSchema>;
export type InfoKeys = z.output<typeof infoSchema>;
export type ConditionKeys = z.output<typeof conditionSchema>;
export type LabelKeys = z.output<typeof labelSchema>;
export type GrantKeys = z.output<typeof grants>;
export type QueryKeys = z.output<typeof querySchema>;
