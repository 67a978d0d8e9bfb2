/**
 * Which rows a metric is made of.
 */
import type { RowCondition } from '../config/config.ts';
import { parseNumber } from './number.ts';

/** Whether a cell lets its row through. */
export function compileCondition(condition: RowCondition): (cell: string | null) => boolean {
  const { above, in: wanted, isNull, notIn } = condition;
  if (wanted !== undefined) {
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
