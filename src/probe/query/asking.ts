/**
 * One query on one connection: which statement, its result, and the samples of that.
 */
import type { Deadline } from '../../deadline.ts';
import type { Samples } from '../../exposition/samples.ts';
import type { FactsWanted } from '../../model/facts.ts';
import type { Failure, Unmet } from '../../model/reason.ts';
import type { Connection, Statement } from '../../mysql/connect/connection.ts';
import { type Facts, factsOf } from '../../mysql/facts.ts';
import { failure, isRefusedRight, type MysqlFailure } from '../../mysql/failure.ts';
import type { TextResult } from '../../mysql/protocol/text-query.ts';
import type { CompiledQuery, Incomplete } from '../../query-set/compiled.ts';
import type { Turns } from '../../turns.ts';

/** The most bytes that one result may have: a query that returns more is no metric query. */
const MAX_RESULT_BYTES = 16 << 20;

/** A large result gives others the thread between its parts, and is given up when its time ends. */
export async function mapAll(
  { map }: Pick<CompiledQuery, 'map'>,
  result: TextResult,
  samples: Samples,
  until: Deadline,
  turns: Turns,
): Promise<Failure | Incomplete | undefined> {
  let mapped = map(result, samples);
  const isLarge = mapped !== undefined && 'next' in mapped;
  while (mapped !== undefined && 'next' in mapped) {
    while (!turns.begin()) await turns.untilTime();
    if (until.ended !== undefined) return failure(until.ended, 'no time was left to read the whole result');
    mapped = mapped.next();
  }
  // What becomes of it, an answer mostly, takes its time too.
  while (isLarge && !turns.begin()) await turns.untilTime();
  return mapped;
}

export interface Asked {
  /** The statement for this server; undefined when there was none, or it was not known yet which. */
  readonly sql?: string | undefined;
  /** How long the server had it, in milliseconds; undefined when there was none. */
  readonly tookMs?: number | undefined;
  readonly answer: TextResult | MysqlFailure | { readonly skipped: Unmet };
}

/** What became of a result, without the password, by which a server may call a column. */
export function withoutSecret(mapped: Failure | Incomplete, connection: Connection): Failure | Incomplete {
  return 'reason' in mapped
    ? connection.withoutSecret(mapped)
    : {
        without: mapped.without.map(({ failure, family }) => ({
          family,
          failure: connection.withoutSecret(failure),
        })),
      };
}

/** Whether the account lacks a right for it. */
export const isRefused = ({ answer }: Asked): boolean =>
  !('skipped' in answer) && !answer.ok && isRefusedRight(answer);

/** Chooses the statement for this server, and asks it. `wanted` is what the whole plan wants to know. */
export async function askFor(
  query: CompiledQuery,
  wanted: FactsWanted | undefined,
  connection: Connection,
  until: Deadline,
  onNotKilled: () => void,
): Promise<Asked> {
  const beganAt = performance.now();
  const chosen = await statementFor(query, wanted, connection, until);
  // A server that takes long to tell facts has that work too, once for all queries that wait for them.
  if (!('sql' in chosen))
    return 'skipped' in chosen ? { answer: chosen } : { answer: chosen, tookMs: performance.now() - beganAt };
  const statement = { ...statementOf(query, chosen.sql), ...(query.mayCall ? { onNotKilled } : {}) };
  const sentAt = performance.now();
  const answer = await connection.queryWithin(statement, until);
  return { sql: chosen.sql, answer, tookMs: performance.now() - sentAt };
}

/** The statement for this server, or why there is none. */
export async function statementFor(
  { conditions, sql }: CompiledQuery,
  wanted: FactsWanted | undefined,
  connection: Connection,
  until: Deadline,
): Promise<{ readonly sql: string } | { readonly skipped: Unmet } | MysqlFailure> {
  if (conditions === undefined) return { sql };
  // A query that needs no facts neither waits for those of others nor fails with them.
  const mustKnow = conditions.wanted !== undefined && wanted !== undefined;
  const facts = mustKnow ? await factsOf(connection, wanted, until) : NO_FACTS;
  if (!facts.ok) return facts;
  const { flavour, major, minor, patch } = connection.version;
  const { columns, roles, tables, variables } = facts;
  const version = [major, minor, patch] as const;
  const chosen = conditions.choose({ flavour, version, variables, tables, columns, roles });
  return 'reason' in chosen ? { skipped: chosen } : chosen;
}

/** A statement of a query, with its limits. */
export function statementOf({ endsSession, mayCall, maxRows }: CompiledQuery, sql: string): Statement {
  return { sql, limits: { maxRows, maxBytes: MAX_RESULT_BYTES }, mayCall, endsSession };
}

const NO_FACTS: Facts = {
  ok: true,
  learnedAt: 0,
  variables: new Map(),
  tables: new Set(),
  columns: new Set(),
  roles: new Set(),
};
