/**
 * One query on one connection: which statement, its result, and the samples of that.
 */
import type { Deadline } from '../deadline.ts';
import type { Samples } from '../exposition/samples.ts';
import type { FactsWanted } from '../model/facts.ts';
import type { Failure, Unmet } from '../model/reason.ts';
import type { Connection } from '../mysql/connect/connection.ts';
import { type Facts, factsOf } from '../mysql/facts.ts';
import { failure, isRefusedRight, type MysqlFailure } from '../mysql/failure.ts';
import type { TextResult } from '../mysql/protocol/text-query.ts';
import type { CompiledQuery, Incomplete } from '../query-set/compiled.ts';
import type { Turns } from '../turns.ts';

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
  readonly sql?: string;
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
  { conditions, endsSession, mayCall, maxRows, sql }: CompiledQuery,
  wanted: FactsWanted | undefined,
  connection: Connection,
  until: Deadline,
  onNotKilled: () => void,
): Promise<Asked> {
  const limits = { maxRows, maxBytes: MAX_RESULT_BYTES };
  const statement = { limits, mayCall, endsSession, ...(mayCall ? { onNotKilled } : {}) };
  if (conditions === undefined)
    return { sql, answer: await connection.queryWithin({ ...statement, sql }, until) };
  // A query that needs no facts neither waits for those of others nor fails with them.
  const mustKnow = conditions.wanted !== undefined && wanted !== undefined;
  const facts = mustKnow ? await factsOf(connection, wanted, until) : NO_FACTS;
  if (!facts.ok) return { answer: facts };
  const { flavour, major, minor, patch } = connection.version;
  const { columns, roles, tables, variables } = facts;
  const version = [major, minor, patch] as const;
  const chosen = conditions.choose({ flavour, version, variables, tables, columns, roles });
  if ('reason' in chosen) return { answer: { skipped: chosen } };
  return { sql: chosen.sql, answer: await connection.queryWithin({ ...statement, sql: chosen.sql }, until) };
}

const NO_FACTS: Facts = {
  ok: true,
  learnedAt: 0,
  variables: new Map(),
  tables: new Set(),
  columns: new Set(),
  roles: new Set(),
};
