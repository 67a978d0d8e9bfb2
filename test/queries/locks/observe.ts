/**
 * One query while others hold locks: what its session waited for, what it held meanwhile, and what it left behind.
 *
 * The server is asked, which notes each wait of a thread as a stage, however short.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../../../src/mysql/connect/connection.ts';
import type { Asked } from '../../../src/probe/query/asking.ts';
import type { PrivateServer } from '../../support/real-servers.ts';
import { askQuery, isSkipped, type ShippedQuery, threadOf } from '../each-query.ts';

export interface Observed {
  /** `answers`, `skipped`, or the reason of its failure. */
  readonly end: string;
  /** Time that it waited for locks of tables and of the server, all waits together. */
  readonly waitedSeconds: number;
  /** Tables that it had locked while it waited, but for those of the server's own schemas. */
  readonly held: readonly string[];
  /** Metadata locks and transactions that its session has when it is over. */
  readonly left: readonly string[];
}

/** Waits that are others' business. */
const NO_LOCKS = ['stage/sql/Waiting for handler commit'];

/** How often it is asked what a session has locked: a wait is one of a second at least. */
const EVERY_MS = 50;

export async function observe(
  server: PrivateServer,
  connection: Connection,
  query: ShippedQuery,
): Promise<Observed> {
  const thread = await threadOf(server.process, connection);
  const before = await lastStage(server, thread);
  const held = new Set<string>();
  let isOver = false;
  const asking = askQuery(connection, query).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const table of await heldBy(server, thread)) held.add(table);
    await Promise.race([asking, delay(EVERY_MS)]);
  }
  const asked = await asking;
  const waitedSeconds = await waited(server, thread, before);
  return {
    end: endOf(query, asked),
    waitedSeconds,
    // What is held for a moment is held by whoever reads at all.
    held: waitedSeconds > 0 ? [...held].sort() : [],
    left: await leftBy(server, connection, thread),
  };
}

function endOf(query: ShippedQuery, asked: Asked): string {
  if (isSkipped(query, asked)) return 'skipped';
  return 'ok' in asked.answer && !asked.answer.ok ? asked.answer.reason : 'answers';
}

/** Tables of the server's users that a thread has locked now. */
export async function heldBy(server: PrivateServer, thread: number): Promise<readonly string[]> {
  const rows = await server.root(
    `SELECT CONCAT_WS('.', object_schema, object_name) AS name FROM performance_schema.metadata_locks
     WHERE owner_thread_id = ${thread} AND lock_status = 'GRANTED' AND object_type = 'TABLE'
       AND object_schema NOT IN ('mysql', 'performance_schema', 'information_schema', 'sys')`,
  );
  return rows.map((row) => String(row['name']));
}

async function lastStage(server: PrivateServer, thread: number): Promise<number> {
  const [row] = await server.root(
    `SELECT COALESCE(MAX(event_id), 0) AS last FROM performance_schema.events_stages_history_long
     WHERE thread_id = ${thread}`,
  );
  return Number(row?.['last']);
}

async function waited(server: PrivateServer, thread: number, after: number): Promise<number> {
  const [row] = await server.root(
    `SELECT COALESCE(SUM(timer_wait), 0) / 1e12 AS seconds FROM performance_schema.events_stages_history_long
     WHERE thread_id = ${thread} AND event_id > ${after} AND event_name LIKE 'stage/sql/Waiting for %'
       AND event_name NOT IN (${NO_LOCKS.map((name) => `'${name}'`).join(', ')})`,
  );
  return Number(row?.['seconds']);
}

async function leftBy(
  server: PrivateServer,
  { threadId }: Connection,
  thread: number,
): Promise<readonly string[]> {
  const rows = await server.root(
    `SELECT CONCAT_WS(' ', lock_type, object_type, object_schema, object_name) AS what
     FROM performance_schema.metadata_locks WHERE owner_thread_id = ${thread}
     UNION ALL
     SELECT CONCAT('transaction ', trx_id) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = ${threadId}`,
  );
  return rows.map((row) => String(row['what']));
}
