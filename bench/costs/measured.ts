/** What every shipped query costs a server, as measured.json keeps it for the reference and the tests. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Cost, FLAVOURS } from '../../src/model/query-set.ts';
import { classOf, dearest } from './classes.ts';

const COST = z.object({
  flavour: z.enum(FLAVOURS),
  /** `set/query`. */
  query: z.string(),
  cpuMs: z.number(),
  lockMs: z.number(),
  rowsSent: z.number().int(),
  rowsExamined: z.number().int(),
  tmpTables: z.number().int(),
  tmpDiskTables: z.number().int(),
  scans: z.number().int(),
  openedTables: z.number().int(),
  /** With the larger number of tables. */
  cpuMsWithMore: z.number(),
  openedWithMore: z.number().int(),
});

const MEASURED = z.object({
  versions: z.record(z.enum(FLAVOURS), z.string()),
  costs: z.array(COST),
  /** Queries that neither server has anything for. */
  notAsked: z.array(z.string()),
});

export type QueryCost = z.output<typeof COST>;
export type CostsMeasured = z.output<typeof MEASURED>;

/** So many tables there are in the second round. */
export const MORE_TABLES = 5_000;

const FILE = new URL('measured.json', import.meta.url);

export const readCosts = async (): Promise<CostsMeasured> =>
  MEASURED.parse(JSON.parse(await readFile(FILE, 'utf8')));

export const writeCosts = async (measured: CostsMeasured): Promise<void> =>
  await writeFile(FILE, `${JSON.stringify(measured, undefined, 1)}\n`);

/** The class of a set: that of its dearest query, on the server where it is dearer; undefined when none was asked. */
export const measuredClass = ({ costs }: CostsMeasured, set: string): Cost | undefined =>
  dearest(costs.filter(({ query }) => query.startsWith(`${set}/`)).map(classOf));
