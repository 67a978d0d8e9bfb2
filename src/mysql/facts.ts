/**
 * What a server is and has: asked once per connection and every few minutes, and only what somebody wants to know.
 */
import { quoteLiteral } from '../config/sql-quote.ts';
import type { Connection } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { MysqlFailure } from './failure.ts';

export interface Wanted {
  /** Equal for equal wishes. */
  readonly key: string;
  readonly variables: readonly string[];
  /** As `schema.table`. */
  readonly tables: readonly string[];
  /** As `schema.table.column`. */
  readonly columns: readonly string[];
}

/** Names are in lower case. */
export interface Facts {
  readonly ok: true;
  /** On the clock of `performance.now()`. */
  readonly learnedAt: number;
  readonly variables: ReadonlyMap<string, string>;
  readonly tables: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
}

const LIMITS = { maxRows: 10_000, maxBytes: 1 << 20 };

const known = new WeakMap<Connection, Map<string, Facts>>();
/** Different wishes that are remembered per connection: a plan each, and there are few. */
const MAX_KNOWN = 16;

/** A connection that is always in use lives for months, and meanwhile tables come and variables change. */
const GOOD_FOR_MS = 300_000;

/** What was wanted, from memory or from the server: asked once per connection, and again when it is old. */
export async function factsOf(
  connection: Connection,
  wanted: Wanted,
  until: Deadline,
): Promise<Facts | MysqlFailure> {
  const remembered = known.get(connection) ?? new Map<string, Facts>();
  known.set(connection, remembered);
  const facts = remembered.get(wanted.key);
  if (facts !== undefined && performance.now() - facts.learnedAt < GOOD_FOR_MS) return facts;
  const learned = await learnFacts(connection, wanted, until);
  if (learned.ok) {
    if (remembered.size >= MAX_KNOWN) remembered.clear();
    remembered.set(wanted.key, learned);
  }
  return learned;
}

/** Asks a server, with at most three statements. */
async function learnFacts(
  connection: Connection,
  wanted: Wanted,
  until: Deadline,
): Promise<Facts | MysqlFailure> {
  const variables = await ask(
    connection,
    until,
    wanted.variables,
    (names) => `SHOW GLOBAL VARIABLES WHERE LOWER(Variable_name) IN (${list(names)})`,
  );
  if (!variables.ok) return variables;
  const tables = await ask(connection, until, wanted.tables, (names) =>
    inSchema('tables', names, 'table_name'),
  );
  if (!tables.ok) return tables;
  const columns = await ask(connection, until, wanted.columns, (names) =>
    inSchema('columns', names, 'table_name', 'column_name'),
  );
  if (!columns.ok) return columns;
  return {
    ok: true,
    learnedAt: performance.now(),
    variables: new Map(variables.rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? ''])),
    tables: new Set(tables.rows.map(([name]) => name ?? '')),
    columns: new Set(columns.rows.map(([name]) => name ?? '')),
  };
}

type Rows = { readonly ok: true; readonly rows: readonly (readonly (string | null)[])[] };

async function ask(
  connection: Connection,
  until: Deadline,
  names: readonly string[],
  sqlFor: (names: readonly string[]) => string,
): Promise<Rows | MysqlFailure> {
  if (names.length === 0) return { ok: true, rows: [] };
  return await connection.queryWithin({ sql: sqlFor(names), limits: LIMITS }, until);
}

/** The schema is named in the condition, so that the server need not open every table there is. */
function inSchema(view: 'tables' | 'columns', names: readonly string[], ...parts: readonly string[]): string {
  const keys = ['table_schema', ...parts];
  const conditions = names.map((name) => {
    const values = name.split('.');
    return `(${keys.map((key, i) => `${key} = ${quoteLiteral(values[i] ?? '')}`).join(' AND ')})`;
  });
  return `SELECT LOWER(CONCAT_WS('.', ${keys.join(', ')})) FROM information_schema.${view} WHERE ${conditions.join(' OR ')}`;
}

function list(names: readonly string[]): string {
  return names.map(quoteLiteral).join(', ');
}
