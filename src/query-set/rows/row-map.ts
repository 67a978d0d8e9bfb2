/**
 * Rows to samples, one sample per row and value column: the hot loop of a probe.
 */
import {
  hasRowLabels,
  type MetricDefinition,
  type OnEmpty,
  type RowCondition,
  type Substitute,
  type ValuePart,
} from '../../model/metric.ts';
import { type BoundResult, compilePlaces, find, type Slice } from '../cells/columns.ts';
import { type Condition, compileCondition, compileRowsFor } from '../cells/condition.ts';
import { compileLabels, labelTail } from '../cells/labels.ts';
import { MatchTime } from '../cells/match-time.ts';
import { compileReading, type Reading } from '../cells/reading.ts';
import type { Cells, MapFailure, RowsMap, SampleSink, Unfinished } from '../compiled.ts';
import { compileDistribution } from './distribution.ts';
import { compileExtract } from './extract.ts';
import { groupBy } from './grouping.ts';
import type { MetricFamilies, MetricMapper, MetricRun } from './metric-mapper.ts';
import { type RowReader, readRows } from './row-reading.ts';

/** Compiles the metrics of one query into the function that maps its result. */
export function compileRowMap(metrics: readonly MetricFamilies[], onEmpty: OnEmpty): RowsMap {
  const mappers = metrics.map((metric) => ({
    ...compileExtract(metric, compileDistribution(metric) ?? compileMetric(metric)),
    mayLack: metric.definition.optional === true,
  }));
  const groups = unique(metrics.flatMap(({ definition }) => definition.extract?.groups ?? []));
  const required = unique(mappers.flatMap((mapper) => (mapper.mayLack ? [] : mapper.required)));
  const optional = unique(
    mappers.flatMap((mapper) => [...mapper.optional, ...(mapper.mayLack ? mapper.required : [])]),
  );
  const placesIn = compilePlaces({ required, optional, groups });
  const rowsFor = compileRowsFor(metrics.map(conditionOnServer));
  const sliceRows = Math.ceil(SLICE_ROWS / Math.max(1, metrics.length));
  return (result, sink) => {
    const { cells, columns } = result;
    const places = placesIn(columns);
    if ('reason' in places) return places;
    const isAnswered = (cells?.length ?? result.rows.length) > 0;
    if (!isAnswered && onEmpty === 'error')
      return failed('invalid_value', 'the result has no row, and on_empty is error');
    const table = { columns, places, time: new MatchTime(), isAnswered };
    const runs: MetricRun[] = [];
    for (const mapper of mappers) {
      if (mapper.mayLack && !mapper.required.every((column) => places.has(column))) continue;
      if (!isAnswered && onEmpty === 'zero') mapper.zero?.(sink);
      const run = mapper.begin(table, sink);
      if ('reason' in run) return run;
      runs.push(run);
    }
    if (cells === undefined) return takeAll(runs, { rows: result.rows, first: 0 });
    const numbers = rowsFor?.(cells, places);
    if ((numbers ?? cells).length > 2 * sliceRows) {
      return takeSlice({ runs, cells, numbers, time: table.time, count: sliceRows }, 0);
    }
    const rows = numbers?.map((row) => cells.row(row)) ?? result.rows;
    return takeAll(runs, { rows, first: 0, numbers });
  };
}

/** The condition of a metric, unless it is on what `extract` finds: no column of the server has that. */
function conditionOnServer({ definition: { extract, when } }: MetricFamilies): RowCondition | undefined {
  return find(extract?.groups ?? [], when?.column ?? '') < 0 ? when : undefined;
}

/** So many rows of one metric take a millisecond or two. */
const SLICE_ROWS = 2_000;

/** Metric by metric, so that the families of an answer stand in the order of their definitions. */
function takeAll(runs: readonly MetricRun[], slice: Slice): MapFailure | undefined {
  for (const run of runs) {
    const failure = run.take(slice) ?? run.finish();
    if (failure !== undefined) return failure;
  }
  return undefined;
}

