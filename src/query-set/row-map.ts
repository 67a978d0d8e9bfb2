/**
 * Rows to samples, one sample per row and value column: the hot loop of a probe.
 */
import type { MetricDefinition, Substitute } from '../config/config.ts';
import { locate } from './columns.ts';
import type { MapFailure, Rows, SampleSink } from './compiled.ts';
import { compileCondition } from './condition.ts';
import { compileDistribution } from './distribution.ts';
import { groupBy } from './grouping.ts';
import { compileLabels, type LabelsReader, labelTail, type Places } from './label-reading.ts';
import type { MetricFamilies, MetricMapper } from './metric-mapper.ts';
import { compileReading, type Reading } from './reading.ts';

/** Compiles the metrics of one query into the function that maps its result. */
export function compileRowMap(
  metrics: readonly MetricFamilies[],
  maxSeries: number,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  const mappers = metrics.map((metric) => compileDistribution(metric) ?? compileMetric(metric, maxSeries));
  const seriesPerRow = mappers.reduce((sum, mapper) => sum + mapper.seriesPerRow, 0);
  const wanted = [...new Set(mappers.flatMap((mapper) => mapper.columns))];
  return (result, sink) => {
    const located = locate(result.columns, wanted);
    if ('reason' in located) return located;
    if (result.rows.length * seriesPerRow > maxSeries) {
      return failed('limit', `${result.rows.length * seriesPerRow} series, and max_series is ${maxSeries}`);
    }
    const places = new Map(wanted.map((column, i) => [column, located[i] ?? 0]));
    for (const mapper of mappers) {
      const failure = mapper.map(places, result.rows, sink);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}

function compileMetric(metric: MetricFamilies, maxSeries: number): MetricMapper {
  const reader = compileReader(metric);
  return {
    columns: reader.columns,
    seriesPerRow: reader.group === undefined ? reader.values.length * reader.families.length : 0,
    map: (places, rows, sink) => readMetric(reader, places, rows, sink, maxSeries),
  };
}

interface Reader {
  readonly families: MetricFamilies['families'];
  readonly read: Reading;
  readonly onNull: Substitute;
  readonly onInvalid: Substitute;
  /** All columns that are read, without order. */
  readonly columns: readonly string[];
  readonly labels: LabelsReader;
  readonly values: readonly ValueReader[];
  readonly condition:
    | { readonly column: string; readonly holds: (cell: string | null) => boolean }
    | undefined;
  readonly group: MetricDefinition['group'];
}

interface ValueReader {
  /** Undefined for a constant. */
  readonly column: string | undefined;
  readonly constant: number;
  /** The static labels of this series, from the quote that ends the last label on. */
  readonly tail: string;
}

function compileReader({ definition, families }: MetricFamilies): Reader {
  const { when } = definition;
  const labels = compileLabels(definition.labels);
  const values = compileValues(definition);
  return {
    families,
    read: compileReading(definition),
    onNull: definition.onNull,
    onInvalid: definition.onInvalid ?? 'skip',
    columns: [
      ...labels.columns,
      ...values.flatMap(({ column }) => (column === undefined ? [] : [column])),
      ...(when === undefined ? [] : [when.column]),
    ],
    labels,
    values,
    condition: when === undefined ? undefined : { column: when.column, holds: compileCondition(when) },
    group: definition.group,
  };
}

function compileValues({ labels, staticLabels, value }: MetricDefinition): readonly ValueReader[] {
  const tail = (extra: Readonly<Record<string, string>>) => labelTail(labels, { ...staticLabels, ...extra });
  switch (value.kind) {
    case 'columns':
      return value.columns.map(({ column, labelValue }) => ({
        column,
        constant: 0,
        tail: tail({ [value.label]: labelValue }),
      }));
    case 'column':
      return [{ column: value.column, constant: 0, tail: tail({}) }];
    case 'static':
      return [{ column: undefined, constant: value.value, tail: tail({}) }];
    default:
      return []; // the kinds of distribution.ts
  }
}

function readMetric(
  reader: Reader,
  places: Places,
  rows: Rows['rows'],
  sink: SampleSink,
  maxSeries: number,
): MapFailure | undefined {
  const { families, group } = reader;
  const emit = (labels: string, value: number) => {
    for (const family of families) sink.sample(family, labels, value);
  };
  if (group === undefined) return readRows(reader, places, rows, emit);
  const grouped = groupBy(group);
  const failure = readRows(reader, places, rows, grouped.add);
  if (failure !== undefined) return failure;
  const groups = grouped.results();
  if (groups.size > maxSeries)
    return failed('limit', `${groups.size} series, and max_series is ${maxSeries}`);
  for (const [labels, value] of groups) emit(labels, value);
  return undefined;
}

function readRows(
  reader: Reader,
  places: Places,
  rows: Rows['rows'],
  emit: (labels: string, value: number) => void,
): MapFailure | undefined {
  const { condition, values } = reader;
  const labelsOf = reader.labels.at(places);
  const valueAt = values.map(({ column }) => (column === undefined ? -1 : (places.get(column) ?? 0)));
  const conditionAt = condition === undefined ? -1 : (places.get(condition.column) ?? 0);
  let numbers = 0;
  let firstInvalid: MapFailure | undefined;
  // Index loops on purpose: this runs for every cell of every probe.
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    if (condition !== undefined && !condition.holds(row[conditionAt] ?? null)) continue;
    const labels = labelsOf(row);
    if (typeof labels !== 'string') return labels;
    for (let v = 0; v < values.length; v++) {
      const { column, constant, tail } = values[v]!;
      const cell = column === undefined ? undefined : (row[valueAt[v]!] ?? null);
      const value = cell === undefined ? constant : readValue(reader, cell);
      if (value !== undefined) {
        numbers++;
        emit(labels + tail, value);
        continue;
      }
      if (cell == null && reader.onNull === 'skip') continue;
      firstInvalid ??= invalid(r, column ?? '', cell ?? null, reader);
      if ((cell == null ? reader.onNull : reader.onInvalid) === 'error') return firstInvalid;
    }
  }
  // Now and then a text among numbers is the data's way; nothing but text is a mistake of the query.
  return numbers === 0 ? firstInvalid : undefined;
}

/** Undefined when the cell gives no sample, whether that is a failure or not. */
function readValue({ families, onInvalid, onNull, read }: Reader, cell: string | null): number | undefined {
  const value = cell === null ? undefined : read(cell);
  if (value !== undefined && (value >= 0 || families[0].type !== 'counter')) return value;
  const substitute = cell === null ? onNull : onInvalid;
  return substitute === 'zero' ? 0 : substitute === 'nan' ? Number.NaN : undefined;
}

function invalid(row: number, column: string, cell: string | null, { read }: Reader): MapFailure {
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
