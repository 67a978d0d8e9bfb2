/**
 * Query files: which keys there are and what each takes. Rules that join several keys are in query-file.ts.
 */
import { z } from 'zod';
import { GROUPINGS, METRIC_TYPES, PARAM_TYPES, PARSERS, SUBSTITUTES } from './config.ts';
import { count, flag, keys, labelName, name, paramValue, text, timeout } from './schema-parts.ts';

export const DEFAULT_MAX_ROWS = 10_000;
export const DEFAULT_MAX_SERIES = 20_000;
const MAX_ROWS = 1_000_000;

const sql = z.string().regex(/\S/, 'must not be empty');

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
  truncate: count(1, 1024).optional(),
  default: z.string().optional(),
});

const scale = z.number().refine((value) => value !== 0, { error: 'must not be 0' });

const conditionSchema = keys({
  column: text,
  in: z.array(text).min(1).optional(),
  not_in: z.array(text).min(1).optional(),
  above: z.number().optional(),
  is_null: flag.optional(),
});

const metricKeys = {
  type: z.enum(METRIC_TYPES),
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text'),
  labels: z
    .array(z.union([text, labelSchema], { error: 'expected a column, or {column: name, as: label}' }))
    .optional(),
  value: text.optional(),
  values: z
    .union([z.array(text).min(1), z.record(text, z.string())], {
      error: 'expected a list of columns, or a map from column to label value',
    })
    .optional(),
  value_label: labelName.optional(),
  static_value: z.number().optional(),
  static_labels: z.record(labelName, z.string()).optional(),
  parse: z.enum(PARSERS).optional(),
  map: z.record(text, z.number()).optional(),
  scale: scale.optional(),
  states: z.array(text).min(1).optional(),
  histogram: keys({ le: text, count: text, sum: text.optional(), cumulated: flag.optional() }).optional(),
  summary: keys({ count: text, sum: text, quantiles: z.record(text, text).optional() }).optional(),
  on_null: z.enum(SUBSTITUTES).optional(),
  on_invalid: z.enum(SUBSTITUTES).optional(),
  when: conditionSchema.optional(),
  group: z.enum(GROUPINGS).optional(),
  aliases: z.array(text).optional(),
};

const ruleSchema = keys({
  match: regex.optional(),
  drop: flag.optional(),
  metric: text.optional(),
  type: z.enum(['gauge', 'counter', 'untyped']).optional(),
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text').optional(),
  labels: z.record(labelName, z.string()).optional(),
  parse: z.enum(PARSERS).optional(),
  map: z.record(text, z.number()).optional(),
  scale: scale.optional(),
});

const infoSchema = keys({
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text'),
  labels: z.record(labelName, text),
  need: text.optional(),
});

const rules = z.array(ruleSchema).min(1);

export const keyValueSchema = keys({
  key: text,
  value: text,
  keep_case: flag.optional(),
  rules,
  info: z.record(text, infoSchema).optional(),
});

export const columnsSchema = keys({
  labels: z
    .array(z.union([text, labelSchema], { error: 'expected a column, or {column: name, as: label}' }))
    .optional(),
  keep_case: flag.optional(),
  rules,
});

const versionText = z
  .string({ error: 'expected a version in quotes, such as "8.0.22"' })
  .regex(/^\d+(\.\d+){0,2}$/, 'expected a version such as "8.0.22"');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const requirementSchema = keys({
  flavour: z.enum(['mysql', 'mariadb']).optional(),
  min_version: versionText.optional(),
  max_version: versionText.optional(),
  variables: z.record(text, z.union([scalar, z.array(scalar).min(1)])).optional(),
  tables: z.array(z.string().regex(/^[^.]+\.[^.]+$/, 'expected schema.table')).optional(),
  columns: z.array(z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/, 'expected schema.table.column')).optional(),
});

const variantSchema = keys({ when: requirementSchema.optional(), query: sql });

const limitKeys = {
  timeout: timeout.optional(),
  grants: z.array(text).optional(),
  max_rows: count(1, MAX_ROWS).optional(),
  max_series: count(1, MAX_ROWS).optional(),
  min_interval: timeout.optional(),
  requires: requirementSchema.optional(),
  ignore_errors: z.array(count(1, 65_535)).optional(),
  enabled: flag.optional(),
};

const metricName = z.string().min(1, 'the name of a metric must not be empty');

export const metricSchema = keys(metricKeys);
export const querySchema = keys({
  description: z.string().optional(),
  query: sql.optional(),
  variants: z.array(variantSchema).min(1).optional(),
  ...limitKeys,
  metrics: z.record(metricName, metricSchema).optional(),
  key_value: keyValueSchema.optional(),
  columns: columnsSchema.optional(),
});
/** The short form: one query per metric, named like it. */
export const shortMetricSchema = keys({ query: sql, ...limitKeys, ...metricKeys });
export const querySetSchema = keys({
  description: z.string().optional(),
  namespace: z
    .string()
    .regex(
      /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/,
      'a namespace has letters, digits, _ and : and does not begin with a digit',
    )
    .optional(),
  requires: requirementSchema.optional(),
  params: z
    .record(
      name,
      keys({ type: z.enum(PARAM_TYPES), default: paramValue, description: z.string().optional() }),
    )
    .optional(),
  queries: z.record(name, querySchema).optional(),
  metrics: z.record(name, shortMetricSchema).optional(),
});

/** The whole of a query file. */
export const queryFileSchema = keys({ query_sets: z.record(name, querySetSchema) });

export type MetricKeys = z.output<typeof metricSchema>;
export type ParamKeys = z.output<typeof querySetSchema>['params'];
export type RequirementKeys = z.output<typeof requirementSchema>;
export type PivotKeys = z.output<typeof keyValueSchema> | z.output<typeof columnsSchema>;
export type RuleKeys = z.output<typeof ruleSchema>;
export type LabelKeys = z.output<typeof labelSchema>;
export type QueryKeys = z.output<typeof querySchema>;
