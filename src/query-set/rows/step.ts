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
  /** Of all cells together: after so many letters no other row is begun. */
  readonly letters: number;
  /** Of all regular expressions that a row may meet, for one letter. */
  readonly effort: number;
}

/** So many rows of one metric take half a millisecond, and as long again for the garbage that they make. */
const STEP_ROWS = 500;

/**
 * The same for the text of rows: every cell of a row becomes a text, however short the labels are that are made of it.
 * 15 MB in 900 rows held the process up for 45 ms, most of it garbage collected in between.
 */
const STEP_LETTERS = 1 << 19;

/** A part of what a step may do, so that only a single row can have too much text for it. */
const STEP_WORK = MAX_WORK / 8;

export function stepOf(metrics: readonly MetricDefinition[]): Step {
  return {
    rows: Math.ceil(STEP_ROWS / Math.max(1, metrics.length)),
    letters: STEP_LETTERS,
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
export function takeRows(most: number, { effort, letters }: Step, rowAt: (r: number) => Row): readonly Row[] {
  const rows: Row[] = [];
  let taken = 0;
  // Any column may be the one that is searched.
  for (let r = 0; r < most && taken < letters && effort * taken < STEP_WORK; r++) {
    const row = rowAt(r);
    rows.push(row);
    for (const cell of row) taken += cell?.length ?? 0;
  }
  return rows;
}
