/**
 * One metric of a collector of sql_exporter, in the keys of our language.
 */
import {
  type Fields,
  fieldsOf,
  itemsOf,
  type Located,
  type Notes,
  namesOf,
  textOf,
} from '../config/compat/fields.ts';
import type { Path } from '../config/yaml/source.ts';
import type { Entry } from './yaml-text.ts';

export interface CollectorMetric {
  readonly path: Path;
  readonly name: string;
  readonly sql: string;
  /** The name of its query; undefined when the statement is the metric's own. */
  readonly queryRef: string | undefined;
  readonly entries: readonly Entry[];
  /** The same as plain values, for our reader. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Where the keys of our language stand in the source. */
  readonly places: ReadonlyMap<string, Path>;
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

/** Our keys by theirs; where both have the same name too, for their places. */
const OURS = {
  type: 'type',
  help: 'description',
  key_labels: 'labels',
  static_labels: 'static_labels',
  value_label: 'value_label',
  static_value: 'static_value',
  query: 'query',
} as const;

/** Undefined when it is not what sql_exporter takes, which is reported. */
export function readCollectorMetric(
  at: Located,
  queries: ReadonlyMap<string, Located>,
  notes: Notes,
): CollectorMetric | undefined {
  const fields = fieldsOf(at, KEYS, notes, ['no_prepared_statement']);
  if (fields === undefined) return undefined;
  const name = need('metric_name', at, fields, notes);
  const type = need('type', at, fields, notes)?.toLowerCase();
  const help = need('help', at, fields, notes);
  const statement = readStatement(at, fields, queries, notes);
  const labels = textsOf(fields.key_labels, notes);
  const statics = namesOf(fields.static_labels, notes).map(([label, value]) => [label, textOf(value, notes)]);
  const value = readValue(at, fields, notes);
  if (fields.timestamp_value !== undefined)
    notes.warn(
      fields.timestamp_value.path,
      'timestamp_value: samples have no time of their own here, left out; make that column a metric of its own',
    );
  if (!name || !type || !help || !statement || value === undefined) return undefined;
  const entries: readonly Entry[] = [
    { key: 'type', value: type },
    { key: 'description', value: help.trim() || name },
    { key: 'labels', value: labels.length > 0 ? { list: labels } : undefined },
    { key: 'static_labels', value: statics.length > 0 ? { texts: Object.fromEntries(statics) } : undefined },
    ...value,
  ];
  const places = new Map<string, Path>();
  for (const [theirs, ours] of Object.entries(OURS)) {
    const place = fields[theirs as keyof typeof OURS]?.path;
    if (place !== undefined) places.set(ours, place);
  }
  for (const key of ['value', 'values']) if (fields.values !== undefined) places.set(key, fields.values.path);
  return { ...statement, path: at.path, name, entries, keys: plain(entries), places };
}

type Needed = 'metric_name' | 'type' | 'help';

function need(key: Needed, at: Located, fields: MetricFields, notes: Notes): string | undefined {
  const text = textOf(fields[key], notes);
  if (text === '') notes.report(at.path, `the metric has no ${key}: add it`);
  return text;
}

function readStatement(
  at: Located,
  { query, query_ref: ref }: MetricFields,
  queries: ReadonlyMap<string, Located>,
  notes: Notes,
): { readonly sql: string; readonly queryRef: string | undefined } | undefined {
  const sql = textOf(query, notes);
  const queryRef = textOf(ref, notes);
  if (sql === undefined || queryRef === undefined) return undefined;
  if ((sql === '') === (queryRef === '')) {
    notes.report(at.path, 'the metric needs exactly one of query and query_ref');
    return undefined;
  }
  if (queryRef === '') return { sql, queryRef: undefined };
  const named = queries.get(queryRef);
  if (named === undefined) notes.report(ref?.path ?? at.path, `query_ref: there is no query "${queryRef}"`);
  return named && { sql: String(named.value), queryRef };
}

/** One column, several that a label tells apart, or a constant. */
function readValue(at: Located, fields: MetricFields, notes: Notes): readonly Entry[] | undefined {
  const columns = textsOf(fields.values, notes);
  const label = textOf(fields.value_label, notes);
  const constant = fields.static_value;
  if (constant !== undefined && columns.length > 0) {
    notes.report(constant.path, 'the metric has both values and static_value: keep one of them');
    return undefined;
  }
  if (constant !== undefined) {
    const value = Number(textOf(constant, notes) || Number.NaN);
    if (Number.isFinite(value)) return [{ key: 'static_value', value }];
    notes.report(constant.path, 'static_value: expected a number', 'value');
    return undefined;
  }
  const [first] = columns;
  if (first === undefined) notes.report(at.path, 'the metric has no values: add the columns to read');
  else if (label) {
    const texts = { list: columns };
    return [
      { key: 'values', value: texts },
      { key: 'value_label', value: label },
    ];
  } else if (columns.length === 1) return [{ key: 'value', value: first }];
  else notes.report(at.path, 'the metric has several values and no value_label: add one');
  return undefined;
}

function textsOf(at: Located | undefined, notes: Notes): readonly string[] {
  return itemsOf(at, notes).flatMap((item) => textOf(item, notes) || []);
}

function plain(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const keys: Record<string, unknown> = {};
  for (const { key, value } of entries) {
    if (value === undefined) continue;
    const isObject = typeof value === 'object';
    keys[key] = isObject && 'list' in value ? value.list : isObject && 'texts' in value ? value.texts : value;
  }
  return keys;
}
