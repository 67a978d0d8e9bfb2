/**
 * Thirty queries of three rows each, as an operator's own sets have them: what each costs beside mysql2 alone.
 */
import type { Experiment } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET } from '../exporter.ts';
import { compareOwnSet } from './own-set.ts';

const QUERIES = 30;

const SET = {
  description: 'Thirty small queries',
  namespace: 'bench',
  queries: Object.fromEntries(
    Array.from({ length: QUERIES }, (_, n) => [
      `number${n}`,
      {
        query: `SELECT 'a' AS name, ${n} AS value UNION ALL SELECT 'b', ${n * 2} UNION ALL SELECT 'c', ${n * 3}.5`,
        metrics: {
          [`number${n}`]: { type: 'gauge', description: 'Number', labels: ['name'], value: 'value' },
        },
      },
    ]),
  ),
};

export const manyQueries: Experiment = {
  name: 'many queries',
  lines: ['many'],
  connections: ({ targets }) => targets * (CONNECTIONS_PER_TARGET + 1),
  run: (bench) =>
    compareOwnSet(
      bench,
      'many',
      SET,
      { name: 'mysql2 alone', connections: 'kept' },
      '30 queries of three rows each',
    ),
};
