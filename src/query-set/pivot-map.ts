/**
 * Results whose keys name the metrics: SHOW GLOBAL STATUS, a key and a value per row, and SHOW REPLICA STATUS, a
 * column per metric.
 *
 * Lenient where rows are strict: most keys hold numbers, the others are no mistake of anybody.
 */
import type { InfoDefinition, MetricRule, PivotDefinition } from '../config/metric-definition.ts';
import { place } from './columns.ts';
import type { Family, MapFailure, Rows, SampleSink } from './compiled.ts';
import type { Discover, FamilyTable } from './family-table.ts';
import { compileEdit, compileLabels, labelTail, MAX_LABEL_LENGTH } from './label-reading.ts';
import { labelText } from './label-text.ts';
import { compileReading, type Reading } from './reading.ts';

/** What one key becomes; `null` for nothing. Worked out once per key and remembered. */
type Resolved = {
  /** The metric's own, then those of its aliases. */
  readonly families: readonly [Family, ...Family[]];
  readonly tail: string;
  readonly read: Reading;
} | null;

/** The whole key, then the groups of the match; undefined for one that took no part. */
type Groups = readonly (string | undefined)[];

/** Keys that are remembered per query: a server has about a thousand variables. */
const MAX_REMEMBERED = 10_000;

/** Compiles a pivot into the function that maps its result. */
export function compilePivot(
  definition: PivotDefinition,
  families: FamilyTable,
  maxSeries: number,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  const resolve = compileRules(definition, families);
  const map =
    definition.keyValue === undefined
      ? byColumns(definition, resolve)
      : byRows(definition.keyValue, definition.labels, resolve, compileInfos(definition, families));
  return (result, sink) => {
    let series = 0;
    const failure = map(result, {
      sample: (family, labels, value) => {
        if (++series <= maxSeries) sink.sample(family, labels, value);
      },
    });
    if (failure !== undefined || series <= maxSeries) return failure;
    return { ok: false, reason: 'limit', detail: `${series} series, and max_series is ${maxSeries}` };
  };
}

function byRows(
  { edit, key, value }: NonNullable<PivotDefinition['keyValue']>,
  labels: PivotDefinition['labels'],
  resolve: (key: string) => Resolved,
  emitInfos: ReturnType<typeof compileInfos>,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  const reader = compileLabels(labels);
  const editKey = edit === undefined ? undefined : compileEdit(edit);
  return ({ columns, rows }, sink) => {
    const places = place(columns, [key, value, ...reader.required], reader.optional);
    if ('reason' in places) return places;
    const keyAt = places.get(key) ?? 0;
    const valueAt = places.get(value) ?? 0;
    const labelsOf = labels.length === 0 ? undefined : reader.at(columns, places);
    if (typeof labelsOf === 'object') return labelsOf;
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!;
      const name = row[keyAt];
      const cell = row[valueAt];
      if (name == null || cell == null) continue;
      const resolved = resolve(editKey === undefined ? name : editKey(name));
      if (resolved === null) continue;
      const number = resolved.read(cell);
      if (number === undefined) continue;
      const text = labelsOf === undefined ? '' : labelsOf(row);
      if (typeof text !== 'string') return text;
      const { families, tail } = resolved;
      for (let i = 0; i < families.length; i++) sink.sample(families[i]!, text + tail, number);
    }
    emitInfos(rows, keyAt, valueAt, sink);
    return undefined;
  };
}

function byColumns(
  { labels }: PivotDefinition,
  resolve: (key: string) => Resolved,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  const reader = compileLabels(labels);
  return ({ columns, rows }, sink) => {
    const places = place(columns, reader.required, reader.optional);
    if ('reason' in places) return places;
    const labelsOf = reader.at(columns, places);
    if (typeof labelsOf !== 'function') return labelsOf;
    const isLabel = new Set(places.values());
    const resolved = columns.map((column, i) => (isLabel.has(i) ? null : resolve(column)));
    for (const row of rows) {
      const text = labelsOf(row);
      if (typeof text !== 'string') return text;
      for (let c = 0; c < resolved.length; c++) {
        const known = resolved[c]!;
        const cell = row[c];
        if (known === null || cell == null) continue;
        const number = known.read(cell);
        if (number === undefined) continue;
        const { families, tail } = known;
        for (let i = 0; i < families.length; i++) sink.sample(families[i]!, text + tail, number);
      }
    }
    return undefined;
  };
}

