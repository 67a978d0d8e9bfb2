/**
 * `key_value` and `columns` of query files, whose keys name the metrics: which keys there are and what each takes. Rules
 * that join several keys are in pivot.ts.
 */
import * as z from 'zod';
import { RULE_TYPES } from '../../model/metric-type.ts';
import { flag, keys, labelName, text } from '../check/schema-parts.ts';
import { aliasKeys, editKeys, helpText, label, onlyIf, readingKeys, regex } from './metric-schema.ts';

const ruleSchema = keys({
  match: regex
    .optional()
    .describe(
      'The keys that the rule takes; all keys when left out. In the texts below $0 is the key and $1 its first group',
    ),
  drop: flag.optional().meta({ description: 'The keys become nothing', fallback: 'false' }),
  metric: text.optional().describe('The name of the metric'),
  ...aliasKeys,
  only_if: onlyIf,
  type: z.enum(RULE_TYPES).optional().describe('The type of the metric'),
  description: helpText.optional().describe('Becomes the HELP text'),
  labels: z
    .record(labelName, z.string())
    .optional()
    .meta({ description: 'Labels beside those of the row, and their texts', fallback: '{}' }),
  ...readingKeys,
}).meta({ section: 'Rule' });

const keyOrKeys = z.union([text, z.array(text).min(1)], {
  error: 'expected a key, or a list of keys of which the first with a text counts',
});

const infoSchema = keys({
  description: helpText.describe('Becomes the HELP text'),
  labels: z
    .record(labelName, keyOrKeys)
    .describe(
      'Labels, and the keys with their texts, spelled as the server does; the first key with a text counts',
    ),
  need: keyOrKeys.optional().describe('Only when this key, or one of these, has a text'),
}).meta({ section: 'Info' });

const keySchema = keys({
  column: text.describe('The column with the key'),
  ...editKeys,
}).meta({ section: 'Key' });

const pivotKeys = {
  labels: z
    .array(label)
    .optional()
    .meta({ description: 'Columns of the row that become labels of all its samples', fallback: '[]' }),
  keep_case: flag
    .optional()
    .meta({ description: 'Keys keep their case, in place of lower case', fallback: 'false' }),
  rules: z
    .array(ruleSchema)
    .min(1)
    .describe('What a key becomes; the first rule that matches counts, and a key without one is dropped'),
};

export const keyValueSchema = keys({
  key: z
    .union([text, keySchema], { error: 'expected a column, or {column: name, replace: {text: text}}' })
    .describe('The column with the key; or {column: name, ...}, which changes the key first'),
  value: text.describe('The column with the value'),
  ...pivotKeys,
  info: z
    .record(text, infoSchema)
    .optional()
    .describe('Series that are always 1, by the name of the metric, with the texts of some keys as labels'),
}).meta({ section: 'Keys and values' });

export const columnsSchema = keys(pivotKeys).meta({ section: 'Columns as keys' });

export type PivotKeys = z.output<typeof keyValueSchema> | z.output<typeof columnsSchema>;
export type RuleKeys = z.output<typeof ruleSchema>;
export type InfoKeys = z.output<typeof infoSchema>;
