/**
 * How much of a large result is read in one go, before others may have the thread.
 */
import type { MetricDefinition } from '../../model/metric.ts';
import { checked, compileEach, compilePattern, type Effort } from '../../pattern/pattern.ts';
import { MAX_WORK } from '../cells/match-work.ts';
import type { Row } from '../compiled.ts';

export interface Step {
  /** At most. */
  readonly rows: number;
  /** Of all regular expressions that a row may meet, for one letter. */
  readonly effort: number;
}

/** So many rows of one metric take a millisecond or two. */
const STEP_ROWS = 2_000;

/** A part of what a step may do, so that only a single row can have too much text for it. */
const STEP_WORK = MAX_WORK / 8;

export function stepOf(metrics: readonly MetricDefinition[]): Step {
  return {
    rows: Math.ceil(STEP_ROWS / Math.max(1, metrics.length)),
    effort: metrics.reduce((sum, metric) => sum + effortOfMetric(metric), 0),
  };
}

function effortOfMetric({ extract, labels }: MetricDefinition): number {
  const edits = labels === 'all' ? [] : labels.map(({ edit }) => edit?.match);
  const matches: Effort[] = edits.flatMap((match) =>
    match === undefined ? [] : checked(compilePattern(match)),
  );
  if (extract !== undefined)
    matches.push(extract.each ? checked(compileEach(extract.match)) : checked(compilePattern(extract.match)));
  return matches.reduce((sum, { effort, groupEffort }) => sum + effort + groupEffort, 0);
}

/** Whether all these rows are one step. */
export const fits = (rows: readonly Row[], step: Step): boolean =>
  step.effort === 0 || takeRows(rows.length, step, (r) => rows[r] ?? []).length === rows.length;

/** As many rows as one step takes, but one at least. */
export function takeRows(most: number, { effort }: Step, rowAt: (r: number) => Row): readonly Row[] {
  const rows: Row[] = [];
  let work = 0;
  for (let r = 0; r < most && work < STEP_WORK; r++) {
    const row = rowAt(r);
    rows.push(row);
    // Any column may be the one that is searched.
    if (effort > 0) for (const cell of row) work += effort * (cell?.length ?? 0);
  }
  return rows;
}
