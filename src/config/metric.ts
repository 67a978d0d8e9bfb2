/**
 * One metric of a query file: the rules that join its keys, and its normal form.
 */
import type { LabelDefinition, MetricDefinition, RowCondition, ValueDefinition } from './config.ts';
import type { LabelKeys, MetricKeys } from './query-file-schema.ts';
import type { Report } from './zod-findings.ts';

export interface MetricScope {
  /** Keys that stand there but were refused by the schema: nothing more is said about them. */
  readonly faulty: ReadonlySet<string>;
  /** The family of a metric name: the namespace of the set put in front. */
  readonly familyOf: (name: string) => string;
  /** Paths begin at the metric. */
  readonly report: Report;
  readonly warn: Report;
}

export const FAMILY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
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
  const names: [string, (string | number)[]][] = [
    [family, []],
    ...(keys.aliases ?? []).map((alias, i): [string, (string | number)[]] => [
      scope.familyOf(alias),
      ['aliases', i],
    ]),
  ];
  for (const [i, [name, path]] of names.entries()) {
    if (names.findIndex(([other]) => other === name) < i)
      scope.report(path, `"${name}" is the metric's name already: remove it from aliases`);
    if (!FAMILY_NAME.test(name))
      scope.report(
        path,
        `"${name}" is no valid metric name: only letters, digits, _ and : and no digit at the beginning`,
      );
  }
  const value = readValue(keys, scope);
  const labels = (keys.labels ?? []).flatMap((label, i) => readLabel(label, ['labels', i], scope));
  checkLabels(labels, keys, scope);
  checkReading(keys, scope);
  if (!value || !keys.type || keys.description === undefined) return undefined;
  return {
    family,
    type: keys.type,
    help: keys.description.trim(),
    labels,
    staticLabels: keys.static_labels ?? {},
    value,
    ...only({ parse: keys.parse, map: keys.map, scale: keys.scale, onInvalid: keys.on_invalid }),
    onNull: keys.on_null ?? 'skip',
    ...only({ when: readCondition(keys, scope), group: keys.group }),
    ...only({ aliases: keys.aliases?.map(scope.familyOf) }),
  };
}

/** Types of several series that belong together. */
function readDistribution(
  type: 'stateset' | 'histogram' | 'summary',
  given: readonly string[],
  keys: Partial<MetricKeys>,
  { faulty, report }: MetricScope,
): ValueDefinition | undefined {
  for (const key of ['group', 'on_null', 'on_invalid', ...given.filter((one) => one !== 'value')] as const)
    if (keys[key as keyof MetricKeys] !== undefined)
      report([key], `${key} has no meaning for a ${type}: remove it`);
  if (type === 'stateset') {
    if (
      (keys.value === undefined && !faulty.has('value')) ||
      (keys.states === undefined && !faulty.has('states'))
    )
      report([], 'a stateset needs value, the column with the state, and states, a list of all there are');
    if (keys.value === undefined || keys.states === undefined) return undefined;
    return { kind: 'states', column: keys.value, label: keys.value_label ?? 'state', states: keys.states };
  }
  if (keys.value !== undefined) report(['value'], `value has no meaning for a ${type}: remove it`);
  if (keys[type] === undefined && !faulty.has(type))
    report([], `a ${type} needs the key ${type}, which names its columns`);
  if (type === 'histogram' && keys.histogram !== undefined) {
    const { count, cumulated = false, le, sum } = keys.histogram;
    return { kind: 'histogram', le, count, sum, cumulated };
  }
  if (type === 'summary' && keys.summary !== undefined) {
    const { count, quantiles = {}, sum } = keys.summary;
    return { kind: 'summary', count, sum, quantiles };
  }
  return undefined;
}

/** Without the keys that are undefined: what nobody wrote is not there. */
export function only<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** One label, from its short form or its long one; none when it was reported. */
export function readLabel(
  keys: string | LabelKeys,
  path: readonly (string | number)[],
  { report }: Pick<MetricScope, 'report'>,
): readonly LabelDefinition[] {
  if (typeof keys === 'string') return [{ column: keys, as: keys }];
  const columns = keys.column === undefined ? (keys.first_of ?? []) : [keys.column];
  const [column, ...orElse] = columns;
  if (column === undefined || (keys.column !== undefined && keys.first_of !== undefined)) {
    report([...path], 'a label needs exactly one of column and first_of');
    return [];
  }
  const edit = only({
    trimPrefix: keys.trim_prefix,
    match: keys.match,
    replace: keys.replace,
    lower: keys.lower,
    truncate: keys.truncate,
    default: keys.default,
  });
  return [
    {
      column,
      as: keys.as ?? column,
      ...(orElse.length > 0 ? { orElse } : {}),
      ...(Object.keys(edit).length > 0 ? { edit } : {}),
    },
  ];
}

/** Keys about reading numbers say nothing of a constant, and a map is a parser of its own. */
function checkReading(keys: Partial<MetricKeys>, { report }: MetricScope): void {
  const isConstant = keys.static_value !== undefined || keys.type === 'info';
  for (const key of ['parse', 'map', 'scale', 'on_null', 'on_invalid'] as const) {
    if (isConstant && keys[key] !== undefined)
      report([key], `${key} is for numbers that are read, and this metric is a constant: remove it`);
  }
  if (keys.parse !== undefined && keys.map !== undefined)
    report(['map'], 'parse and map exclude each other: keep one of them');
}

function readCondition({ when }: Partial<MetricKeys>, { report }: MetricScope): RowCondition | undefined {
  if (when === undefined) return undefined;
  const tests = only({ in: when.in, notIn: when.not_in, above: when.above, isNull: when.is_null });
  if (Object.keys(tests).length !== 1)
    report(['when'], 'when needs exactly one of in, not_in, above and is_null');
  return { column: when.column, ...tests };
}

function readValue(keys: Partial<MetricKeys>, scope: MetricScope): ValueDefinition | undefined {
  const { faulty, report } = scope;
  const given = VALUE_KEYS.filter((key) => keys[key] !== undefined || faulty.has(key));
  for (const key of ['states', 'histogram', 'summary'] as const) {
    const type = key === 'states' ? 'stateset' : key;
    if (keys[key] !== undefined && keys.type !== type && !faulty.has('type'))
      report([key], `${key} is for the type ${type}: remove it, or change the type`);
  }
  if (keys.type === 'stateset' || keys.type === 'histogram' || keys.type === 'summary')
    return readDistribution(keys.type, given, keys, scope);
  if (keys.type === 'info' || (keys.group === 'count' && given.length === 0)) {
    const [extra] = given;
    if (extra !== undefined) report([extra], `an info metric is always 1: remove ${extra}`);
    return { kind: 'static', value: 1 };
  }
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
