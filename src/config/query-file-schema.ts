/**
 * Query files: which keys there are and what each takes. Rules that join several keys are in query-file.ts.
 */
import { z } from 'zod';
import { count, keys, labelName, name, text, timeout } from './schema-parts.ts';

export const DEFAULT_MAX_ROWS = 10_000;
export const DEFAULT_MAX_SERIES = 20_000;
const MAX_ROWS = 1_000_000;

const sql = z.string().regex(/\S/, 'must not be empty');

const metricKeys = {
  type: z.enum(['gauge', 'counter']),
  description: z.string().regex(/\S/, 'must not be empty: it becomes the HELP text'),
  labels: z
    .array(
      z.union([text, keys({ column: text, as: labelName.optional() })], {
        error: 'expected a column, or {column: name, as: label}',
      }),
    )
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
  on_null: z.enum(['skip', 'zero', 'nan', 'error']).optional(),
};

const limitKeys = {
  timeout: timeout.optional(),
  grants: z.array(text).optional(),
  max_rows: count(1, MAX_ROWS).optional(),
  max_series: count(1, MAX_ROWS).optional(),
};

const metricName = z.string().min(1, 'the name of a metric must not be empty');

export const metricSchema = keys(metricKeys);
export const querySchema = keys({
  description: z.string().optional(),
  query: sql,
  ...limitKeys,
  metrics: z.record(metricName, metricSchema),
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
  queries: z.record(name, querySchema).optional(),
  metrics: z.record(name, shortMetricSchema).optional(),
});

/** The whole of a query file. */
export const queryFileSchema = keys({ query_sets: z.record(name, querySetSchema) });

export type MetricKeys = z.output<typeof metricSchema>;
export type QueryKeys = z.output<typeof querySchema>;