interface LargeResult {
  readonly runs: readonly MetricRun[];
  readonly cells: Cells;
  /** The rows that are wanted, all of them when undefined. */
  readonly numbers: readonly number[] | undefined;
  readonly time: MatchTime;
  /** Rows of a step. */
  readonly count: number;
}

/** The same some rows at a time: texts are made only for these, and the thread is free in between. */
function takeSlice(result: LargeResult, first: number): MapFailure | Unfinished | undefined {
  const { cells, count, numbers, runs, time } = result;
  const { length } = numbers ?? cells;
  const next = Math.min(first + count, length);
  const rows = Array.from({ length: next - first }, (_, r) => cells.row(numbers?.[first + r] ?? first + r));
  const slice = { rows, first, numbers: numbers?.slice(first, next) };
  time.renew();
  for (const run of runs) {
    const failure = run.take(slice);
    if (failure !== undefined) return failure;
  }
  if (next < length) return { next: () => takeSlice(result, next) };
  for (const run of runs) {
    const failure = run.finish();
    if (failure !== undefined) return failure;
  }
  return undefined;
}

const unique = (columns: readonly string[]): readonly string[] => [...new Set(columns)];

function compileMetric(metric: MetricFamilies): MetricMapper {
  const reader = compileReader(metric);
  const { condition, families, labels, tails, values } = reader;
  const columns = [condition, ...values, ...values.map((value) => value.condition)].flatMap(
    (part) => part?.column ?? [],
  );
  return {
    required: [...labels.required, ...columns],
    optional: labels.optional,
    begin: (table, sink) => beginMetric(reader, table, sink),
    zero: (sink) => {
      for (const tail of tails) for (const family of families) sink.sample(family, tail, 0);
    },
  };
}

interface Reader extends RowReader {
  readonly families: MetricFamilies['families'];
  readonly onNull: Substitute;
  readonly onInvalid: Substitute;
  readonly values: readonly ValueReader[];
  /** Of the values, each once: two of one series are told apart by their conditions. */
  readonly tails: readonly string[];
  /** Whether no label is read from rows. */
  readonly isConstant: boolean;
  readonly group: MetricDefinition['group'];
  readonly onDuplicate: MetricDefinition['onDuplicate'];
}

interface ValueReader {
  /** Undefined for a constant. */
  readonly column: string | undefined;
  readonly constant: number;
  readonly read: Reading;
  readonly condition: Condition | undefined;
  /** The static labels of this series, from the quote that ends the last label on. */
  readonly tail: string;
}

function compileReader({ definition, families }: MetricFamilies): Reader {
  const { group, labels, onDuplicate, onInvalid = 'skip', onNull, staticLabels, value, when } = definition;
  const values = compileValues(definition);
  const taken = [...values.flatMap(({ column }) => column ?? []), ...Object.keys(staticLabels)];
  const ofParts = value.kind === 'columns' ? Object.keys(value.columns[0]?.labels ?? {}) : [];
  return {
    families,
    onNull,
    onInvalid,
    labels: compileLabels(labels, [...taken, ...ofParts]),
    values,
    tails: unique(values.map(({ tail }) => tail)),
    isConstant: !hasRowLabels(labels),
    condition: compileCondition(when),
    group,
    onDuplicate,
  };
}

function compileValues(definition: MetricDefinition): readonly ValueReader[] {
  const { labels, staticLabels, value } = definition;
  const reader = (part: Partial<ValuePart>, constant = 0): ValueReader => ({
    column: part.column,
    constant,
    read: compileReading({ ...definition, scale: part.scale ?? definition.scale }),
    condition: compileCondition(part.when),
    tail: labelTail(labels, { ...staticLabels, ...part.labels }),
  });
  switch (value.kind) {
    case 'columns':
      return value.columns.map((part) => reader(part));
    case 'column':
      return [reader({ column: value.column })];
    case 'static':
      return [reader({}, value.value)];
    default:
      return []; // the kinds of distribution.ts
  }
}

