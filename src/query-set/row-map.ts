/**
 * Rows to samples, one sample per row and value column: the hot loop of a probe.
 */
import type { MetricDefinition } from '../config/config.ts';
import { locate } from './columns.ts';
import type { Family, MapFailure, Rows, SampleSink } from './compiled.ts';
import { escapeLabelValue, labelText } from './label-text.ts';
import { parseNumber } from './number.ts';

/** Longest label value in characters. Longer ones are a mistake of the query or an attack on Prometheus. */
export const MAX_LABEL_LENGTH = 1024;

/** Compiles the metrics of one query into the function that maps its result. */
export function compileRowMap(
  metrics: readonly { readonly definition: MetricDefinition; readonly family: Family }[],
  maxSeries: number,
): (result: Rows, sink: SampleSink) => MapFailure | undefined {
  const readers = metrics.map(({ definition, family }) => compileReader(definition, family));
  const samplesPerRow = readers.reduce((sum, reader) => sum + reader.values.length, 0);
  const wanted = [...new Set(readers.flatMap((reader) => reader.columns))];
  return (result, sink) => {
    const located = locate(result.columns, wanted);
    if ('reason' in located) return located;
    if (result.rows.length * samplesPerRow > maxSeries) {
      return failed('limit', `${result.rows.length * samplesPerRow} series, and max_series is ${maxSeries}`);
    }
    const at = new Map(wanted.map((column, i) => [column, located[i] ?? 0]));
    for (const reader of readers) {
      const failure = readRows(reader, at, result.rows, sink);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}

interface Reader {
  readonly family: Family;
  readonly onNull: MetricDefinition['onNull'];
  /** All columns that are read, without order. */
  readonly columns: readonly string[];
  readonly labelColumns: readonly string[];
  /** What stands before each label's value, from the quote that ends the one before it. */
  readonly labelPrefixes: readonly string[];
  readonly values: readonly ValueReader[];
}

interface ValueReader {
  /** Undefined for a constant. */
  readonly column: string | undefined;
  readonly constant: number;
  /** The static labels of this series, from the quote that ends the last label on. */
  readonly tail: string;
}

function compileReader(definition: MetricDefinition, family: Family): Reader {
  const labelColumns = definition.labels.map((label) => label.column);
  const { value } = definition;
  const first = definition.labels.length === 0;
  const tail = (extra: Readonly<Record<string, string>>) => {
    const text = labelText({ ...definition.staticLabels, ...extra });
    if (first) return text;
    return text === '' ? '"' : `",${text}`;
  };
  const values: ValueReader[] =
    value.kind === 'columns'
      ? value.columns.map(({ column, labelValue }) => ({
          column,
          constant: 0,
          tail: tail({ [value.label]: labelValue }),
        }))
      : value.kind === 'column'
        ? [{ column: value.column, constant: 0, tail: tail({}) }]
        : [{ column: undefined, constant: value.value, tail: tail({}) }];
  return {
    family,
    onNull: definition.onNull,
    columns: [...labelColumns, ...values.flatMap(({ column }) => (column === undefined ? [] : [column]))],
    labelColumns,
    labelPrefixes: definition.labels.map((label, i) => `${i === 0 ? '' : '",'}${label.as}="`),
    values,
  };
}

function readRows(
  reader: Reader,
  at: ReadonlyMap<string, number>,
  rows: Rows['rows'],
  sink: SampleSink,
): MapFailure | undefined {
  const { family, onNull, labelPrefixes, values } = reader;
  const labelAt = reader.labelColumns.map((column) => at.get(column) ?? 0);
  const valueAt = values.map(({ column }) => (column === undefined ? -1 : (at.get(column) ?? 0)));
  // Index loops and text pasted together on purpose: this runs for every cell of every probe.
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    let labels = '';
    for (let l = 0; l < labelAt.length; l++) {
      const text = row[labelAt[l]!] ?? ''; // an empty label and an absent one are the same to Prometheus
      if (text.length > MAX_LABEL_LENGTH) {
        return failed(
          'limit',
          `row ${r + 1}: column "${reader.labelColumns[l]}" has ${text.length} characters, a label may have ` +
            `${MAX_LABEL_LENGTH}; shorten it in SQL with LEFT()`,
        );
      }
      labels += labelPrefixes[l]! + escapeLabelValue(text);
    }
    for (let v = 0; v < values.length; v++) {
      const { column, constant, tail } = values[v]!;
      let value = constant;
      if (column !== undefined) {
        const cell = row[valueAt[v]!] ?? null;
        if (cell === null) {
          if (onNull === 'skip') continue;
          if (onNull === 'error') return failed('invalid_value', `row ${r + 1}: column "${column}" is NULL`);
          value = onNull === 'zero' ? 0 : Number.NaN;
        } else {
          const parsed = parseNumber(cell);
          if (parsed === undefined) {
            return failed(
              'invalid_value',
              `row ${r + 1}: column "${column}" holds ${quote(cell)}, not a number`,
            );
          }
          if (parsed < 0 && family.type === 'counter') {
            return failed(
              'invalid_value',
              `row ${r + 1}: column "${column}" is ${cell}, and a counter is never negative`,
            );
          }
          value = parsed;
        }
      }
      sink.sample(family, labels + tail, value);
    }
  }
  return undefined;
}

function quote(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);
}

function failed(reason: MapFailure['reason'], detail: string): MapFailure {
  return { ok: false, reason, detail };
}
