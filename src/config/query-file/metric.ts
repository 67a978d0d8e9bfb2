/**
 * One metric of a query file: the rules that join its keys, and its normal form.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import {
  type ExtractDefinition,
  hasRowLabels,
  isDistribution,
  type LabelDefinition,
  type LabelEdit,
  labelsOfValue,
  type MetricDefinition,
  type ValueDefinition,
} from '../../model/metric.ts';
import { METRIC_TYPE_RULES } from '../../model/metric-type.ts';
import { compileEach, compilePattern } from '../../pattern/pattern.ts';
import { withoutUndefined } from '../check/maps.ts';
import { checkFamilyNames } from './family-name.ts';
import { checkLabelNames } from './label-names.ts';
import type { LabelKeys, MetricKeys } from './metric-schema.ts';
import { type MetricScope, readCondition, readValue } from './metric-value.ts';

/** The metric, or undefined when a part that it needs is missing. */
export function readMetric(
  family: string,
  keys: Partial<MetricKeys>,
  scope: MetricScope,
): MetricDefinition | undefined {
  const { diagnostics, familyOf } = scope;
  const aliases = (keys.aliases ?? []).map(
    (alias, i) => [familyOf(alias), diagnostics.at('aliases', i)] as const,
  );
  checkFamilyNames([[family, diagnostics], ...aliases]);
  const value = readValue(keys, scope);
  const labels =
    keys.labels === 'all'
      ? keys.labels
      : (keys.labels ?? []).flatMap((label, i) => readLabel(label, diagnostics.at('labels', i)));
  checkLabels(labels === 'all' ? [] : labels, keys, value, diagnostics);
  checkReading(keys, diagnostics);
  checkAliasesIf(keys, diagnostics);
  if (scope.onEmpty === 'zero') checkZero({ labels, value, group: keys.group }, diagnostics);
  if (!value || !keys.type || keys.description === undefined) return undefined;
  return {
    family,
    type: keys.type,
    help: keys.description.trim(),
    labels,
    staticLabels: keys.static_labels ?? {},
    value,
    onNull: keys.on_null ?? 'skip',
    ...optionalParts(keys, scope),
  };
}

/** The parts of a metric that exist only when their keys are given. */
function optionalParts(
  keys: Partial<MetricKeys>,
  { diagnostics, familyOf }: MetricScope,
): Partial<MetricDefinition> {
  return withoutUndefined({
    parse: keys.parse,
    map: keys.map,
    scale: keys.scale,
    onInvalid: keys.on_invalid,
    when: readCondition(keys.when, diagnostics.at('when')),
    extract: readExtract(keys.extract, diagnostics.at('extract')),
    group: keys.group,
    onDuplicate: keys.on_duplicate,
    optional: keys.optional === true ? true : undefined,
    aliases: keys.aliases?.map(familyOf),
    aliasesIf: keys.aliases_if,
    onlyIf: keys.only_if,
  });
}

/** With no row a metric is zero only where its one series is known and a number is read for it. */
function checkZero(
  {
    group,
    labels,
    value,
  }: Pick<MetricDefinition, 'group' | 'labels'> & { readonly value: ValueDefinition | undefined },
  diagnostics: Diagnostics,
): void {
  if (hasRowLabels(labels) || (value !== undefined && isDistribution(value)))
    diagnostics.error(
      'on_empty: zero is for metrics of one number without labels: with no row nothing tells which series there are',
    );
  // A constant that is grouped counts the rows.
  else if (value?.kind === 'static' && group === undefined)
    diagnostics.error(
      `on_empty: zero is for numbers that are read, and this metric is always ${value.value}: remove on_empty, or make the metric another query's`,
    );
}

