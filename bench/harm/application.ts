/**
 * The application whose server is probed: transactions as sysbench's oltp_read_write has them, with mysql2 and prepared
 * statements, one after another on each of a few connections.
 *
 * A process of its own (application-process.ts starts it and talks to it); ends with the one that started it. The same
 * seed makes the same transactions.
 */
import { type Connection, createConnection } from 'mysql2/promise';
import { answerMessages } from '../worker.ts';
import type { ApplicationJob, ApplicationTask, Worked } from './application-process.ts';
import { prepareTables, ROWS, TABLES } from './tables.ts';

const POINT_SELECTS = 10;
/** Rows of a range select. */
const RANGE = 100;

type Random = (below: number) => number;

/** Whole numbers from 0; mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below;
  };
}

const RANGES = [
  (table: string) => `SELECT c FROM ${table} WHERE id BETWEEN ? AND ?`,
  (table: string) => `SELECT SUM(k) FROM ${table} WHERE id BETWEEN ? AND ?`,
  (table: string) => `SELECT c FROM ${table} WHERE id BETWEEN ? AND ? ORDER BY c`,
  (table: string) => `SELECT DISTINCT c FROM ${table} WHERE id BETWEEN ? AND ? ORDER BY c`,
] as const;

/**
 * @param own which rows it writes: no two connections write the same ones, so none waits for another and there are no
 *   deadlocks, and what is slower is slower for what else the server does
 */
async function transaction(
  connection: Connection,
  random: Random,
  own: { readonly index: number; readonly of: number },
): Promise<void> {
  const table = `harm${1 + Math.floor(random(TABLES))}`;
  const anyRow = () => 1 + Math.floor(random(ROWS));
  const ownRow = () => 1 + own.index + own.of * Math.floor(random(Math.floor(ROWS / own.of)));
  const digits = () => String(1e9 + Math.floor(random(9e9))).repeat(11);
  await connection.query('BEGIN');
  for (let i = 0; i < POINT_SELECTS; i++)
    await connection.execute(`SELECT c FROM ${table} WHERE id = ?`, [anyRow()]);
  for (const range of RANGES) {
    const first = 1 + Math.floor(random(ROWS - RANGE));
    await connection.execute(range(table), [first, first + RANGE - 1]);
  }
  await connection.execute(`UPDATE ${table} SET k = k + 1 WHERE id = ?`, [ownRow()]);
  await connection.execute(`UPDATE ${table} SET c = ? WHERE id = ?`, [digits(), ownRow()]);
  const id = ownRow();
  await connection.execute(`DELETE FROM ${table} WHERE id = ?`, [id]);
  await connection.execute(`INSERT INTO ${table} (id, k, c, pad) VALUES (?, ?, ?, ?)`, [
    ...[id, anyRow(), digits(), digits().slice(0, 60)],
  ]);
  await connection.query('COMMIT');
}

async function work(connections: readonly Connection[], { ms, seed }: ApplicationTask): Promise<Worked> {
  const latencies: number[] = [];
  const started = performance.now();
  const worker = async (connection: Connection, index: number) => {
    const random = randomFrom(seed * connections.length + index);
    while (performance.now() - started < ms) {
      const start = performance.now();
      await transaction(connection, random, { index, of: connections.length });
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(connections.map(worker));
  return { seconds: (performance.now() - started) / 1000, latencies };
}

async function connect({
  account,
  connections,
  database,
  port,
}: ApplicationJob): Promise<readonly Connection[]> {
  const open = () => createConnection({ host: '127.0.0.1', port, database, ...account });
  const opened = await Promise.all(Array.from({ length: connections }, open));
  const [first] = opened;
  if (first !== undefined) await prepareTables(first);
  return opened;
}

let connections: Promise<readonly Connection[]> = Promise.resolve([]);

answerMessages(async (message: ApplicationJob | ApplicationTask): Promise<Worked> => {
  if (!('port' in message)) return await work(await connections, message);
  connections = connect(message);
  await connections;
  return { seconds: 0, latencies: [] };
});
