/** A result as a table for people. */
import { visible } from '../visible-text.ts';

const MAX_WIDTH = 60;

/** Columns side by side under their names, NULL as NULL; what is long is cut. */
export function textTable(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map((cell) => (cell === null ? 'NULL' : short(cell))));
  const widths = columns.map((_, c) =>
    lines.reduce((width, line) => Math.max(width, line[c]?.length ?? 0), 1),
  );
  const render = (cells: readonly string[]) =>
    cells
      .map((cell, c) => cell.padEnd(widths[c] ?? 0))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = lines;
  return [head, widths.map((width) => '-'.repeat(width)), ...body]
    .map((line) => `${render(line)}\n`)
    .join('');
}

function short(cell: string): string {
  const text = visible(cell.slice(0, MAX_WIDTH + 1));
  return text.length > MAX_WIDTH ? `${text.slice(0, MAX_WIDTH - 3)}...` : text;
}
