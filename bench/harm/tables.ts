/**
 * The tables of the application: as sysbench makes them, few enough that the small servers of a run hold them in memory.
 */
import type { Connection } from 'mysql2/promise';

export const DATABASE = 'harm';
export const TABLES = 2;
/** Of each table; a row for each number from 1 on, before a phase and after it. */
export const ROWS = 10_000;

const COLUMNS =
  "id INT NOT NULL PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k (k)";
const ROWS_AT_ONCE = 1_000;

/** In the default database of the connection. */
export async function prepareTables(connection: Connection): Promise<void> {
  for (let table = 1; table <= TABLES; table++) {
    await connection.query(`CREATE TABLE harm${table} (${COLUMNS}) ENGINE=InnoDB`);
    for (let first = 1; first <= ROWS; first += ROWS_AT_ONCE) {
      const rows = Array.from({ length: ROWS_AT_ONCE }, (_, i) => {
        const id = first + i;
        // Spread over the index as random numbers would be, and the same in each run.
        return [id, 1 + ((id * 7_919) % ROWS), digitsOf(id, 120), digitsOf(id + ROWS, 60)];
      });
      await connection.query(`INSERT INTO harm${table} (id, k, c, pad) VALUES ?`, [rows]);
    }
  }
}

const digitsOf = (seed: number, length: number): string =>
  String(seed * 104_729)
    .padStart(12, '0')
    .repeat(10)
    .slice(0, length);
