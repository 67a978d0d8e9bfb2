/**
 * Metrics of numbers: each row gives one sample for each value column, or joins a group that gives one.
 */
import {
  hasRowLabels,
  labelsOfValue,
  type MetricDefinition,
  type NumberValue,
  type OnDuplicate,
  type Substitute,
  type ValuePart,
} from '../../model/metric.ts';
import { METRIC_TYPE_RULES, type MetricType } from '../../model/metric-type.ts';
import type { SampleSink } from '../../model/samples.ts';
import type { BoundResult } from '../cells/columns.ts';
import { type Condition, compileCondition } from '../cells/condition.ts';
import { compileLabels, labelTail } from '../cells/labels.ts';
import { compileReading, type Reading } from '../cells/reading.ts';
import type { MapFailure } from '../compiled.ts';
import { groupBy } from './grouping.ts';
import type { MetricFamilies, MetricMapper, MetricRun } from './metric-mapper.ts';
import { type RowReader, readRows } from './row-reading.ts';

/** Compiles a gauge, a counter or another metric of numbers. */
export function compileNumbers(metric: MetricFamilies, value: NumberValue): MetricMapper {
  const reader = compileReader(metric, value);
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
  readonly type: MetricType;
  readonly mayBeNegative: boolean;
  readonly onNull: Substitute;
  readonly onInvalid: Substitute;
  readonly values: readonly ValueReader[];
  /** Of the values, each once: two of one series are told apart by their conditions. */
  readonly tails: readonly string[];
  /** Whether no label is read from rows. */
  readonly isConstant: boolean;
  readonly group: MetricDefinition['group'];
  readonly onDuplicate: OnDuplicate;
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

function compileReader({ definition, families }: MetricFamilies, value: NumberValue): Reader {
  const {
    group,
    labels,
    onDuplicate = 'drop',
    onInvalid = 'skip',
    onNull,
    staticLabels,
    type,
    when,
  } = definition;
  const values = compileValues(definition, value);
  const taken = [...values.flatMap(({ column }) => column ?? []), ...Object.keys(staticLabels)];
  return {
    families,
    onNull,
    onInvalid,
    labels: compileLabels(labels, [...taken, ...labelsOfValue(value)]),
    type,
    mayBeNegative: METRIC_TYPE_RULES[type].mayBeNegative,
    values,
    tails: [...new Set(values.map(({ tail }) => tail))],
    isConstant: !hasRowLabels(labels),
    condition: compileCondition(when),
    group,
    onDuplicate,
  };
}

function compileValues(definition: MetricDefinition, value: NumberValue): readonly ValueReader[] {
  const { labels, staticLabels } = definition;
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
      return value satisfies never;
  }
}

function beginMetric(reader: Reader, table: BoundResult, sink: SampleSink): MetricRun | MapFailure {
  const { families, group, isConstant, onDuplicate, tails } = reader;
  const emit = (labels: string, value: number) => {
    for (const family of families) sink.sample(family, labels, value);
    return undefined;
  };
  if (group === undefined) return beginValues(reader, table, ON_DUPLICATE[onDuplicate](emit));
  // When the server answered rows and none of them is counted, the count is 0.
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

/** What happens with a series that was there before: it is left to the exposition, or refused. */
const ON_DUPLICATE: Readonly<Record<OnDuplicate, (emit: Emit) => Emit>> = {
  drop: (emit) => emit,
  error: once,
};

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
      firstInvalid ??= invalid(reader, part, { number: r + 1, cell: cell ?? null });
      if ((cell == null ? reader.onNull : reader.onInvalid) === 'error') return firstInvalid;
    }
    return undefined;
  });
  if (typeof take !== 'function') return take;
  // A text among numbers may be right; a result with nothing but text is a mistake of the query.
  return { take, finish: () => (numbers === 0 ? firstInvalid : undefined) };
}

/** Undefined when the cell gives no sample, whether that is a failure or not. */
function readValue(
  { mayBeNegative, onInvalid, onNull }: Reader,
  read: Reading,
  cell: string | null,
): number | undefined {
  const value = cell === null ? undefined : read(cell);
  if (value !== undefined && (value >= 0 || mayBeNegative)) return value;
  const substitute = cell === null ? onNull : onInvalid;
  switch (substitute) {
    case 'zero':
      return 0;
    case 'nan':
      return Number.NaN;
    case 'skip':
    case 'error':
      return undefined;
    default:
      return substitute satisfies never;
  }
}

function invalid(
  { type }: Reader,
  { column = '', read }: ValueReader,
  { cell, number }: { readonly number: number; readonly cell: string | null },
): MapFailure {
  const what =
    cell === null
      ? 'is NULL'
      : read(cell) === undefined
        ? `holds ${quote(cell)}, not a number`
        : `is ${cell}, and ${METRIC_TYPE_RULES[type].described} is never negative`;
  return failed('invalid_value', `row ${number}: column "${column}" ${what}`);
}

function quote(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);
}

function failed(reason: MapFailure['reason'], detail: string): MapFailure {
  return { ok: false, reason, detail };
}
