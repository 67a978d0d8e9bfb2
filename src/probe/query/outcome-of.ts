/**
 * From an answer of the server to what became of the query.
 */
import type { Deadline } from '../../deadline.ts';
import { Samples } from '../../exposition/samples.ts';
import type { Unmet } from '../../model/reason.ts';
import type { Connection } from '../../mysql/connect/connection.ts';
import type { CompiledQuery } from '../../query-set/compiled.ts';
import type { Turns } from '../../turns.ts';
import { type Asked, mapAll, withoutSecret } from './asking.ts';
import type { QueryOutcome } from './outcome.ts';

/**
 * Reads an answer.
 *
 * @param startedAt since when the query takes time, on the clock of `performance.now()`
 */
export async function outcomeOf(
  query: CompiledQuery,
  { answer: result, sql, tookMs }: Asked,
  connection: Connection,
  until: Deadline,
  turns: Turns,
  startedAt: number,
): Promise<QueryOutcome> {
  if ('skipped' in result) return skipped(result.skipped, startedAt);
  if (!result.ok)
    return result.errno !== undefined && query.ignoreErrors.has(result.errno)
      ? skipped({ reason: 'ignored_error', detail: result.detail }, startedAt, tookMs)
      : { ...result, rows: 0, seconds: secondsSince(startedAt), tookMs, sql };
  const samples = new Samples();
  const mapped = await mapAll(query, result, samples, until, turns);
  const rows = result.rowCount;
  const seconds = secondsSince(startedAt);
  const masked = mapped && withoutSecret(mapped, connection);
  if (masked !== undefined && 'reason' in masked) return { ...masked, rows, seconds, tookMs, sql };
  const { bytes } = result;
  return { ok: true, rows, bytes, seconds, tookMs, sql, samples, ...masked, readAt: performance.now() };
}

function skipped(why: Unmet, startedAt: number, tookMs?: number): QueryOutcome {
  return {
    ok: true,
    rows: 0,
    bytes: 0,
    seconds: secondsSince(startedAt),
    tookMs,
    samples: new Samples(),
    skipped: why,
    readAt: performance.now(),
  };
}

/** To the microsecond: more digits are noise, and text that Prometheus has to read. */
export function secondsSince(since: number): number {
  return Math.round((performance.now() - since) * 1000) / 1e6;
}

/** For a trace. */
export function outcomeText(outcome: QueryOutcome): string {
  if (!outcome.ok) return `failed: ${outcome.reason}, ${outcome.detail}`;
  if (outcome.skipped !== undefined)
    return `is skipped: ${outcome.skipped.reason}, ${outcome.skipped.detail}`;
  return `is done, rows: ${outcome.rows}, samples: ${outcome.samples.count}`;
}
