/**
 * The rows of a result that a metric is made of, each with its labels.
 */
import type { BoundResult } from '../cells/columns.ts';
import type { Condition } from '../cells/condition.ts';
import type { LabelsReader } from '../cells/labels.ts';
import type { MapFailure, Row } from '../compiled.ts';
import type { MetricRun } from './metric-mapper.ts';

export interface RowReader {
  readonly condition: Condition | undefined;
  readonly labels: LabelsReader;
}

/** @param labels up to the last value, whose quote is left open */
type TakeRow = (labels: string, row: Row, index: number) => MapFailure | undefined;

/** Hands out each row for which the condition holds; ends at the first failure. */
export function readRows(
  { condition, labels: reader }: RowReader,
  table: BoundResult,
  take: TakeRow,
): MetricRun['take'] | MapFailure {
  const labelsOf = reader.at(table);
  if (typeof labelsOf !== 'function') return labelsOf;
  const conditionAt = condition === undefined ? -1 : (table.places.get(condition.column) ?? -1);
  return ({ first, numbers, rows }) => {
    // An index loop on purpose: this runs for every row of every probe.
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!;
      if (condition !== undefined && !condition.holds(row[conditionAt] ?? null)) continue;
      const labels = labelsOf(row);
      if (typeof labels !== 'string') return labels;
      const failure = take(labels, row, numbers?.[r] ?? first + r);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}
