/**
 * Metrics of query files: which keys there are and what each takes. Rules that join several keys are in metric.ts.
 */
import * as z from 'zod';
import { DUPLICATE_POLICIES, GROUPINGS, MAX_LABEL_LENGTH, PARSERS, SUBSTITUTES } from '../../model/metric.ts';
import { METRIC_TYPES, type TypeKey } from '../../model/metric-type.ts';
import { compilePattern } from '../../pattern/pattern.ts';
import { count, flag, keys, labelName, text } from '../check/schema-parts.ts';

export const helpText = z.string().regex(/\S/, 'must not be empty: it becomes the HELP text');

export const regex = text
  .superRefine((source, context) => {
    const pattern = compilePattern(source);
    if (!pattern.ok) context.addIssue({ code: 'custom', message: pattern.message });
  })
  .meta({ kind: 'regular expression' });

/** How a text is changed, in this order. */
export const editKeys = {
  trim_prefix: text.optional().describe('Cut off where the text begins with it'),
  match: regex.optional().describe('Only what its first group takes; nothing when it does not match'),
  replace: z.record(text, z.string()).optional().describe('Texts to replace by others, wherever they stand'),
  lower: flag.optional().meta({ description: 'In lower case', fallback: 'false' }),
};

const labelSchema = keys({
  column: text.optional().describe('The column of the result; or first_of'),
  first_of: z
    .array(text)
    .min(1)
    .optional()
    .describe('The first of these columns that is not empty, in place of column'),
  as: labelName.optional().describe('The name of the label; that of the column when left out'),
  ...editKeys,
  truncate: count(1, MAX_LABEL_LENGTH).optional().describe('Characters to keep'),
  default: z.string().optional().describe('What an empty text becomes'),
  optional: flag.optional().meta({
    description: 'Empty when the column is missing, in place of a failure of the query',
    fallback: 'false',
  }),
}).meta({ section: 'Label' });
export const label = z.union([text, labelSchema], {
  error: 'expected a column, or {column: name, as: label}',
});

const numbersByText = z.record(text, z.number()).refine((map) => Object.keys(map).length > 0, {
  error: 'must not be empty: name the texts that stand for numbers, as in {ONLINE: 1}',
});

const scale = z.number().refine((value) => value !== 0, { error: 'must not be 0' });

/** How a text becomes a number. */
export const readingKeys = {
  parse: z.enum(PARSERS).optional().meta({ description: 'How a text becomes a number', fallback: 'number' }),
  map: numbersByText.optional().describe('Texts that stand for numbers, in place of parse'),
  scale: scale.optional().meta({ description: 'Every number is multiplied by it', fallback: '1' }),
};

const conditionSchema = keys({
  column: text.describe('The column to look at; exactly one of the tests below goes with it'),
  in: z.array(text).min(1).optional().describe('It holds one of these texts'),
  not_in: z.array(text).min(1).optional().describe('It holds none of these texts'),
  above: z.number().optional().describe('It holds more than this number'),
  is_null: flag.optional().describe('Whether it is NULL'),
}).meta({ section: 'Condition' });

const partSchema = keys({
  column: text.describe('The column with the value'),
  labels: z
    .record(labelName, z.string())
    .describe('Constant labels that tell this column from the others; all columns need the same names'),
  scale: scale
    .optional()
    .describe("Every number of this column is multiplied by it; the metric's own when left out"),
  when: conditionSchema.optional().describe('Only rows for which it holds'),
}).meta({ section: 'Value column' });

const extractSchema = keys({
  column: text.describe('The column with the text'),
  match: regex.describe(
    'Tried on each line; its named groups become columns of the row, NULL without a match',
  ),
  each: flag.optional().meta({
    description: 'A row for each match and none without one, in place of the first match',
    fallback: 'false',
  }),
}).meta({ section: 'Extract' });

