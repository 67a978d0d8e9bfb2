/**
 * One metric of a query file: the rules that join its keys, and its normal form.
 */

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
import { only } from '../only.ts';
import type { Path } from '../yaml/source.ts';
import { checkFamilyNames } from './family-name.ts';
import { checkLabelNames } from './label-names.ts';
import type { LabelKeys, MetricKeys } from './metric-schema.ts';
import { type MetricScope, readCondition, readValue } from './metric-value.ts';

/** The metric, or undefined when a part that it cannot do without is missing. */
export function readMetric(
  family: string,
  keys: Partial<MetricKeys>,
  scope: MetricScope,
): MetricDefinition | undefined {
  checkNames(family, keys, scope);
  const value = readValue(keys, scope);
  const labels =
    keys.labels === 'all'
      ? keys.labels
      : (keys.labels ?? []).flatMap((label, i) => readLabel(label, ['labels', i], scope));
  checkLabels(labels === 'all' ? [] : labels, keys, value, scope);
  checkReading(keys, scope);
  checkAliasesIf(keys, [], scope);
  if (scope.onEmpty === 'zero') checkZero({ labels, value, group: keys.group }, scope);
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
    ...only({
      when: readCondition(keys.when, ['when'], scope),
      extract: readExtract(keys.extract, scope),
      group: keys.group,
      onDuplicate: keys.on_duplicate,
      optional: keys.optional === true ? true : undefined,
      aliases: keys.aliases?.map(scope.familyOf),
      aliasesIf: keys.aliases_if,
      onlyIf: keys.only_if,
    }),
  };
}

/** The metric's own name and its aliases. */
function checkNames(family: string, { aliases = [] }: Partial<MetricKeys>, scope: MetricScope): void {
  const places = aliases.map((alias, i) => [scope.familyOf(alias), ['aliases', i]] as const);
  checkFamilyNames([[family, []], ...places], scope);
}

/** With no row the series of a zero must be known all the same, and zero be something that it may become. */
function checkZero(
  {
    group,
    labels,
    value,
  }: Pick<MetricDefinition, 'group' | 'labels'> & { readonly value: ValueDefinition | undefined },
  { report }: MetricScope,
): void {
  if (hasRowLabels(labels) || (value !== undefined && isDistribution(value)))
    report(
      [],
      'on_empty: zero is for metrics of one number without labels: with no row nothing tells which series there are',
    );
  // Grouped, a constant counts the rows.
  else if (value?.kind === 'static' && group === undefined)
    report(
      [],
      `on_empty: zero is for numbers that are read, and this metric is always ${value.value}: remove on_empty, or make the metric another query's`,
    );
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
  const edit = only({
    trimPrefix: keys.trim_prefix,
    match: keys.match,
    replace: keys.replace,
    lower: keys.lower,
    truncate: keys.truncate,
    default: keys.default,
  });
  return Object.keys(edit).length > 0 ? edit : undefined;
}

/** A switch for aliases needs some. */
export function checkAliasesIf(
  keys: Pick<Partial<MetricKeys>, 'aliases' | 'aliases_if'>,
  path: Path,
  { report }: Pick<MetricScope, 'report'>,
): void {
  if (keys.aliases_if !== undefined && keys.aliases === undefined)
    report([...path, 'aliases_if'], 'there are no aliases to switch: remove aliases_if, or add aliases');
}

/** A map is a parser of its own. */
export function checkParser(
  { map, parse }: Pick<Partial<MetricKeys>, 'map' | 'parse'>,
  path: Path,
  { report }: Pick<MetricScope, 'report'>,
): void {
  if (parse !== undefined && map !== undefined)
    report([...path, 'map'], 'parse and map exclude each other: keep one of them');
}

/** Keys about reading numbers say nothing of a constant. */
function checkReading(keys: Partial<MetricKeys>, { report }: MetricScope): void {
  const isConstant =
    keys.static_value !== undefined || (keys.type !== undefined && METRIC_TYPE_RULES[keys.type].isConstant);
  for (const key of ['parse', 'map', 'scale', 'on_null', 'on_invalid'] as const) {
    if (isConstant && keys[key] !== undefined)
      report([key], `${key} is for numbers that are read, and this metric is a constant: remove it`);
  }
  checkParser(keys, [], { report });
  if (keys.on_duplicate !== undefined && keys.group !== undefined)
    report(['on_duplicate'], 'group leaves no duplicates: remove on_duplicate');
}

/** What the named groups of the pattern are called; the pattern itself is right. */
function readExtract(keys: MetricKeys['extract'], { report }: MetricScope): ExtractDefinition | undefined {
  if (keys === undefined) return undefined;
  const groups = Object.keys(new RegExp(`${keys.match}|`, 'u').exec('')?.groups ?? {});
  if (groups.length === 0)
    report(
      ['extract', 'match'],
      'match has no named group: write (?<name>...) around what is to become the column "name"',
    );
  return { column: keys.column, match: keys.match, groups, each: keys.each ?? false };
}

function checkLabels(
  labels: readonly LabelDefinition[],
  keys: Partial<MetricKeys>,
  value: ValueDefinition | undefined,
  scope: MetricScope,
): void {
  const places: [name: string, path: (string | number)[]][] = [
    ...labels.map(({ as }, i): [string, (string | number)[]] => [as, ['labels', i]]),
    ...Object.keys(keys.static_labels ?? {}).map((name): [string, string[]] => [
      name,
      ['static_labels', name],
    ]),
  ];
  if (keys.value_label !== undefined) places.push([keys.value_label, ['value_label']]);
  else if (value !== undefined)
    for (const name of labelsOfValue(value))
      places.push([name, [value.kind === 'states' ? 'states' : 'values']]);
  checkLabelNames(places, scope);
}
