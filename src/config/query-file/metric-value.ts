/**
 * Where the numbers of a metric come from: the keys that say so, and the rules that join them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { OnEmpty, RowCondition, ValueDefinition, ValuePart } from '../../model/metric.ts';
import { METRIC_TYPE_RULES, type MetricType, TYPE_KEYS, typesOfKey } from '../../model/metric-type.ts';
import { withoutUndefined } from '../check/maps.ts';
import type { ConditionKeys, MetricKeys } from './metric-schema.ts';

export interface MetricScope {
  /** Keys that stand there but were refused by the schema: nothing more is said about them. */
  readonly faulty: ReadonlySet<string>;
  /** The family of a metric name: the namespace of the set put in front. */
  readonly familyOf: (name: string) => string;
  /** What no row means to the query. */
  readonly onEmpty?: OnEmpty | undefined;
  /** Of the metric. */
  readonly diagnostics: Diagnostics;
}

const VALUE_KEYS = ['value', 'values', 'static_value'] as const;

interface Source {
  readonly keys: Partial<MetricKeys>;
  /** Those of the three that stand there, the faulty ones included. */
  readonly given: readonly (typeof VALUE_KEYS)[number][];
  readonly scope: MetricScope;
}

/** Where the numbers of a metric come from; undefined when it cannot be told. */
export function readValue(keys: Partial<MetricKeys>, scope: MetricScope): ValueDefinition | undefined {
  const { diagnostics, faulty } = scope;
  const { type } = keys;
  for (const key of TYPE_KEYS) {
    const types = typesOfKey(key);
    const fits = type !== undefined && types.includes(type);
    if (keys[key] !== undefined && !fits && !faulty.has('type'))
      diagnostics
        .at(key)
        .error(`${key} is for the type ${types.join(' or ')}: remove it, or change the type`);
  }
  const given = VALUE_KEYS.filter((key) => keys[key] !== undefined || faulty.has(key));
  if (type === undefined) return readNumbers({ keys, given, scope });
  const { described, refuses } = METRIC_TYPE_RULES[type];
  for (const key of refuses)
    if (keys[key] !== undefined)
      diagnostics.at(key).error(`${key} has no meaning for ${described}: remove it`);
  return READ_VALUE[type]({ keys, given, scope });
}

const READ_VALUE: Readonly<Record<MetricType, (source: Source) => ValueDefinition | undefined>> = {
  gauge: readNumbers,
  counter: readNumbers,
  untyped: readNumbers,
  info: readInfo,
  stateset: readStates,
  histogram: readHistogram,
  summary: readSummary,
};

/** One number of each row, or several. */
function readNumbers({ keys, given, scope }: Source): ValueDefinition | undefined {
  const { diagnostics } = scope;
  if (keys.group === 'count' && given.length === 0) return { kind: 'static', value: 1 };
  if (given.length !== 1)
    diagnostics
      .at(...given.slice(1, 2))
      .error(
        `a metric needs exactly one of value, values and static_value; this one has ${given.join(' and ') || 'none'}`,
      );
  if (keys.value_label !== undefined && !given.includes('values'))
    diagnostics
      .at('value_label')
      .error('value_label is for values only: remove it, or list several columns in values');
  if (given.length !== 1) return undefined;

  if (keys.value !== undefined) return { kind: 'column', column: keys.value };
  if (keys.static_value !== undefined) return { kind: 'static', value: keys.static_value };
  return keys.values === undefined ? undefined : readParts(keys.values, keys, scope);
}

function readInfo({ given: [extra], scope }: Source): ValueDefinition {
  if (extra !== undefined) scope.diagnostics.at(extra).error(`an info metric is always 1: remove ${extra}`);
  return { kind: 'static', value: 1 };
}

function readStates({ keys, scope: { diagnostics, faulty } }: Source): ValueDefinition | undefined {
  const { states, value, value_label: label = 'state' } = keys;
  if ((value === undefined && !faulty.has('value')) || (states === undefined && !faulty.has('states')))
    diagnostics.error(
      'a stateset needs value, the column with the state, and states, a list of all there are',
    );
  for (const [i, state] of (states ?? []).entries())
    if (states?.indexOf(state) !== i)
      diagnostics.at('states', i).error(`the state "${state}" stands twice: remove one`);
  if (value === undefined || states === undefined) return undefined;
  return { kind: 'states', column: value, label, states };
}

