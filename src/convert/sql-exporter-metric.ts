/**
 * One metric of a collector of sql_exporter, in the keys of our language.
 */
import { type Fields, fieldsOf, itemsOf, namesOf, textOf } from '../config/compat/fields.ts';
import type { Located } from '../config/yaml/located.ts';
import type { Path } from '../diagnostics/diagnostics.ts';
import type { ForeignMetric } from './foreign-metric.ts';
import type { Entry } from './yaml-text.ts';

export interface CollectorMetric extends ForeignMetric {
  /** The name of its query; undefined when the statement is the metric's own. */
  readonly queryRef: string | undefined;
}

const KEYS = [
  'metric_name',
  'type',
  'help',
  'key_labels',
  'static_labels',
  'value_label',
  'values',
  'static_value',
  'timestamp_value',
  'query',
  'query_ref',
] as const;
type MetricFields = Fields<(typeof KEYS)[number]>;

/** Our keys by theirs, also where both have the same name: diagnostics of our reader need their positions. */
const OURS = {
  type: 'type',
  help: 'description',
  key_labels: 'labels',
  static_labels: 'static_labels',
  value_label: 'value_label',
  static_value: 'static_value',
  query: 'query',
} as const;

/** The metric; undefined, and reported, when sql_exporter itself would refuse it. */
export function readCollectorMetric(
  at: Located,
  queries: ReadonlyMap<string, Located>,
): CollectorMetric | undefined {
  const fields = fieldsOf(at, KEYS, ['no_prepared_statement']);
  if (fields === undefined) return undefined;
  const name = need('metric_name', at, fields);
  const type = need('type', at, fields)?.toLowerCase();
  const help = need('help', at, fields);
  const statement = readStatement(at, fields, queries);
  const labels = textsOf(fields.key_labels);
  const statics = namesOf(fields.static_labels).map(([label, value]) => [label, textOf(value)]);
  const value = readValue(at, fields);
  if (fields.timestamp_value !== undefined)
    fields.timestamp_value.diagnostics.warn(
      'timestamp_value: samples have no time of their own here, left out; make that column a metric of its own',
    );
  if (!name || !type || !help || !statement || value === undefined) return undefined;
  const entries: readonly Entry[] = [
    { key: 'type', value: type },
    { key: 'description', value: help.trim() || name },
    { key: 'labels', value: labels.length > 0 ? { list: labels } : undefined },
    { key: 'static_labels', value: statics.length > 0 ? { map: Object.fromEntries(statics) } : undefined },
    ...value,
  ];
  const places = new Map<string, Path>();
  for (const [theirs, ours] of Object.entries(OURS)) {
    const place = fields[theirs as keyof typeof OURS]?.diagnostics.path;
    if (place !== undefined) places.set(ours, place);
  }
  for (const key of ['value', 'values'])
    if (fields.values !== undefined) places.set(key, fields.values.diagnostics.path);
  const obstacles = /\{\{/.test(statement.sql) ? [NO_TEMPLATES] : [];
  return { ...statement, diagnostics: at.diagnostics, kind: 'metric_name', name, entries, obstacles, places };
}

const NO_TEMPLATES = 'Go templates ({{ }}) have no counterpart here, write the text that it becomes';

type Needed = 'metric_name' | 'type' | 'help';

function need(key: Needed, at: Located, fields: MetricFields): string | undefined {
  const text = textOf(fields[key]);
  if (text === '') at.diagnostics.error(`the metric has no ${key}: add it`);
  return text;
}

function readStatement(
  at: Located,
  { query, query_ref: ref }: MetricFields,
  queries: ReadonlyMap<string, Located>,
): { readonly sql: string; readonly queryRef: string | undefined } | undefined {
  const sql = textOf(query);
  const queryRef = textOf(ref);
  if (sql === undefined || queryRef === undefined) return undefined;
  if ((sql === '') === (queryRef === '')) {
    at.diagnostics.error('the metric needs exactly one of query and query_ref');
    return undefined;
  }
  if (queryRef === '') return { sql, queryRef: undefined };
  const named = queries.get(queryRef);
  if (named === undefined) (ref ?? at).diagnostics.error(`query_ref: there is no query "${queryRef}"`);
  return named && { sql: String(named.value), queryRef };
}

/** One column, several that a label tells apart, or a constant. */
function readValue(at: Located, fields: MetricFields): readonly Entry[] | undefined {
  const columns = textsOf(fields.values);
  const label = textOf(fields.value_label);
  const constant = fields.static_value;
  if (constant !== undefined && columns.length > 0) {
    constant.diagnostics.error('the metric has both values and static_value: keep one of them');
    return undefined;
  }
  if (constant !== undefined) {
    const value = Number(textOf(constant) || Number.NaN);
    if (Number.isFinite(value)) return [{ key: 'static_value', value }];
    constant.diagnostics.error('static_value: expected a number', 'value');
    return undefined;
  }
  const [first] = columns;
  if (first === undefined) at.diagnostics.error('the metric has no values: add the columns to read');
  else if (label) {
    const texts = { list: columns };
    return [
      { key: 'values', value: texts },
      { key: 'value_label', value: label },
    ];
  } else if (columns.length === 1) return [{ key: 'value', value: first }];
  else at.diagnostics.error('the metric has several values and no value_label: add one');
  return undefined;
}

function textsOf(at: Located | undefined): readonly string[] {
  return itemsOf(at).flatMap((item) => textOf(item) || []);
}
