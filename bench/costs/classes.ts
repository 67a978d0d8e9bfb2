/** The rule by which `cost` of a query set follows from what its statements cost on a server with many tables. */
import { COSTS, type Cost } from '../../src/model/query-set.ts';
import type { StatementCost } from './statement.ts';

/** So many tables the server has whose figures decide. */
export const TABLES = 2_000;

/** What makes a statement dearer than the class before; either is enough. */
export const LIMITS = {
  /** As many rows as there are tables, or a time that is felt when it is asked every few seconds. */
  moderate: { cpuMs: 10, rowsExamined: TABLES },
  /** A time that is felt by others on the server; each table is opened, and so pushes others out of the table cache. */
  heavy: { cpuMs: 100, openedTables: TABLES },
} as const;

export function classOf({
  cpuMs,
  openedTables,
  rowsExamined,
}: Pick<StatementCost, 'cpuMs' | 'openedTables' | 'rowsExamined'>): Cost {
  const { heavy, moderate } = LIMITS;
  if (cpuMs >= heavy.cpuMs || openedTables >= heavy.openedTables) return 'heavy';
  return cpuMs >= moderate.cpuMs || rowsExamined >= moderate.rowsExamined ? 'moderate' : 'cheap';
}

/** The dearest of some; undefined for none. */
export const dearest = (classes: readonly Cost[]): Cost | undefined =>
  COSTS.findLast((cost) => classes.includes(cost));