function readHistogram(source: Source): ValueDefinition | undefined {
  const { histogram } = source.keys;
  needColumns('histogram', source);
  if (histogram === undefined) return undefined;
  const { count, cumulated = false, le, sum } = histogram;
  return { kind: 'histogram', le, count, sum, cumulated };
}

function readSummary(source: Source): ValueDefinition | undefined {
  const { summary } = source.keys;
  needColumns('summary', source);
  if (summary === undefined) return undefined;
  const { count, quantiles = {}, sum } = summary;
  return { kind: 'summary', count, sum, quantiles };
}

/** Reports that the key of a type's own is missing. */
function needColumns(type: 'histogram' | 'summary', { keys, scope: { diagnostics, faulty } }: Source): void {
  if (keys[type] === undefined && !faulty.has(type))
    diagnostics.error(`a ${type} needs the key ${type}, which names its columns`);
}

/** Several columns: under one label that tells them apart, or each with labels of its own. */
function readParts(
  values: NonNullable<MetricKeys['values']>,
  { value_label: label }: Partial<MetricKeys>,
  { diagnostics, faulty }: MetricScope,
): ValueDefinition | undefined {
  const at = diagnostics.at('values');
  const given: readonly GivenPart[] = Array.isArray(values) ? values : Object.entries(values);
  if (given.length === 0) at.error('values must name at least one column');
  const columns = given.flatMap((part, i) => readPart(part, label, at.at(i)) ?? []);
  const isLabelled = given.some(hasLabels);
  if (isLabelled && (label !== undefined || given.some((part) => typeof part === 'string')))
    at.error('values has columns with labels of their own: give all of them labels, and no value_label');
  else if (!isLabelled && label === undefined && !faulty.has('value_label'))
    at.error('values needs value_label: the label that tells the columns apart');
  checkPartLabels(columns, isLabelled, at);
  return columns.length === 0 ? undefined : { kind: 'columns', columns };
}

type LabelledPart = Extract<NonNullable<MetricKeys['values']>, readonly unknown[]>[number] & object;
/** A column; with the text of its label; or with labels of its own. */
type GivenPart = string | readonly [column: string, text: string] | LabelledPart;

const hasLabels = (part: GivenPart): part is LabelledPart => typeof part === 'object' && !Array.isArray(part);

/** Undefined when its label is missing, which is reported for all columns together. */
function readPart(
  part: GivenPart,
  label: string | undefined,
  diagnostics: Diagnostics,
): ValuePart | undefined {
  if (hasLabels(part)) {
    const when = readCondition(part.when, diagnostics.at('when'));
    return { column: part.column, labels: part.labels, ...withoutUndefined({ scale: part.scale, when }) };
  }
  const [column, text] = typeof part === 'string' ? [part, part] : part;
  return label === undefined ? undefined : { column, labels: { [label]: text } };
}

/** Reports columns whose labels have other names than those of the first one, or the same texts as an earlier one. */
function checkPartLabels(columns: readonly ValuePart[], isLabelled: boolean, diagnostics: Diagnostics): void {
  const names = (part: ValuePart) => Object.keys(part.labels).sort().join(', ');
  for (const [i, part] of columns.entries()) {
    const first = columns.findIndex((other) => isDeepStrictEqual(other.labels, part.labels));
    if (columns[0] !== undefined && names(part) !== names(columns[0]))
      diagnostics
        .at(i)
        .error(
          `this column has the labels ${names(part) || 'none'}, the first one ${names(columns[0]) || 'none'}: all need the same`,
        );
    // With a condition each they may be one series that comes from different columns.
    else if (first < i && part.when === undefined) {
      const texts = Object.values(part.labels).map((text) => JSON.stringify(text));
      const at = isLabelled ? diagnostics.at(i) : diagnostics;
      at.error(`values has ${texts.join(', ') || 'no label'} twice: each column needs its own`);
    }
  }
}

/** A condition on a row; exactly one test is in it, or the lack is reported. */
export function readCondition(
  keys: ConditionKeys | undefined,
  diagnostics: Diagnostics,
): RowCondition | undefined {
  if (keys === undefined) return undefined;
  const tests = withoutUndefined({
    in: keys.in,
    notIn: keys.not_in,
    above: keys.above,
    isNull: keys.is_null,
  });
  if (Object.keys(tests).length !== 1)
    diagnostics.error('when needs exactly one of in, not_in, above and is_null');
  return { column: keys.column, ...tests };
}
