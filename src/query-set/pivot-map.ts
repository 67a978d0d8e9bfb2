/**
 * Results whose keys name the metrics: SHOW GLOBAL STATUS, a key and a value per row, and SHOW REPLICA STATUS, a
 * column per metric.
 *
 * Lenient where rows are strict: most keys hold numbers, the others are no mistake of anybody.
 */
import type { InfoDefinition, PivotDefinition, PivotRule } from '../config/config.ts';
import { locate } from './columns.ts';
import type { Family, MapFailure, Rows, SampleSink } from './compiled.ts';
import type { FamilyTable } from './family-table.ts';
import { compileLabels, labelTail, MAX_LABEL_LENGTH } from './label-reading.ts';
import { labelText } from './label-text.ts';
import { compileReading, type Reading } from './reading.ts';

/** What one key becomes; `null` for nothing. Worked out once per key and remembered. */
type Resolved = { readonly family: Family; readonly tail: string; readonly read: Reading } | null;

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
      : byRows(definition.keyValue, resolve, compileInfos(definition, families));
  return (result, sink) => {
    const most = result.rows.length * (definition.keyValue === undefined ? result.columns.length : 1);
    if (most <= maxSeries) return map(result, sink);
    return { ok: false, reason: 'limit', detail: `up to ${most} series, and max_series is ${maxSeries}` };
  };
}

function byRows(
  { key, value }: { readonly key: string; readonly value: string },
  resolve: (key: string) => Resolved,
  emitInfos: ReturnType<typeof compileInfos>,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  return ({ columns, rows }, sink) => {
    const located = locate(columns, [key, value]);
    if ('reason' in located) return located;
    const [keyAt = 0, valueAt = 1] = located;
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!;
      const name = row[keyAt];
      const cell = row[valueAt];
      if (name == null || cell == null) continue;
      const resolved = resolve(name);
      if (resolved === null) continue;
      const number = resolved.read(cell);
      if (number !== undefined) sink.sample(resolved.family, resolved.tail, number);
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
    const located = locate(columns, reader.columns);
    if ('reason' in located) return located;
    const labelsOf = reader.at(new Map(reader.columns.map((column, i) => [column, located[i] ?? 0])));
    const isLabel = new Set(located);
    const resolved = columns.map((column, i) => (isLabel.has(i) ? null : resolve(column)));
    for (const row of rows) {
      const text = labelsOf(row);
      if (typeof text !== 'string') return text;
      for (let c = 0; c < resolved.length; c++) {
        const known = resolved[c]!;
        const cell = row[c];
        if (known === null || cell == null) continue;
        const number = known.read(cell);
        if (number !== undefined) sink.sample(known.family, text + known.tail, number);
      }
    }
    return undefined;
  };
}

function compileRules(
  { keepCase, labels, rules }: PivotDefinition,
  families: FamilyTable,
): (key: string) => Resolved {
  const compiled = rules.map((rule) => ({
    rule,
    pattern: rule.match === undefined ? undefined : new RegExp(rule.match, 'u'),
    read: rule.drop ? undefined : compileReading(rule),
  }));
  const remembered = new Map<string, Resolved>();

  function resolve(raw: string): Resolved {
    const key = normalize(raw, keepCase);
    if (key.length > MAX_LABEL_LENGTH) return null;
    for (const { pattern, read, rule } of compiled) {
      const groups = pattern === undefined ? [key] : pattern.exec(key);
      if (groups === null) continue;
      return rule.drop || read === undefined ? null : applyRule(rule, groups, read);
    }
    return null;
  }

  function applyRule(
    rule: Extract<PivotRule, { drop: false }>,
    groups: readonly string[],
    read: Reading,
  ): Resolved {
    const family = families.discover(
      validName(normalize(fill(rule.family, groups), true)),
      rule.type,
      fill(rule.help, groups),
    );
    if (family === undefined) return null;
    const constant = Object.fromEntries(
      Object.entries(rule.labels).map(([name, template]) => [name, fill(template, groups)]),
    );
    return { family, tail: labelTail(labels, constant), read };
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

/** What may stand in a metric's name, as mysqld_exporter does it: all else is an underscore, then lower case. */
function normalize(key: string, keepCase: boolean): string {
  const clean = key.replace(/[^a-zA-Z0-9_]/g, '_');
  return keepCase ? clean : clean.toLowerCase();
}

/** A key may be empty or begin with a digit; a name may not, and Prometheus would refuse the whole answer. */
function validName(name: string): string {
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`;
}

/** Puts the groups of a match into a text: `$0` is all of it. */
function fill(template: string, groups: readonly (string | undefined)[]): string {
  return template.replace(/\$(\d)/g, (_, group: string) => groups[Number(group)] ?? '');
}

function compileInfos(
  { infos }: PivotDefinition,
  families: FamilyTable,
): (rows: Rows['rows'], keyAt: number, valueAt: number, sink: SampleSink) => void {
  if (infos.length === 0) return () => {};
  const compiled = infos.map((info) => ({ info, family: families.define(info.family, 'gauge', info.help) }));
  const wanted = new Set(
    infos.flatMap(({ labels, need }) => [...Object.values(labels), ...(need === undefined ? [] : [need])]),
  );
  return (rows, keyAt, valueAt, sink) => {
    const texts = new Map<string, string>();
    for (const row of rows) {
      const key = row[keyAt];
      if (key != null && wanted.has(key)) texts.set(key, row[valueAt] ?? '');
    }
    for (const { family, info } of compiled) {
      if (info.need === undefined || (texts.get(info.need) ?? '') !== '') {
        sink.sample(family, labelText(infoLabels(info, texts)), 1);
      }
    }
  };
}

function infoLabels({ labels }: InfoDefinition, texts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, key]) => [name, (texts.get(key) ?? '').slice(0, MAX_LABEL_LENGTH)]),
  );
}
