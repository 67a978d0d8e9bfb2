/**
 * Queries that a server has answered quickly: those are sent together, on one connection and in one system call, since
 * none of them holds the others up.
 */
import type { Pool } from '../mysql/pool/pool.ts';
import type { CompiledQuery } from '../query-set/compiled.ts';

/** Where the way to the server alone takes longer, queries are asked one by one, on several connections. */
const QUICK_MS = 40;

export class QuickQueries {
  readonly #quick = new WeakMap<Pool, Set<CompiledQuery>>();

  /** Whether it may be sent together with others. What may leave something behind on the server never is. */
  has(pool: Pool, query: CompiledQuery): boolean {
    return this.#quick.get(pool)?.has(query) === true;
  }

  /** Notes how long the server took for an answer; undefined when it had none, or none that was good. */
  note(pool: Pool, query: CompiledQuery, ms: number | undefined): void {
    const known = this.#quick.get(pool);
    if (ms === undefined || ms >= QUICK_MS) known?.delete(query);
    else if (query.mayCall || query.endsSession || query.minIntervalMs > 0 || known?.has(query)) return;
    else if (known === undefined) this.#quick.set(pool, new Set([query]));
    else known.add(query);
  }
}
