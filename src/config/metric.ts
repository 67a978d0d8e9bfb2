/**
 * One metric of a query file: the rules that join its keys, and its normal form.
 */
import type { LabelDefinition, MetricDefinition, ValueDefinition } from './config.ts';
import type { MetricKeys } from './query-file-schema.ts';
import type { Report } from './zod-findings.ts';

export interface MetricScope {
  /** Keys that stand there but were refused by the schema: nothing more is said about them. */
  readonly faulty: ReadonlySet<string>;
  /** Paths begin at the metric. */
  readonly report: Report;
  readonly warn: Report;
}

const FAMILY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Prometheus writes these itself; its own win and ours become `exported_...`. */
const PROMETHEUS_LABELS = new Set(['instance', 'job', 'target']);
/** They have a meaning in histograms and summaries, and none elsewhere. */
const RESERVED_LABELS = new Set(['le', 'quantile']);
const VALUE_KEYS = ['value', 'values', 'static_value'] as const;

/** The metric, or undefined when a part that it cannot do without is missing. */
export function readMetric(
  family: string,
  keys: Partial<MetricKeys>,
  scope: MetricScope,
): MetricDefinition | undefined {
  if (!FAMILY_NAME.test(family))
    scope.report(
      [],
      `"${family}" is no valid metric name: only letters, digits, _ and : and no digit at the beginning`,
    );
  const value = readValue(keys, scope);
  const labels = (keys.labels ?? []).map(
    (label): LabelDefinition =>
      typeof label === 'string'
        ? { column: label, as: label }
        : { column: label.column, as: label.as ?? label.column },
  );
  checkLabels(labels, keys, scope);
  if (!value || !keys.type || keys.description === undefined) return undefined;
  return {
    family,
    type: keys.type,
    help: keys.description.trim(),
    labels,
    staticLabels: keys.static_labels ?? {},
    value,
    onNull: keys.on_null ?? 'skip',
  };
}

function readValue(keys: Partial<MetricKeys>, { faulty, report }: MetricScope): ValueDefinition | undefined {
  const given = VALUE_KEYS.filter((key) => keys[key] !== undefined || faulty.has(key));
  if (given.length !== 1)
    report(
      given[1] === undefined ? [] : [given[1]],
      `a metric needs exactly one of value, values and static_value; this one has ${given.join(' and ') || 'none'}`,
    );
  if (keys.value_label !== undefined && !given.includes('values'))
    report(['value_label'], 'value_label is for values only: remove it, or list several columns in values');
  if (given.includes('values') && keys.value_label === undefined && !faulty.has('value_label'))
    report(['values'], 'values needs value_label: the label that tells the columns apart');
  if (given.length !== 1) return undefined;

  if (keys.value !== undefined) return { kind: 'column', column: keys.value };
  if (keys.static_value !== undefined) return { kind: 'static', value: keys.static_value };
  if (keys.values === undefined || keys.value_label === undefined) return undefined;
  const columns = Array.isArray(keys.values)
    ? keys.values.map((column) => ({ column, labelValue: column }))
    : Object.entries(keys.values).map(([column, labelValue]) => ({ column, labelValue }));
  if (columns.length === 0) report(['values'], 'values must name at least one column');
  for (const [i, { labelValue }] of columns.entries())
    if (columns.findIndex((other) => other.labelValue === labelValue) < i)
      report(['values'], `values has "${labelValue}" twice: each column needs its own`);
  return { kind: 'columns', label: keys.value_label, columns };
}

function checkLabels(
  labels: readonly LabelDefinition[],
  keys: Partial<MetricKeys>,
  { report, warn }: MetricScope,
): void {
  const places: [name: string, path: (string | number)[]][] = [
    ...labels.map(({ as }, i): [string, (string | number)[]] => [as, ['labels', i]]),
    ...Object.keys(keys.static_labels ?? {}).map((name): [string, string[]] => [
      name,
      ['static_labels', name],
    ]),
  ];
  if (keys.value_label !== undefined) places.push([keys.value_label, ['value_label']]);
  const seen = new Set<string>();
  for (const [name, path] of places) {
    if (!LABEL_NAME.test(name) || name.startsWith('__'))
      report(
        path,
        `"${name}" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}`,
      );
    if (RESERVED_LABELS.has(name))
      report(
        path,
        `the label "${name}" is reserved for histograms and summaries: rename it with {column, as}`,
      );
    if (PROMETHEUS_LABELS.has(name))
      warn(path, `Prometheus sets the label "${name}" itself and will call this one "exported_${name}"`);
    if (seen.has(name)) report(path, `the label "${name}" stands twice in this metric`);
    seen.add(name);
  }
}
