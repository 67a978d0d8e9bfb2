/**
 * Variables, tables and columns of a server: asked once per connection and every few minutes, only those that some query needs.
 */

import type { Deadline } from '../deadline.ts';
import type { FactsWanted, LearnedFacts } from '../model/facts.ts';
import { quoteLiteral } from '../sql/quote.ts';
import type { Connection } from './connect/connection.ts';
import type { MysqlFailure } from './failure.ts';
import { rolesOf } from './role.ts';

export interface Facts extends LearnedFacts {
  readonly ok: true;
  /** On the clock of `performance.now()`. */
  readonly learnedAt: number;
}

const LIMITS = { maxRows: 10_000, maxBytes: 1 << 20 };

const known = new WeakMap<Connection, Map<string, Facts>>();
/** Different wishes that are remembered per connection: a plan each, and there are few. */
const MAX_KNOWN = 16;

/** A connection that is always in use lives for months, and meanwhile tables come and variables change. */
const GOOD_FOR_MS = 300_000;

/** What was wanted, from memory or from the server: asked once per connection, and again when it is old; a role sooner. */
export async function factsOf(
  connection: Connection,
  wanted: FactsWanted,
  until: Deadline,
): Promise<Facts | MysqlFailure> {
  const facts = await lastingFacts(connection, wanted, until);
  if (!facts.ok || wanted.roles.length === 0) return facts;
  return { ...facts, roles: await rolesOf(connection, until) };
}

async function lastingFacts(
  connection: Connection,
  wanted: FactsWanted,
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
  wanted: FactsWanted,
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
    perTable(names, (schema, table) => found('tables', schema, table)),
  );
  if (!tables.ok) return tables;
  const columns = await ask(connection, until, wanted.columns, (names) =>
    perTable(
      names,
      (schema, table, of) => `${found('columns', schema, table)} AND column_name IN (${list(of)})`,
    ),
  );
  if (!columns.ok) return columns;
  return {
    ok: true,
    learnedAt: performance.now(),
    variables: new Map(variables.rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? ''])),
    tables: new Set(tables.rows.map(([name]) => name ?? '')),
    columns: new Set(columns.rows.map(([name]) => name ?? '')),
    roles: NO_ROLES,
  };
}

const NO_ROLES: ReadonlySet<string> = new Set();

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

/**
 * A SELECT for each table, in one statement: only a schema and a table that are named alone are looked up. With
 * OR, MariaDB and MySQL 5.7 list the tables of every database (EXPLAIN: "Scanned all databases").
 */
function perTable(
  names: readonly string[],
  select: (schema: string, table: string, columns: readonly string[]) => string,
): string {
  const tables = new Map<string, { schema: string; table: string; columns: string[] }>();
  for (const name of names) {
    const [schema = '', table = '', ...column] = name.split('.');
    const key = JSON.stringify([schema, table]);
    const known = tables.get(key) ?? { schema, table, columns: [] };
    tables.set(key, known);
    known.columns.push(...column);
  }
  return [...tables.values()]
    .map(({ schema, table, columns }) => select(schema, table, columns))
    .join(' UNION ALL ');
}

function found(view: 'tables' | 'columns', schema: string, table: string): string {
  const keys = ['table_schema', 'table_name', ...(view === 'columns' ? ['column_name'] : [])].join(', ');
  return (
    `SELECT LOWER(CONCAT_WS('.', ${keys})) FROM information_schema.${view} ` +
    `WHERE table_schema = ${quoteLiteral(schema)} AND table_name = ${quoteLiteral(table)}`
  );
}

function list(names: readonly string[]): string {
  return names.map(quoteLiteral).join(', ');
}
