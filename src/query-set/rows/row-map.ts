/**
 * The rows of one result to the samples of all its metrics, in one go or in steps.
 */
import { isDistribution, type OnEmpty, type RowCondition } from '../../model/metric.ts';
import { compilePlaces, find, type Slice } from '../cells/columns.ts';
import { compileRowsFor } from '../cells/condition.ts';
import { MatchTime } from '../cells/match-time.ts';
import type { Cells, MapFailure, RowsMap, Unfinished } from '../compiled.ts';
import { compileDistribution } from './distribution.ts';
import { compileExtract } from './extract.ts';
import type { MetricFamilies, MetricMapper, MetricRun } from './metric-mapper.ts';
import { compileNumbers } from './numbers.ts';

/** What it means when the server answers no row. */
export const WHEN_EMPTY: Readonly<Record<OnEmpty, { readonly fails: boolean; readonly isZero: boolean }>> = {
  ok: { fails: false, isZero: false },
  error: { fails: true, isZero: false },
  zero: { fails: false, isZero: true },
};

/** Compiles the metrics of one query into the function that maps its result. */
export function compileRowMap(metrics: readonly MetricFamilies[], onEmpty: OnEmpty): RowsMap {
  const mappers = metrics.map((metric) => ({
    ...compileExtract(metric, compileMetric(metric)),
    mayLack: metric.definition.optional === true,
  }));
  const groups = unique(metrics.flatMap(({ definition }) => definition.extract?.groups ?? []));
  const required = unique(mappers.flatMap((mapper) => (mapper.mayLack ? [] : mapper.required)));
  const optional = unique(
    mappers.flatMap((mapper) => [...mapper.optional, ...(mapper.mayLack ? mapper.required : [])]),
  );
  const placesIn = compilePlaces({ required, optional, groups });
  const rowsFor = compileRowsFor(metrics.map(conditionOnServer));
  const empty = WHEN_EMPTY[onEmpty];
  const sliceRows = Math.ceil(SLICE_ROWS / Math.max(1, metrics.length));
  return (result, sink) => {
    const { cells, columns } = result;
    const places = placesIn(columns);
    if ('reason' in places) return places;
    const isAnswered = (cells?.length ?? result.rows.length) > 0;
    if (!isAnswered && empty.fails) return NO_ROW;
    const table = { columns, places, time: new MatchTime(), isAnswered };
    const runs: MetricRun[] = [];
    for (const mapper of mappers) {
      if (mapper.mayLack && !mapper.required.every((column) => places.has(column))) continue;
      if (!isAnswered && empty.isZero) mapper.zero?.(sink);
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

const NO_ROW: MapFailure = {
  ok: false,
  reason: 'invalid_value',
  detail: 'the result has no row, and on_empty is error',
};

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
  const { value } = metric.definition;
  return isDistribution(value) ? compileDistribution(metric, value) : compileNumbers(metric, value);
}
