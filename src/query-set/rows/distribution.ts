/**
 * Metrics of several series that belong together: histograms from bucket rows, summaries, sets of states.
 */
import { type DistributionValue, labelsOfValue } from '../../model/metric.ts';
import { METRIC_TYPE_RULES, type Suffix } from '../../model/metric-type.ts';
import type { ColumnIndex } from '../cells/columns.ts';
import { compileCondition } from '../cells/condition.ts';
import { labelText } from '../cells/label-text.ts';
import { compileLabels, labelTail } from '../cells/labels.ts';
import { compileReading, type Reading } from '../cells/reading.ts';
import type { MapFailure, Row } from '../compiled.ts';
import type { MetricFamilies, MetricMapper } from './metric-mapper.ts';
import { readRows } from './row-reading.ts';

type Kind<K extends DistributionValue['kind']> = Extract<DistributionValue, { kind: K }>;

/** What happens with the rows of one result: each is taken in, then the whole is given out. */
interface Collector {
  /** @param labels of the row, complete */
  readonly take: (labels: string, row: Row) => MapFailure | undefined;
  readonly finish: () => undefined;
}

type CollectorFor = (places: ColumnIndex, sample: Sample) => Collector;
type Sample = (labels: string, value: number, suffix?: Suffix) => void;

/** Compiles a histogram, a summary or a stateset. */
export function compileDistribution(
  { definition, families }: MetricFamilies,
  value: DistributionValue,
): MetricMapper {
  const { columns, collectorFor } = compileKind(value, compileReading(definition));
  const { labels: definitions, staticLabels, type, when } = definition;
  // No column may bring a label that the metric writes itself.
  const ownLabels = [...labelsOfValue(value), ...METRIC_TYPE_RULES[type].ownLabels];
  const labels = compileLabels(definitions, [...columns, ...ownLabels, ...Object.keys(staticLabels)]);
  const tail = labelTail(definitions, staticLabels);
  const condition = compileCondition(when);
  return {
    required: [...labels.required, ...columns, ...(condition === undefined ? [] : [condition.column])],
    optional: labels.optional,
    begin: (table, sink) => {
      const collector = collectorFor(table.places, (text, value, suffix) => {
        for (const family of families) sink.sample(family, text, value, suffix);
      });
      const take = readRows({ condition, labels }, table, (text, row) => collector.take(text + tail, row));
      return typeof take === 'function' ? { take, finish: collector.finish } : take;
    },
  };
}

interface CompiledKind {
  readonly columns: readonly string[];
  readonly collectorFor: CollectorFor;
}

function compileKind(value: DistributionValue, read: Reading): CompiledKind {
  switch (value.kind) {
    case 'states':
      return {
        columns: [value.column],
        collectorFor: collectStates(value),
      };
    case 'summary':
      return {
        columns: [value.count, value.sum, ...Object.keys(value.quantiles)],
        collectorFor: collectSummaries(value, read),
      };
    case 'histogram':
      return {
        columns: [value.le, value.count, ...(value.sum === undefined ? [] : [value.sum])],
        collectorFor: collectHistograms(value, read),
      };
    default:
      return value satisfies never;
  }
}

/** One more label behind complete ones. */
function extend(labels: string, name: string, value: string): string {
  const more = labelText({ [name]: value });
  return labels === '' ? more : `${labels},${more}`;
}

function collectStates({ column, label, states }: Kind<'states'>): CollectorFor {
  return (places, sample) => ({
    take: (labels, row) => {
      const cell = row[places.get(column) ?? 0];
      // NULL was not read: then nothing is known of any state.
      if (cell != null)
        for (const state of states) sample(extend(labels, label, state), state === cell ? 1 : 0);
      return undefined;
    },
    finish: () => undefined,
  });
}

