/**
 * Procedures that went on on their server after they were given up: they are left alone for some time, so that probes
 * do not gather there.
 *
 * A statement in a procedure with SQL SECURITY DEFINER runs as the definer, whom our account may not kill, and MySQL's
 * own time limit does not hold inside a CALL.
 */
import { failure, type MysqlFailure } from '../mysql/failure.ts';
import type { Plan, PlannedQuery } from './catalog.ts';

const LEAVE_ALONE_MS = 300_000;

export class RunawayCalls {
  /** When each may be asked again, on the clock of `performance.now()`; those whose time is over go with the next one. */
  readonly #until = new Map<string, number>();

  /** The statement of this query was not killed. */
  note(plan: Plan, planned: PlannedQuery): void {
    const now = performance.now();
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    this.#until.set(keyOf(plan, planned), now + LEAVE_ALONE_MS);
  }

  /** Why a query is not asked now; undefined when it may be. */
  refusal(plan: Plan, planned: PlannedQuery): MysqlFailure | undefined {
    const key = keyOf(plan, planned);
    const left = (this.#until.get(key) ?? 0) - performance.now();
    if (left <= 0) {
      this.#until.delete(key);
      return undefined;
    }
    const again = Math.ceil(left / 1000);
    return failure(
      'timeout',
      `its procedure went on after its time and could not be killed; it is called again in ${again} s`,
    );
  }
}

const keyOf = ({ target }: Plan, { query }: PlannedQuery): string =>
  JSON.stringify([target.name, query.set, query.name]);
