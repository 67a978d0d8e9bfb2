/**
 * Results whose keys name the metrics: SHOW GLOBAL STATUS, a key and a value per row, and SHOW REPLICA STATUS, a
 * column per metric.
 *
 * Lenient where rows are strict: most keys hold numbers, the others are no mistake of anybody.
 */
import type { InfoDefinition, MetricRule, PivotDefinition } from '../config/metric-definition.ts';
import { place } from './columns.ts';
import type { Family, MapFailure, Row, RowsMap, SampleSink } from './compiled.ts';
import type { Discover, FamilyTable } from './family-table.ts';
import { compileEdit, compileLabels, labelTail, MAX_LABEL_LENGTH } from './label-reading.ts';
import { labelText } from './label-text.ts';
import { MAX_MATCH_MS, MatchTime } from './match-time.ts';
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
export function compilePivot(definition: PivotDefinition, families: FamilyTable): RowsMap {
  const resolve = compileRules(definition, families);
  return definition.keyValue === undefined
    ? byColumns(definition, resolve)
    : byRows(definition.keyValue, definition.labels, resolve, compileInfos(definition, families));
}

/** What a key becomes; undefined when time is over. */
type Resolve = (key: string, time: MatchTime) => Resolved | undefined;

const SLOW_RULES: MapFailure = {
  ok: false,
  reason: 'limit',
  detail: `rules: match took the matches of this result to more than ${MAX_MATCH_MS} ms`,
};

function byRows(
  { edit, key, value }: NonNullable<PivotDefinition['keyValue']>,
  labels: PivotDefinition['labels'],
  resolve: Resolve,
  emitInfos: ReturnType<typeof compileInfos>,
): RowsMap {
  const reader = compileLabels(labels);
  const editKey = edit === undefined ? undefined : compileEdit(edit, key);
  return ({ columns, rows }, sink) => {
    const places = place(columns, {
      required: [key, value, ...reader.required],
      optional: reader.optional,
    });
    if ('reason' in places) return places;
    const keyAt = places.get(key) ?? 0;
    const valueAt = places.get(value) ?? 0;
    const time = new MatchTime();
    const labelsOf = labels.length === 0 ? undefined : reader.at({ columns, places, time });
    if (typeof labelsOf === 'object') return labelsOf;
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!;
      const name = row[keyAt];
      const cell = row[valueAt];
      if (name == null || cell == null) continue;
      const edited = editKey === undefined ? name : editKey(name, time);
      if (typeof edited !== 'string') return edited;
      const resolved = resolve(edited, time);
      if (resolved === null) continue;
      if (resolved === undefined) return SLOW_RULES;
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

function byColumns({ labels }: PivotDefinition, resolve: Resolve): RowsMap {
  const reader = compileLabels(labels);
  return ({ columns, rows }, sink) => {
    const places = place(columns, reader);
    if ('reason' in places) return places;
    const time = new MatchTime();
    const labelsOf = reader.at({ columns, places, time });
    if (typeof labelsOf !== 'function') return labelsOf;
    const isLabel = new Set(places.values());
    const resolved = columns.map((column, i) => (isLabel.has(i) ? null : resolve(column, time)));
    if (resolved.includes(undefined)) return SLOW_RULES;
    for (const row of rows) {
      const text = labelsOf(row);
      if (typeof text !== 'string') return text;
      for (let c = 0; c < resolved.length; c++) {
        const known = resolved[c]!;
        const cell = row[c];
        if (known == null || cell == null) continue;
        const number = known.read(cell);
        if (number === undefined) continue;
        const { families, tail } = known;
        for (let i = 0; i < families.length; i++) sink.sample(families[i]!, text + tail, number);
      }
    }
    return undefined;
  };
}

function compileRules({ keepCase, labels, rules }: PivotDefinition, families: FamilyTable): Resolve {
  const discover = families.share();
  const compiled = rules.map((rule) => ({
    pattern: rule.match === undefined ? undefined : new RegExp(rule.match, 'u'),
    become: rule.drop ? () => null : compileRule(rule, labels, families, discover),
  }));
  const remembered = new Map<string, Resolved>();

  function resolve(raw: string, time: MatchTime): Resolved | undefined {
    // Empty is what `match` of the key leaves of one that it is not for.
    if (raw === '' || raw.length > MAX_LABEL_LENGTH) return null;
    const key = normalize(raw, keepCase);
    for (const { become, pattern } of compiled) {
      const groups = pattern === undefined ? [key] : time.exec(pattern, key);
      if (groups === undefined) return undefined;
      if (groups !== null) return become(groups);
    }
    return null;
  }

  return (key, time) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const resolved = resolve(key, time);
    if (resolved === undefined) return undefined;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, resolved);
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
  const readCounter: Reading = (cell) => {
    const number = read(cell);
    return number !== undefined && number < 0 ? undefined : number;
  };
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
    const isCounter = [family, ...others].some((one) => one.type === 'counter');
    return {
      families: [family, ...new Set(others)],
      tail: labelTail(rowLabels, constant),
      read: isCounter ? readCounter : read,
    };
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
): (rows: readonly Row[], keyAt: number, valueAt: number, sink: SampleSink) => void {
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
