/**
 * The rows of one result to the samples of all its metrics, in one go or in steps.
 */
import { isDistribution, type OnEmpty, type RowCondition } from '../../model/metric.ts';
import type { SampleSink } from '../../model/samples.ts';
import {
  type BoundResult,
  type ColumnIndex,
  compilePlaces,
  find,
  isThere,
  missingColumns,
  type Slice,
} from '../cells/columns.ts';
import { compileRowsFor } from '../cells/condition.ts';
import { MatchWork } from '../cells/match-work.ts';
import type { Cells, FailedMetric, MapFailure, Mapped, Rows, RowsMap, Unfinished } from '../compiled.ts';
import { compileDistribution } from './distribution.ts';
import { compileExtract } from './extract.ts';
import type { MetricFamilies, MetricMapper, MetricRun } from './metric-mapper.ts';
import { compileNumbers } from './numbers.ts';
import { fits, type Step, stepOf, takeRows } from './step.ts';

/** What it means when the server answers no row. */
export const WHEN_EMPTY: Readonly<Record<OnEmpty, { readonly fails: boolean; readonly isZero: boolean }>> = {
  ok: { fails: false, isZero: false },
  error: { fails: true, isZero: false },
  zero: { fails: false, isZero: true },
};

/** What a query says of its result besides its metrics. */
export interface ResultRules {
  readonly onEmpty?: OnEmpty | undefined;
  /** Which of several columns of one name is meant. */
  readonly repeated?: 'last' | undefined;
  /** Whether the result gives samples besides those of the metrics. */
  readonly hasOthers?: boolean;
}

/** Compiles the metrics of one query into the function that maps its result. */
export function compileRowMap(
  metrics: readonly MetricFamilies[],
  { hasOthers = false, onEmpty = 'ok', repeated }: ResultRules = {},
): RowsMap {
  const mappers = metrics.map((metric) => compileMapper(metric, repeated));
  const groups = unique(metrics.flatMap(({ definition }) => definition.extract?.groups ?? []));
  const required = unique(mappers.flatMap(({ mayLack, required }) => (mayLack ? [] : required)));
  const placesIn = compilePlaces({
    required: [],
    optional: unique(mappers.flatMap((mapper) => [...mapper.required, ...mapper.optional])),
    repeated,
  });
  const rowsFor = compileRowsFor(metrics.map(conditionOnServer));
  const empty = WHEN_EMPTY[onEmpty];
  const step = stepOf(metrics.map(({ definition }) => definition));
  const mapResult = (result: Rows, found: Found, sink: SampleSink): Mapped => {
    const { cells, columns } = result;
    const { isAnswered, numbers, places } = found;
    const table = { columns, places, work: new MatchWork(), isAnswered };
    const runs: MetricRun[] = [];
    const without: FailedMetric[] = [];
    for (const mapper of mappers) {
      const missing = mapper.missingIn(table);
      if (missing === 'left_out') continue;
      const run = missing ?? mapper.begin(table, sink);
      if ('reason' in run) {
        if (run.reason !== 'missing_column') return run;
        without.push({ family: mapper.family, failure: run });
        continue;
      }
      if (!isAnswered && empty.isZero) mapper.zero?.(sink);
      runs.push(run);
    }
    // Nothing is left of the query: one reason for all.
    if (without.length > 0 && runs.length === 0 && !hasOthers)
      return missingColumns(columns, required, { groups, repeated }) ?? without[0]?.failure;
    if (!isAnswered && empty.fails) return NO_ROW;
    if (cells === undefined) return end(takeAll(runs, { rows: result.rows, first: 0 }), without);
    const large = { runs, cells, numbers, work: table.work, step };
    const isLarge = (numbers ?? cells).length > 2 * step.rows || cells.bytes > 2 * step.letters;
    if (isLarge) return end(takeSlice(large, 0), without);
    const rows = numbers?.map((row) => cells.row(row)) ?? result.rows;
    return end(fits(rows, step) ? takeAll(runs, { rows, first: 0, numbers }) : takeSlice(large, 0), without);
  };
  // A group may give a sample of no row.
  const isOfRows = metrics.every(({ definition }) => definition.group === undefined);
  const ofNoRow: Record<'answered' | 'empty', Known | undefined> = { answered: undefined, empty: undefined };
  return (result, sink) => {
    const { cells, columns } = result;
    const places = placesIn(columns);
    if ('reason' in places) return places;
    const isAnswered = (cells?.length ?? result.rows.length) > 0;
    const numbers = isAnswered && cells !== undefined ? rowsFor?.(cells, places) : undefined;
    const found = { isAnswered, numbers, places };
    const hasSamples = isAnswered ? numbers?.length !== 0 || !isOfRows : empty.isZero;
    if (hasSamples) return mapResult(result, found, sink);
    const which = isAnswered ? 'answered' : 'empty';
    let known = ofNoRow[which];
    if (known?.places !== places) {
      known = { places, mapped: mapResult(result, found, sink) };
      ofNoRow[which] = known;
    }
    return known.mapped;
  };
}