function compileRules(
  { keepCase, labels, rules }: PivotDefinition,
  families: FamilyTable,
): (key: string) => Resolved {
  const discover = families.share();
  const compiled = rules.map((rule) => ({
    pattern: rule.match === undefined ? undefined : new RegExp(rule.match, 'u'),
    become: rule.drop ? () => null : compileRule(rule, labels, families, discover),
  }));
  const remembered = new Map<string, Resolved>();

  function resolve(raw: string): Resolved {
    const key = normalize(raw, keepCase);
    if (key.length > MAX_LABEL_LENGTH) return null;
    for (const { become, pattern } of compiled) {
      const groups = pattern === undefined ? [key] : pattern.exec(key);
      if (groups !== null) return become(groups);
    }
    return null;
  }

  return (key) => {
    let resolved = remembered.get(key);
    if (resolved === undefined) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      resolved = resolve(key);
      remembered.set(key, resolved);
    }
    return resolved;
  };
}

/** What the groups of a match become. */
function compileRule(
  { aliases = [], family: own, help, labels: templates, type, ...rule }: MetricRule,
  rowLabels: PivotDefinition['labels'],
  table: FamilyTable,
  discover: Discover,
): (groups: Groups) => Resolved {
  const read = compileReading(rule);
  const familyFor = (name: string): ((groups: Groups) => Family | undefined) => {
    if (name.includes('$') || help.includes('$'))
      return (groups) => discover(validName(fill(name, groups)), type, fill(help, groups));
    // Defined before any server has answered, so that no name from data comes first with another type.
    const family = table.define(name, type, help);
    return () => family;
  };
  const ownFamily = familyFor(own);
  const aliasFamilies = aliases.map(familyFor);
  return (groups) => {
    const family = ownFamily(groups);
    if (family === undefined) return null;
    const others = aliasFamilies.flatMap((alias) => alias(groups) ?? []).filter((other) => other !== family);
    const constant = Object.fromEntries(
      Object.entries(templates).map(([name, template]) => [name, fill(template, groups)]),
    );
    return { families: [family, ...new Set(others)], tail: labelTail(rowLabels, constant), read };
  };
}

/** What may stand in a metric's name, as mysqld_exporter does it: all else is an underscore, then lower case. */
function normalize(key: string, keepCase: boolean): string {
  const clean = key.replace(/[^a-zA-Z0-9_]/g, '_');
  return keepCase ? clean : clean.toLowerCase();
}

/** A key may be empty or begin with a digit; a name may not, and Prometheus would refuse the whole answer. */
function validName(name: string): string {
  return /^[a-zA-Z_:]/.test(name) ? name : `_${name}`;
}

/** Puts the groups of a match into a text: `$0` is all of it. */
function fill(template: string, groups: Groups): string {
  return template.replace(/\$(\d)/g, (_, group: string) => groups[Number(group)] ?? '');
}

function compileInfos(
  { infos }: PivotDefinition,
  families: FamilyTable,
): (rows: Rows['rows'], keyAt: number, valueAt: number, sink: SampleSink) => void {
  if (infos.length === 0) return () => {};
  const compiled = infos.map((info) => ({ info, family: families.define(info.family, 'gauge', info.help) }));
  const wanted = new Set(infos.flatMap(({ labels, need }) => [...Object.values(labels).flat(), ...need]));
  return (rows, keyAt, valueAt, sink) => {
    const texts = new Map<string, string>();
    for (const row of rows) {
      const key = row[keyAt];
      if (key != null && wanted.has(key)) texts.set(key, row[valueAt] ?? '');
    }
    for (const { family, info } of compiled) {
      if (info.need.length === 0 || firstText(info.need, texts) !== '') {
        sink.sample(family, labelText(infoLabels(info, texts)), 1);
      }
    }
  };
}

function infoLabels({ labels }: InfoDefinition, texts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, keys]) => [name, firstText(keys, texts).slice(0, MAX_LABEL_LENGTH)]),
  );
}

/** Of the first of these keys that came with one. */
function firstText(keys: readonly string[], texts: ReadonlyMap<string, string>): string {
  for (const key of keys) {
    const text = texts.get(key) ?? '';
    if (text !== '') return text;
  }
  return '';
}
