/**
 * Which rows a metric is made of.
 */
import type { RowCondition } from '../../model/metric.ts';
import type { Cells } from '../compiled.ts';
import { isText } from './cell.ts';
import type { ColumnIndex } from './columns.ts';
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
  const { above, column: _column, in: wanted, isNull = false, notIn, ...others } = condition;
  others satisfies Record<string, never>; // every test is looked at
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
  return (cell) => (cell === null) === isNull;
}

/**
 * Finds the rows that metrics with these conditions are made of; undefined when only a look at their texts tells.
 *
 * A status has hundreds of rows, and a metric besides its keys is made of one: the others are not even read as text.
 */
export function compileRowsFor(
  conditions: readonly (RowCondition | undefined)[],
): ((cells: Cells, places: ColumnIndex) => readonly number[]) | undefined {
  const column = conditions[0]?.column;
  const isByText =
    column !== undefined && conditions.every((one) => one?.in !== undefined && one.column === column);
  if (!isByText) return undefined;
  const texts = conditions.flatMap((one) => one?.in ?? []).map((text) => new TextEncoder().encode(text));
  return (cells, places) => {
    const at = places.get(column) ?? 0;
    const numbers: number[] = [];
    for (let row = 0; row < cells.length; row++)
      if (cells.seek(row, at) && isOneOf(cells, texts)) numbers.push(row);
    return numbers;
  };
}

/** An index loop on purpose: this runs for every row of every probe. */
function isOneOf(cells: Cells, texts: readonly Uint8Array[]): boolean {
  for (let i = 0; i < texts.length; i++) if (isText(cells, texts[i]!)) return true;
  return false;
}