/** One label, from its short or long form; empty when it was reported. */
export function readLabel(keys: string | LabelKeys, diagnostics: Diagnostics): readonly LabelDefinition[] {
  if (typeof keys === 'string') return [{ column: keys, as: keys }];
  const columns = keys.column === undefined ? (keys.first_of ?? []) : [keys.column];
  const [column, ...orElse] = columns;
  if (column === undefined || (keys.column !== undefined && keys.first_of !== undefined)) {
    diagnostics.error('a label needs exactly one of column and first_of');
    return [];
  }
  const edit = readEdit(keys);
  return [
    {
      column,
      as: keys.as ?? column,
      ...(orElse.length > 0 ? { orElse } : {}),
      ...(keys.optional === true ? { optional: true } : {}),
      ...(edit === undefined ? {} : { edit }),
    },
  ];
}

/** Changes of a text; undefined when there are none. */
export function readEdit(keys: Omit<LabelKeys, 'column'>): LabelEdit | undefined {
  const edit = withoutUndefined({
    trimPrefix: keys.trim_prefix,
    match: keys.match,
    replace: keys.replace,
    lower: keys.lower,
    truncate: keys.truncate,
    default: keys.default,
  });
  return Object.keys(edit).length > 0 ? edit : undefined;
}

/** Reports a switch for aliases where there are none. */
export function checkAliasesIf(
  keys: Pick<Partial<MetricKeys>, 'aliases' | 'aliases_if'>,
  diagnostics: Diagnostics,
): void {
  if (keys.aliases_if !== undefined && keys.aliases === undefined)
    diagnostics.at('aliases_if').error('there are no aliases to switch: remove aliases_if, or add aliases');
}

/** Reports `parse` beside `map`, which is a parser of its own. */
export function checkParser(
  { map, parse }: Pick<Partial<MetricKeys>, 'map' | 'parse'>,
  diagnostics: Diagnostics,
): void {
  if (parse !== undefined && map !== undefined)
    diagnostics.at('map').error('parse and map exclude each other: keep one of them');
}

/** Reports keys about reading numbers that have no meaning for a constant or a group. */
function checkReading(keys: Partial<MetricKeys>, diagnostics: Diagnostics): void {
  const isConstant =
    keys.static_value !== undefined || (keys.type !== undefined && METRIC_TYPE_RULES[keys.type].isConstant);
  for (const key of ['parse', 'map', 'scale', 'on_null', 'on_invalid'] as const) {
    if (isConstant && keys[key] !== undefined)
      diagnostics
        .at(key)
        .error(`${key} is for numbers that are read, and this metric is a constant: remove it`);
  }
  checkParser(keys, diagnostics);
  if (keys.on_duplicate !== undefined && keys.group !== undefined)
    diagnostics.at('on_duplicate').error('group leaves no duplicates: remove on_duplicate');
}

function readExtract(keys: MetricKeys['extract'], diagnostics: Diagnostics): ExtractDefinition | undefined {
  if (keys === undefined) return undefined;
  const { each = false, match } = keys;
  const pattern = each ? compileEach(match) : compilePattern(match);
  if (!pattern.ok) {
    diagnostics.at('match').error(pattern.message);
    return undefined;
  }
  const groups = [...pattern.value.names.keys()];
  if (groups.length === 0)
    diagnostics
      .at('match')
      .error('match has no named group: write (?<name>...) around what is to become the column "name"');
  return { column: keys.column, match, groups, each };
}

/** Checks the names of all labels of a metric, those that its value adds included. */
function checkLabels(
  labels: readonly LabelDefinition[],
  { static_labels: constant = {}, value_label: valueLabel }: Partial<MetricKeys>,
  value: ValueDefinition | undefined,
  diagnostics: Diagnostics,
): void {
  const places = [
    ...labels.map(({ as }, i) => [as, diagnostics.at('labels', i)] as const),
    ...Object.keys(constant).map((name) => [name, diagnostics.at('static_labels', name)] as const),
  ];
  if (valueLabel !== undefined) places.push([valueLabel, diagnostics.at('value_label')]);
  else if (value !== undefined) {
    const at = diagnostics.at(value.kind === 'states' ? 'states' : 'values');
    for (const name of labelsOfValue(value)) places.push([name, at]);
  }
  checkLabelNames(places);
}