function beginMetric(reader: Reader, table: BoundResult, sink: SampleSink): MetricRun | MapFailure {
  const { families, group, isConstant, onDuplicate, tails } = reader;
  const emit = (labels: string, value: number) => {
    for (const family of families) sink.sample(family, labels, value);
    return undefined;
  };
  if (group === undefined) return beginValues(reader, table, onDuplicate === 'error' ? once(emit) : emit);
  // Of rows that were read, none counted is a number: 0.
  const grouped = groupBy(group, group === 'count' && isConstant && table.isAnswered ? tails : []);
  const run = beginValues(reader, table, grouped.add);
  if ('reason' in run) return run;
  return {
    take: run.take,
    finish: () => {
      const failure = run.finish();
      if (failure !== undefined) return failure;
      for (const [labels, value] of grouped.results()) emit(labels, value);
      return undefined;
    },
  };
}

type Emit = (labels: string, value: number) => MapFailure | undefined;

/** Refuses a series that was there before. */
function once(emit: Emit): Emit {
  const seen = new Set<string>();
  return (labels, value) => {
    if (seen.has(labels))
      return failed(
        'invalid_value',
        `two rows give the series {${labels.slice(0, 200)}}, and on_duplicate is error`,
      );
    seen.add(labels);
    return emit(labels, value);
  };
}

function beginValues(reader: Reader, table: BoundResult, emit: Emit): MetricRun | MapFailure {
  const { values } = reader;
  const at = (column: string | undefined) => (column === undefined ? -1 : (table.places.get(column) ?? -1));
  const valueAt = values.map(({ column }) => at(column));
  const valueConditionAt = values.map((value) => at(value.condition?.column));
  let numbers = 0;
  let firstInvalid: MapFailure | undefined;
  const take = readRows(reader, table, (labels, row, r) => {
    // An index loop on purpose: this runs for every cell of every probe.
    for (let v = 0; v < values.length; v++) {
      const part = values[v]!;
      if (part.condition !== undefined && !part.condition.holds(row[valueConditionAt[v]!] ?? null)) continue;
      const cell = part.column === undefined ? undefined : (row[valueAt[v]!] ?? null);
      const value = cell === undefined ? part.constant : readValue(reader, part.read, cell);
      if (value !== undefined) {
        numbers++;
        const refused = emit(labels + part.tail, value);
        if (refused !== undefined) return refused;
        continue;
      }
      if (cell == null && reader.onNull === 'skip') continue;
      firstInvalid ??= invalid(r, part, cell ?? null);
      if ((cell == null ? reader.onNull : reader.onInvalid) === 'error') return firstInvalid;
    }
    return undefined;
  });
  if (typeof take !== 'function') return take;
  // Now and then a text among numbers is the data's way; nothing but text is a mistake of the query.
  return { take, finish: () => (numbers === 0 ? firstInvalid : undefined) };
}

/** Undefined when the cell gives no sample, whether that is a failure or not. */
function readValue(
  { families, onInvalid, onNull }: Reader,
  read: Reading,
  cell: string | null,
): number | undefined {
  const value = cell === null ? undefined : read(cell);
  if (value !== undefined && (value >= 0 || families[0].type !== 'counter')) return value;
  const substitute = cell === null ? onNull : onInvalid;
  return substitute === 'zero' ? 0 : substitute === 'nan' ? Number.NaN : undefined;
}

function invalid(row: number, { column = '', read }: ValueReader, cell: string | null): MapFailure {
  const what =
    cell === null
      ? 'is NULL'
      : read(cell) === undefined
        ? `holds ${quote(cell)}, not a number`
        : `is ${cell}, and a counter is never negative`;
  return failed('invalid_value', `row ${row + 1}: column "${column}" ${what}`);
}

function quote(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);
}

function failed(reason: MapFailure['reason'], detail: string): MapFailure {
  return { ok: false, reason, detail };
}
