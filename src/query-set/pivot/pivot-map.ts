/**
 * Results whose keys name the metrics: SHOW GLOBAL STATUS, a key and a value per row, and SHOW REPLICA STATUS, a
 * column per metric.
 *
 * Lenient where rows are strict: most keys hold numbers, and it is no mistake that the others do not.
 */
import { MAX_LABEL_LENGTH, type MetricRule, type PivotDefinition } from '../../model/metric.ts';
import { METRIC_TYPE_RULES } from '../../model/metric-type.ts';
import type { Family, SampleSink } from '../../model/samples.ts';
import { checked, compilePattern } from '../../pattern/pattern.ts';
import { compilePlaces } from '../cells/columns.ts';
import { compileEdit, compileLabels, type Edit, type LabelsOf, labelTail } from '../cells/labels.ts';
import { MatchWork, TOO_MUCH } from '../cells/match-work.ts';
import { compileReading, isPlain, type Reading } from '../cells/reading.ts';
import type { MapFailure, Row, Rows, Unfinished } from '../compiled.ts';
import type { Discover, FamilyTable } from '../family-table.ts';
import { compileInfos, type InfoMap } from './info-map.ts';
import type { Columns, KeyReading } from './result-shape.ts';
import { ShapeCache } from './shape-cache.ts';

/** What one key becomes; `null` for nothing. Worked out once per key and remembered. */
type Resolved = KeyReading | null;

type PivotMap = (result: Rows, sink: SampleSink) => MapFailure | Unfinished | undefined;

/**
 * So many rows whose keys have never been seen take some milliseconds. A server has about a thousand variables, which
 * are read in one go; one that makes up thousands of them does not hold up the probes of others.
 */
const STEP_ROWS = 500;

/** The whole key, then the groups of the match; undefined for one that took no part. */
type Groups = readonly (string | undefined)[];

/** Keys that are remembered per query: a server has about a thousand variables. */
const MAX_REMEMBERED = 10_000;

/** Compiles a pivot into the function that maps its result. */
export function compilePivot(definition: PivotDefinition, families: FamilyTable): PivotMap {
  const resolve = compileRules(definition, families);
  return definition.keyValue === undefined
    ? byColumns(definition, resolve)
    : byRows(definition.keyValue, definition.labels, resolve, compileInfos(definition, families));
}

/** What a key becomes; undefined when that is too much work. */
type Resolve = (key: string, work: MatchWork) => Resolved | undefined;

const TOO_LONG_KEYS: MapFailure = {
  ok: false,
  reason: 'limit',
  detail: `rules: match ${TOO_MUCH}`,
};

function byRows(
  { edit, key, value }: NonNullable<PivotDefinition['keyValue']>,
  labels: PivotDefinition['labels'],
  resolve: Resolve,
  infos: InfoMap,
): PivotMap {
  const reader = compileLabels(labels);
  const editKey = edit === undefined ? undefined : compileEdit(edit, key);
  // With labels that are read from rows a key does not tell all about its series.
  const known = labels.length === 0 ? new ShapeCache(infos.keys) : undefined;
  const placesIn = compilePlaces({
    required: [key, value, ...reader.required],
    optional: reader.optional,
  });
  return (result, sink) => {
    const { cells, columns } = result;
    const places = placesIn(columns);
    if ('reason' in places) return places;
    const at = { key: places.get(key) ?? 0, value: places.get(value) ?? 0 };
    const found = cells === undefined ? undefined : known?.read(cells, at);
    if (found !== undefined) {
      sink.fill(found.layout, found.values);
      infos.emit(found.texts, sink);
      return undefined;
    }
    const work = new MatchWork();
    const labelsOf = labels.length === 0 ? undefined : reader.at({ columns, places, work });
    if (typeof labelsOf === 'object') return labelsOf;
    const { rows } = result;
    const reading = { at, editKey, resolve, work };
    const readFrom = (first: number): MapFailure | Unfinished | undefined => {
      const end = rows.length - first <= 2 * STEP_ROWS ? rows.length : first + STEP_ROWS;
      const failure = readRows({ rows, first, end }, reading, labelsOf, sink);
      if (failure !== undefined) return failure;
      if (end < rows.length) return { next: () => readFrom(end) };
      infos.emit(textsOf(rows, at, infos.keys), sink);
      if (cells !== undefined) known?.note(cells, at, () => readingsOf(rows, reading));
      return undefined;
    };
    return readFrom(0);
  };
}

/** How the keys of a result are read. */
interface KeysReader {
  readonly at: Columns;
  readonly editKey: Edit | undefined;
  readonly resolve: Resolve;
  readonly work: MatchWork;
}

/** Some rows of a result. */
interface Part {
  readonly rows: readonly Row[];
  /** Of the first of them, and of the one behind the last. */
  readonly first: number;
  readonly end: number;
}

