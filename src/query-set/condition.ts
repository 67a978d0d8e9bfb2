/**
 * Which rows a metric is made of.
 */
import type { RowCondition } from '../config/metric-definition.ts';
import { parseNumber } from './number.ts';

/** Whether a row is let through, by one of its cells. */
export interface Condition {
  readonly column: string;
  readonly holds: (cell: string | null) => boolean;
}

/** Compiles a condition; undefined when there is none. */
export function compileCondition(condition: RowCondition | undefined): Condition | undefined {
  return condition && { column: condition.column, holds: compileTest(condition) };
}

function compileTest(condition: RowCondition): Condition['holds'] {
  const { above, in: wanted, isNull, notIn } = condition;
  if (wanted !== undefined) {
    // Rows of a status are many, and most conditions name one key.
    if (wanted.length === 1) return (cell) => cell === wanted[0];
    const texts = new Set(wanted);
    return (cell) => cell !== null && texts.has(cell);
  }
  if (notIn !== undefined) {
    const texts = new Set(notIn);
    return (cell) => cell === null || !texts.has(cell);
  }
  if (above !== undefined) {
    return (cell) => {
      const value = cell === null ? undefined : parseNumber(cell);
      return value !== undefined && value > above;
    };
  }
  return (cell) => (cell === null) === (isNull ?? false);
}
