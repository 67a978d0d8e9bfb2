/**
 * How many rows the optimizer expects to read, from EXPLAIN in its form of a table.
 */
import type { Rows } from '../../query-set/compiled.ts';

/** The statement that shows the plan of another one; undefined for what has none, such as SHOW. */
export function explainOf(sql: string): string | undefined {
  return EXPLAINED.test(sql) ? `EXPLAIN FORMAT=TRADITIONAL ${sql}` : undefined;
}

const EXPLAINED = /^[\s(]*(?:SELECT|WITH)\b/i;

/** Within a SELECT the tables of a join multiply, and the SELECTs of a statement add up; undefined without an estimate. */
export function planRows({ columns, rows }: Rows): number | undefined {
  const [idAt, rowsAt] = ['id', 'rows'].map((name) =>
    columns.findIndex((column) => column.toLowerCase() === name),
  );
  if (idAt === undefined || rowsAt === undefined || rowsAt < 0) return undefined;
  const bySelect = new Map<string, number>();
  for (const row of rows) {
    const estimate = row[rowsAt];
    if (estimate === null || estimate === undefined) continue;
    const id = row[idAt] ?? '';
    bySelect.set(id, (bySelect.get(id) ?? 1) * Number(estimate));
  }
  return bySelect.size === 0 ? undefined : [...bySelect.values()].reduce((a, b) => a + b, 0);
}
