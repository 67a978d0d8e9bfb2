/** What one statement of a session cost its server, as its performance schema and the kernel have it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { DatabaseServer } from '../../harness/server-process.ts';
import type { Connection } from '../../src/mysql/connect/connection.ts';
import { askQuery, isSkipped, type ShippedQuery, threadOf } from '../../test/queries/each-query.ts';
import { eventually } from '../../test/support/eventually.ts';

export interface StatementCost {
  /** Processor time of the thread that serves the session: what else the machine does hardly changes it. */
  readonly cpuMs: number;
  readonly lockMs: number;
  readonly rowsSent: number;
  readonly rowsExamined: number;
  readonly tmpTables: number;
  readonly tmpDiskTables: number;
  /** Tables that it read from beginning to end, also again for each row of another one. */
  readonly scans: number;
  /** Tables that the server had to open for it. */
  readonly openedTables: number;
}

/** Undefined for a query that the server is not asked. */
export async function costOf(
  server: DatabaseServer,
  connection: Connection,
  query: ShippedQuery,
): Promise<StatementCost | undefined> {
  const thread = await threadOf(server, connection);
  const cpuBefore = await cpuMs(server, thread);
  const before = await lastStatement(server, thread);
  const openedBefore = await openedTables(server, thread);
  const asked = await askQuery(connection, query);
  if (isSkipped(query, asked)) return undefined;
  const { answer, sql = '' } = asked;
  if ('ok' in answer && !answer.ok) throw new Error(`${query.id} on ${server.flavour}: ${answer.detail}`);
  // The server notes a statement after its last row is on the way.
  const row = await eventually(async () => {
    const last = await lastStatement(server, thread);
    assert.ok(Number(last?.['id']) > Number(before?.['id'] ?? 0), `${query.id} is not noted`);
    assert.equal(beginning(String(last?.['text'])), beginning(sql));
    return last ?? {};
  });
  const number = (name: string) => Number(row[name]);
  return {
    cpuMs: (await cpuMs(server, thread)) - cpuBefore,
    lockMs: number('lock_ms'),
    rowsSent: number('sent'),
    rowsExamined: number('examined'),
    tmpTables: number('tmp'),
    tmpDiskTables: number('tmp_disk'),
    scans: number('scans') + number('full_joins'),
    openedTables: (await openedTables(server, thread)) - openedBefore,
  };
}

/** The server keeps a text of limited length. */
const beginning = (sql: string): string => sql.trim().slice(0, 200);

async function lastStatement(
  server: DatabaseServer,
  thread: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [row] = await server.query(
    `SELECT event_id AS id, sql_text AS text, lock_time / 1e9 AS lock_ms, rows_sent AS sent,
            rows_examined AS examined, created_tmp_tables AS tmp, created_tmp_disk_tables AS tmp_disk,
            select_scan AS scans, select_full_join AS full_joins
     FROM performance_schema.events_statements_history WHERE thread_id = ${thread} ORDER BY event_id DESC LIMIT 1`,
  );
  return row;
}

async function openedTables(server: DatabaseServer, thread: number): Promise<number> {
  const [row] = await server.query(
    `SELECT variable_value AS opened FROM performance_schema.status_by_thread
     WHERE thread_id = ${thread} AND variable_name = 'Opened_tables'`,
  );
  return Number(row?.['opened'] ?? 0);
}

/** Of a thread since it began, as the kernel counts it. */
async function cpuMs(server: DatabaseServer, thread: number): Promise<number> {
  const [row] = await server.query(
    `SELECT thread_os_id AS id FROM performance_schema.threads WHERE thread_id = ${thread}`,
  );
  const [ns] = (await readFile(`/proc/${server.pid}/task/${row?.['id']}/schedstat`, 'utf8')).split(' ');
  return Number(ns) / 1e6;
}
