/**
 * What the account of a target may do, and which queries of a plan see less without what it may not.
 *
 * A server shows rows of information_schema and of the processlist to those who have a right to them, and nobody is told
 * of the others: a query that lacks a privilege is answered, with less or with nothing.
 */
import { Deadline } from '../deadline.ts';
import { Grants } from '../grants/held.ts';
import { grantsOfSet, grantsOnVersion } from '../grants/needed.ts';
import { grantText } from '../grants/statements.ts';
import type { Grant } from '../model/query-set.ts';
import { isSameServer, type ServerIdentity } from '../mysql/connect/identity.ts';
import type { ServerVersion } from '../mysql/connect/server-version.ts';
import type { Pool } from '../mysql/pool/pool.ts';
import type { CompiledQuery } from '../query-set/compiled.ts';

/** Rights change seldom, and to list them costs a server more than to answer most queries. */
const GOOD_FOR_MS = 600_000;
/** No probe waits longer for it: a server that changes accounts lists nobody's rights meanwhile. */
const MOST_MS = 1_000;
const LIMITS = { maxRows: 1_000, maxBytes: 1 << 20 };

/** What is known of an account on its server. */
export interface AccountRights {
  readonly grants: Grants;
  readonly version: ServerVersion;
  /** Worked out once for each query that is asked. */
  readonly lacks: WeakMap<CompiledQuery, readonly string[]>;
}

interface Known {
  /** On the clock of `performance.now()`; of an attempt that failed too, so that not every probe makes one. */
  readonly askedAt: number;
  /** Another one may have other accounts. */
  server: ServerIdentity | undefined;
  rights: AccountRights | undefined;
}

/** More kinds of accounts than a fleet has, unless each target has a name of its own. */
const MOST_SHARED = 200;
/** A longer list is hardly that of another account. */
const MOST_LETTERS = 8_192;

const shared = new Map<string, AccountRights>();

/**
 * What the rows of SHOW GRANTS say on a server of that version. Most accounts of a fleet have the same rights, and so one
 * object: it takes 1.5 KB.
 */
export function rightsFrom(lines: readonly string[], version: ServerVersion): AccountRights {
  const key = JSON.stringify([version, lines]);
  const first = shared.get(key);
  if (first !== undefined) return first;
  const rights = { grants: new Grants(lines), version, lacks: new WeakMap() };
  if (key.length > MOST_LETTERS) return rights;
  if (shared.size >= MOST_SHARED) shared.clear();
  shared.set(key, rights);
  return rights;
}

/** A pool is of one account on one server. */
const known = new WeakMap<Pool, Known>();

/** Asks the server when what is known is old; an answer that does not come changes nothing. */
export async function learnRights(pool: Pool, within: Deadline): Promise<void> {
  const before = knownOf(pool);
  if (before !== undefined && performance.now() - before.askedAt < GOOD_FOR_MS) return;
  const asked: Known = {
    askedAt: performance.now(),
    server: pool.server,
    rights: before?.rights,
  };
  known.set(pool, asked);
  using until = Deadline.within(within, MOST_MS);
  const acquired = await pool.acquire(until);
  if (!acquired.ok) return;
  using lease = acquired.lease;
  const { connection } = lease;
  asked.server = connection.server;
  const answer = await connection.queryWithin({ sql: 'SHOW GRANTS', limits: LIMITS }, until);
  if (!answer.ok) return;
  asked.rights = rightsFrom(
    answer.rows.flatMap(([line]) => line ?? []),
    connection.version,
  );
}

/** What is known of the server that the pool asks now. */
function knownOf(pool: Pool): Known | undefined {
  const account = known.get(pool);
  // Without a connection at this moment nothing says that it is another one.
  if (account === undefined || pool.server === undefined) return account;
  return isSameServer(account.server, pool.server) ? account : undefined;
}

/**
 * Of queries that an account is not answered in whole, the privileges that it lacks, as query files have them. None as
 * long as its rights are not known.
 */
export function lackedBy<Query extends { readonly query: CompiledQuery }>(
  queries: readonly Query[],
  pool: Pool,
): ReadonlyMap<Query, readonly string[]> {
  const account = knownOf(pool);
  if (account?.rights === undefined) return new Map();
  const { rights } = account;
  return new Map(
    queries.flatMap((planned) => {
      const privileges = lacksIn(rights, planned.query);
      return privileges.length === 0 ? [] : [[planned, privileges] as const];
    }),
  );
}

function lacksIn(rights: AccountRights, query: CompiledQuery): readonly string[] {
  const lacks = rights.lacks.get(query) ?? lacksOf(query, rights);
  rights.lacks.set(query, lacks);
  return lacks;
}

/** What a query declares to need on a server of that version; nothing for one that no file has. */
export function privilegesFor({ source }: CompiledQuery, version: ServerVersion): readonly Grant[] {
  if (source === undefined) return [];
  const { definition, params = {}, values } = source;
  return grantsOnVersion(grantsOfSet({ params, queries: [definition] }, version.flavour, values), version);
}

function lacksOf(query: CompiledQuery, { grants, version }: AccountRights): readonly string[] {
  if (grants.account === undefined) return [];
  const needed = privilegesFor(query, version);
  // A table that may not be read fails its query: that it was answered says more than the list of rights.
  return needed.filter((grant) => grant.table === '*' && !grants.has(grant)).map(grantText);
}

/** Whether any privilege that a query declares can be the reason that it sees less. */
export function dependsOnRights({ source }: CompiledQuery): boolean {
  return Object.values(source?.definition.grants ?? {}).some((grants) =>
    grants.some(({ table }) => table === '*'),
  );
}