/** What is found in a result before its metrics are begun. */
interface Found {
  readonly places: ColumnIndex;
  /** Whether the server answered any row. */
  readonly isAnswered: boolean;
  /** The rows that are wanted, all of them when undefined. */
  readonly numbers: readonly number[] | undefined;
}

/** What a result becomes of which no row is wanted, as of most servers' status, or that has none: always the same. */
interface Known {
  readonly places: ColumnIndex;
  readonly mapped: Mapped;
}

/** A metric, and whether it has its columns in a result. */
interface ColumnsMapper extends MetricMapper {
  readonly family: string;
  /** Whether it is left out, and no failure, when one of them is not there. */
  readonly mayLack: boolean;
  readonly missingIn: (table: BoundResult) => MapFailure | 'left_out' | undefined;
}

function compileMapper(metric: MetricFamilies, repeated: ResultRules['repeated']): ColumnsMapper {
  const { extract, family, optional: mayLack = false } = metric.definition;
  const mapper = compileExtract(metric, compileMetric(metric));
  const { required } = mapper;
  return {
    ...mapper,
    family,
    mayLack,
    missingIn: ({ columns, places }) => {
      if (required.every((column) => places.has(column))) return undefined;
      // What is there twice is a mistake of the query, whatever a server may lack.
      if (mayLack && required.every((column) => places.has(column) || !isThere(columns, column)))
        return 'left_out';
      return missingColumns(columns, required, { groups: extract?.groups ?? [], repeated });
    },
  };
}

/** Adds what is missing of a result to what became of the rest. */
function end(mapped: Mapped, without: readonly FailedMetric[]): Mapped {
  if (without.length === 0 || (mapped !== undefined && 'reason' in mapped)) return mapped;
  return mapped !== undefined && 'next' in mapped ? { next: () => end(mapped.next(), without) } : { without };
}

const NO_ROW: MapFailure = {
  ok: false,
  reason: 'invalid_value',
  detail: 'the result has no row, and on_empty is error',
};

/** The condition of a metric, unless it is on what `extract` finds: no column of the server has that. */
function conditionOnServer({ definition: { extract, when } }: MetricFamilies): RowCondition | undefined {
  return find(extract?.groups ?? [], when?.column ?? '') < 0 ? when : undefined;
}

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
  readonly work: MatchWork;
  readonly step: Step;
}

/** The same some rows at a time: texts are made only for these, and the thread is free in between. */
function takeSlice(result: LargeResult, first: number): MapFailure | Unfinished | undefined {
  const { cells, numbers, runs, step, work } = result;
  const { length } = numbers ?? cells;
  const rows = takeRows(Math.min(step.rows, length - first), step, (r) =>
    cells.row(numbers?.[first + r] ?? first + r),
  );
  const next = first + rows.length;
  const slice = { rows, first, numbers: numbers?.slice(first, next) };
  work.renew();
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
  const { value } = metric.definition;
  return isDistribution(value) ? compileDistribution(metric, value) : compileNumbers(metric, value);
}
