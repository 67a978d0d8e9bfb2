/**
 * Queries that a server has answered quickly: those are sent together, on one connection and in one system call, since
 * none of them holds the others up.
 */
import type { Pool } from '../../mysql/pool/pool.ts';
import type { CompiledQuery } from '../../query-set/compiled.ts';
import type { PlannedQuery } from '../catalog.ts';
import { type Asked, isRefused } from './asking.ts';

/** Where the way to the server alone takes longer, queries are asked one by one, on several connections. */
const QUICK_MS = 40;

/** The largest part of them whose timeout is the same: they share a deadline. */
export function ofOneTimeout(queries: readonly PlannedQuery[]): PlannedQuery[] {
  const byTimeout = new Map<number, PlannedQuery[]>();
  for (const planned of queries) {
    const alike = byTimeout.get(planned.timeoutMs);
    if (alike === undefined) byTimeout.set(planned.timeoutMs, [planned]);
    else alike.push(planned);
  }
  return [...byTimeout.values()].reduce((most, alike) => (alike.length > most.length ? alike : most), []);
}

export class QuickQueries {
  readonly #quick = new WeakMap<Pool, Set<CompiledQuery>>();

  /** Whether it may be sent together with others. What may leave something behind on the server never is. */
  has(pool: Pool, query: CompiledQuery): boolean {
    return this.#quick.get(pool)?.has(query) === true;
  }

  /** Notes how long the server took for an answer, an error too. */
  note(pool: Pool, query: CompiledQuery, answer: Asked['answer'], ms: number): void {
    const known = this.#quick.get(pool);
    // A right that is refused is asked for once more, on a connection that has those that were given since.
    const isAnswered = 'skipped' in answer || answer.ok || answer.errno !== undefined;
    if (!isAnswered || ms >= QUICK_MS || isRefused({ answer })) known?.delete(query);
    else if (query.mayCall || query.endsSession || query.minIntervalMs > 0 || known?.has(query)) return;
    else if (known === undefined) this.#quick.set(pool, new Set([query]));
    else known.add(query);
  }
}