/** Emits their samples. */
function readRows(
  { end, first, rows }: Part,
  { at: { key, value }, editKey, resolve, work }: KeysReader,
  labelsOf: LabelsOf | undefined,
  sink: SampleSink,
): MapFailure | undefined {
  // Index loops on purpose: this runs for every row of a result whose keys are not known.
  for (let r = first; r < end; r++) {
    const row = rows[r]!;
    const name = row[key];
    const cell = row[value];
    if (name == null || cell == null) continue;
    const edited = editKey === undefined ? name : editKey(name, work);
    if (typeof edited !== 'string') return edited;
    const resolved = resolve(edited, work);
    if (resolved === null) continue;
    if (resolved === undefined) return TOO_LONG_KEYS;
    const number = resolved.read(cell);
    if (number === undefined) continue;
    const text = labelsOf === undefined ? '' : labelsOf(row);
    if (typeof text !== 'string') return text;
    const { families, labels: tail } = resolved;
    for (let i = 0; i < families.length; i++) sink.sample(families[i]!, text + tail, number);
  }
  return undefined;
}

/** What each row becomes, those whose values are NULL now too; undefined if that is not clear. */
function readingsOf(
  rows: readonly Row[],
  { at, editKey, resolve, work }: KeysReader,
): readonly Resolved[] | undefined {
  const readings: Resolved[] = [];
  for (const row of rows) {
    const key = editKey === undefined ? row[at.key] : editKey(row[at.key] ?? '', work);
    const reading = typeof key === 'string' ? resolve(key, work) : undefined;
    if (reading === undefined) return undefined;
    readings.push(reading);
  }
  return readings;
}

/** The values of some keys; empty for NULL. */
function textsOf(
  rows: readonly Row[],
  { key, value }: Columns,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (wanted.size === 0) return texts;
  for (const row of rows) {
    const name = row[key];
    if (name != null && wanted.has(name)) texts.set(name, row[value] ?? '');
  }
  return texts;
}

function byColumns({ labels }: PivotDefinition, resolve: Resolve): PivotMap {
  const reader = compileLabels(labels);
  const placesIn = compilePlaces(reader);
  return ({ columns, rows }, sink) => {
    const places = placesIn(columns);
    if ('reason' in places) return places;
    const work = new MatchWork();
    const labelsOf = reader.at({ columns, places, work });
    if (typeof labelsOf !== 'function') return labelsOf;
    const isLabel = new Set(places.values());
    const resolved: Resolved[] = [];
    for (const [i, column] of columns.entries()) {
      const known = isLabel.has(i) ? null : resolve(column, work);
      // At once: each further column would cost another match.
      if (known === undefined) return TOO_LONG_KEYS;
      resolved.push(known);
    }
    for (const row of rows) {
      const text = labelsOf(row);
      if (typeof text !== 'string') return text;
      for (let c = 0; c < resolved.length; c++) {
        const known = resolved[c]!;
        const cell = row[c];
        if (known == null || cell == null) continue;
        const number = known.read(cell);
        if (number === undefined) continue;
        const { families, labels: tail } = known;
        for (let i = 0; i < families.length; i++) sink.sample(families[i]!, text + tail, number);
      }
    }
    return undefined;
  };
}

function compileRules({ keepCase, labels, rules }: PivotDefinition, families: FamilyTable): Resolve {
  const discover = families.discovery();
  const compiled = rules.map((rule) => ({
    pattern: rule.match === undefined ? undefined : checked(compilePattern(rule.match)),
    become: rule.drop ? () => null : compileRule(rule, labels, families, discover),
  }));
  const remembered = new Map<string, Resolved>();

  function resolve(raw: string, work: MatchWork): Resolved | undefined {
    // Empty is what `match` of the key leaves of one that it is not for.
    if (raw === '' || raw.length > MAX_LABEL_LENGTH) return null;
    const key = normalize(raw, keepCase);
    for (const { become, pattern } of compiled) {
      const groups = pattern === undefined ? [key] : work.exec(pattern, key);
      if (groups === undefined) return undefined;
      if (groups !== null) return become(groups);
    }
    return null;
  }

  return (key, work) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const resolved = resolve(key, work);
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
  const { exposedAs } = METRIC_TYPE_RULES[type];
  const readCounter: Reading = (cell) => {
    const number = read(cell);
    return number !== undefined && number < 0 ? undefined : number;
  };
  const familyFor = (name: string): ((groups: Groups) => Family | undefined) => {
    if (name.includes('$') || help.includes('$'))
      return (groups) => discover(validName(fill(name, groups)), exposedAs, fill(help, groups));
    // Defined before any server has answered, so that no name from data comes first with another type.
    const family = table.define(name, exposedAs, help);
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
    const mayBeNegative = [family, ...others].every(({ type }) => METRIC_TYPE_RULES[type].mayBeNegative);
    return {
      families: [family, ...new Set(others)],
      labels: labelTail(rowLabels, constant),
      read: mayBeNegative ? read : readCounter,
      isPlain: isPlain(rule),
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