function collectSummaries({ count, quantiles, sum }: Kind<'summary'>, read: Reading): CollectorFor {
  return (places, sample) => ({
    take: (labels, row) => {
      const total = numberAt(row, places, count);
      if (total === undefined) return notRead(row, places, count);
      const summed = cellAt(row, places, sum);
      const value = summed === null ? undefined : read(summed);
      if (value === undefined) return notRead(row, places, sum);
      for (const [column, quantile] of Object.entries(quantiles)) {
        const cell = cellAt(row, places, column);
        const at = cell === null ? undefined : read(cell);
        if (at !== undefined) sample(extend(labels, 'quantile', quantile), at);
      }
      sample(labels, value, '_sum');
      sample(labels, total, '_count');
      return undefined;
    },
    finish: () => undefined,
  });
}

interface Buckets {
  readonly counts: { readonly le: number; readonly count: number }[];
  /** Undefined when one of them was not read. */
  sum: number | undefined;
}

/** Bounds and sums are scaled, counts are not. Buckets come in any order and leave in that of their bounds. */
function collectHistograms({ count, cumulated, le, sum }: Kind<'histogram'>, read: Reading): CollectorFor {
  return (places, sample) => {
    const histograms = new Map<string, Buckets>();
    return {
      take: (labels, row) => {
        const number = numberAt(row, places, count);
        if (number === undefined || number < 0) return notRead(row, places, count);
        const bound = cellAt(row, places, le);
        const buckets = histograms.get(labels) ?? { counts: [], sum: 0 };
        histograms.set(labels, buckets);
        buckets.counts.push({
          le: (bound === null ? undefined : read(bound)) ?? Number.POSITIVE_INFINITY,
          count: number,
        });
        const summed = sum === undefined ? null : cellAt(row, places, sum);
        const part = summed === null ? undefined : read(summed);
        buckets.sum = buckets.sum === undefined || part === undefined ? undefined : buckets.sum + part;
        return undefined;
      },
      finish: () => {
        for (const [labels, { counts, sum: total }] of histograms) {
          counts.sort((a, b) => a.le - b.le);
          let seen = 0;
          for (const [i, bucket] of counts.entries()) {
            seen = cumulated ? Math.max(seen, bucket.count) : seen + bucket.count;
            // Rows with the same bound are one bucket.
            if (Number.isFinite(bucket.le) && counts[i + 1]?.le !== bucket.le)
              sample(extend(labels, 'le', boundText(bucket.le)), seen, '_bucket');
          }
          sample(extend(labels, 'le', '+Inf'), seen, '_bucket');
          if (total !== undefined) sample(labels, total, '_sum');
          sample(labels, seen, '_count');
        }
        return undefined;
      },
    };
  };
}

/**
 * A bound as Go's exporters write it, so that the series of a dashboard stay the same ones: `1e-05` and `1e+06`
 * for what is smaller than 0.0001 or has seven digits. https://pkg.go.dev/strconv#FormatFloat, format g.
 */
function boundText(bound: number): string {
  const [digits = '', power = '0'] = bound.toExponential().split('e');
  const exponent = Number(power);
  if (bound === 0 || (exponent >= -4 && exponent < 6)) return String(bound);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function cellAt(row: Row, places: ColumnIndex, column: string): string | null {
  return row[places.get(column) ?? 0] ?? null;
}

const plainNumber = compileReading({});

function numberAt(row: Row, places: ColumnIndex, column: string): number | undefined {
  const cell = cellAt(row, places, column);
  return cell === null ? undefined : plainNumber(cell);
}

/** A distribution without one of its counts or sums is refused as a whole: a part of it would be wrong. */
function notRead(row: Row, places: ColumnIndex, column: string): MapFailure {
  const cell = cellAt(row, places, column);
  const what =
    cell === null ? 'is NULL' : `holds ${JSON.stringify(cell.slice(0, 40))}, not a number of observations`;
  return { ok: false, reason: 'invalid_value', detail: `column "${column}" ${what}` };
}
