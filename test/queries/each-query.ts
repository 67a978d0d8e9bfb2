/**
 * Every query of the shipped sets by itself, asked as a probe asks it: a session set up by the exporter, the statement that
 * the exporter chooses for the server, its time limit.
 */
import type { DatabaseServer } from '../../harness/server-process.ts';
import { loadShippedSets } from '../../src/config/load.ts';
import { Deadline } from '../../src/deadline.ts';
import type { QuerySetDefinition } from '../../src/model/query-set.ts';
import { type Connection, openConnection } from '../../src/mysql/connect/connection.ts';
import { type Asked, askFor } from '../../src/probe/query/asking.ts';
import { compileQuerySets } from '../../src/query-set/compile.ts';
import type { CompiledQuery } from '../../src/query-set/compiled.ts';
import { bindParams } from '../../src/query-set/params.ts';
import { type Endpoint, names, PATIENCE_MS, specOf } from '../support/mysql.ts';
import { EXPORTER } from '../support/real-servers.ts';

export interface ShippedQuery {
  /** `set/query`. */
  readonly id: string;
  readonly set: string;
  readonly query: CompiledQuery;
  readonly timeoutMs: number;
}

/** What a target has that sets no `query_timeout`. */
const QUERY_TIMEOUT_MS = 5_000;

/** All of them, those too that a parameter switches on. */
export async function shippedQueries(): Promise<readonly ShippedQuery[]> {
  const definitions = await loadShippedSets();
  return [...compileQuerySets(definitions.values()).values()].flatMap(({ name: set, queries }) => {
    const values = switchedOn(definitions.get(set));
    return queries.flatMap((compiled) => {
      const query = bindParams(compiled, values);
      if (query === undefined) return [];
      return [{ id: `${set}/${query.name}`, set, query, timeoutMs: query.timeoutMs ?? QUERY_TIMEOUT_MS }];
    });
  });
}

/** The parameters on which queries depend as a whole. */
const switchedOn = (set: QuerySetDefinition | undefined): Record<string, true> =>
  Object.fromEntries(
    (set?.queries ?? []).flatMap(({ onlyIf }) => (onlyIf === undefined ? [] : [[onlyIf, true]])),
  );

/** A session of the account of the samples, which the caller destroys. */
export async function openSession(endpoint: Endpoint): Promise<Connection> {
  using until = Deadline.after(PATIENCE_MS);
  const opened = await openConnection(
    specOf(endpoint, { allowPublicKeyRetrieval: true }),
    EXPORTER,
    names,
    until,
  );
  if (!opened.ok) throw new Error(`${opened.reason}: ${opened.detail}`);
  return opened.connection;
}

/** The number that the performance schema knows a session by. */
export async function threadOf(server: DatabaseServer, { threadId }: Connection): Promise<number> {
  const [row] = await server.query(
    `SELECT thread_id AS thread FROM performance_schema.threads WHERE processlist_id = ${threadId}`,
  );
  if (row === undefined) throw new Error(`${server.flavour} has no thread for connection ${threadId}`);
  return Number(row['thread']);
}

/** Whether the server turned out to have nothing to ask. */
export const isSkipped = ({ query }: ShippedQuery, { answer }: Asked): boolean =>
  'skipped' in answer || (!answer.ok && query.ignoreErrors.has(answer.errno ?? 0));

/** One query, within its own time. */
export async function askQuery(connection: Connection, { query, timeoutMs }: ShippedQuery): Promise<Asked> {
  using until = Deadline.after(timeoutMs);
  return await askFor(query, query.conditions?.wanted, connection, until, () => {});
}