const histogramSchema = keys({
  le: text.describe(
    'The column with the upper bound of a bucket; what is no number there is the bucket for the rest',
  ),
  count: text.describe('The column with the number of observations'),
  sum: text.optional().describe('The column with their sum; without it there is no _sum'),
  cumulated: flag
    .optional()
    .meta({ description: 'Whether the counts hold those of the smaller buckets already', fallback: 'false' }),
}).meta({ section: 'Histogram' });

const summarySchema = keys({
  count: text.describe('The column with the number of observations'),
  sum: text.describe('The column with their sum'),
  quantiles: z
    .record(text, text)
    .optional()
    .describe('Columns with quantiles, and the text of their label, such as {p95: "0.95"}'),
}).meta({ section: 'Summary' });

/** What exposes the same samples again, under other names. */
export const aliasKeys = {
  aliases: z
    .array(text)
    .optional()
    .describe('Further names for the same samples; the namespace is joined to them too'),
  aliases_if: text.optional().describe('The boolean parameter of the set that must be true for the aliases'),
};

export const onlyIf = text
  .optional()
  .describe('The boolean parameter of the set that must be true; else this is as if it were not there');

/** Where the numbers of a metric come from; which of them go together depends on its type. */
const valueKeys = {
  value: text.optional().describe('The column with the value; of a stateset the one with the state'),
  values: z
    .union([z.array(z.union([text, partSchema])).min(1), z.record(text, z.string())], {
      error:
        'expected a list of columns, a map from column to label value, or a list of {column: name, labels: {name: text}}',
    })
    .optional()
    .describe('Several columns with a value, a series each, in place of value'),
  value_label: labelName
    .optional()
    .describe(
      'With values, the label that tells the columns apart; of a stateset the label of the state, else state',
    ),
  static_value: z.number().optional().describe('A constant in place of value'),
};

/** The keys that belong to some types of metric each: model/metric-type.ts names them. */
const typeKeys = {
  states: z.array(text).min(1).optional().describe('With the type stateset: all states that there are'),
  histogram: histogramSchema
    .optional()
    .describe('With the type histogram: its columns; rows with equal labels are its buckets'),
  summary: summarySchema.optional().describe('With the type summary: its columns; each row is one'),
} satisfies Record<TypeKey, z.ZodType>;

export const metricKeys = {
  type: z.enum(METRIC_TYPES).describe('The type of the metric'),
  description: helpText.describe('Becomes the HELP text'),
  labels: z
    .union([
      z.array(label),
      z
        .string()
        .regex(/^all$/, 'expected a list such as [user, host], or all')
        .transform(() => 'all' as const)
        .meta({ kind: '`all`' }),
    ])
    .optional()
    .meta({
      description:
        'Columns that become labels: a name each, or {column: a, as: b}; all for every column that is no value',
      fallback: '[]',
    }),
  ...valueKeys,
  static_labels: z
    .record(labelName, z.string())
    .optional()
    .meta({ description: 'Labels with a constant text', fallback: '{}' }),
  ...readingKeys,
  ...typeKeys,
  on_null: z.enum(SUBSTITUTES).optional().meta({ description: 'What NULL becomes', fallback: 'skip' }),
  on_invalid: z
    .enum(SUBSTITUTES)
    .optional()
    .meta({ description: 'What a text that is no number becomes', fallback: 'skip' }),
  when: conditionSchema.optional().describe('Only rows for which it holds'),
  extract: extractSchema
    .optional()
    .describe('Numbers and labels out of one text, as further columns of the row'),
  group: z.enum(GROUPINGS).optional().describe('Rows with equal labels become one sample'),
  on_duplicate: z.enum(DUPLICATE_POLICIES).optional().meta({
    description: 'What a second row with equal labels is, where rows are not grouped',
    fallback: 'drop',
  }),
  optional: flag.optional().meta({
    description: 'Left out when a column is missing, in place of a failure of the query',
    fallback: 'false',
  }),
  ...aliasKeys,
};

export const metricSchema = keys({ ...metricKeys, only_if: onlyIf }).meta({ section: 'Metric' });

export type MetricKeys = z.output<typeof metricSchema>;
export type ConditionKeys = z.output<typeof conditionSchema>;
export type LabelKeys = z.output<typeof labelSchema>;
