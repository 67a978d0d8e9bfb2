/**
 * How many statements may be under way in the whole process: taken, waited for no longer than wanted, given back.
 */
import type { Deadline } from '../deadline.ts';
import { failure, type MysqlFailure } from '../mysql/failure.ts';

/** Disposing of it gives the slot back. */
export type Slot = { readonly ok: true } & Disposable;

type Waiter = (slot: Slot) => void;

export class Semaphore {
  readonly #max: number;
  readonly #onRefused: () => void;
  readonly #waiters = new Set<Waiter>();
  /** Has no state of its own, so that one object serves all holders. */
  readonly #slot: Slot = { ok: true, [Symbol.dispose]: () => this.#giveBack() };
  #used = 0;

  /** @param onRefused called for each query whose time ended before it had a slot */
  constructor(max: number, onRefused: () => void) {
    this.#max = max;
    this.#onRefused = onRefused;
  }

  get used(): number {
    return this.#used;
  }

  /**
   * At once when there is one; else in the order of asking, until `until` ends.
   *
   * @param queries how many share the slot
   */
  take(until: Deadline, queries = 1): Slot | Promise<Slot | MysqlFailure> {
    if (this.#used < this.#max) {
      this.#used++;
      return this.#slot;
    }
    return new Promise((resolve) => {
      const waiter: Waiter = (slot) => {
        off();
        resolve(slot);
      };
      this.#waiters.add(waiter);
      const off = until.onEnd((reason) => {
        this.#waiters.delete(waiter);
        if (reason === 'canceled') return resolve(failure('canceled', 'waiting to be asked'));
        for (let n = 0; n < queries; n++) this.#onRefused();
        resolve(failure('queue', `${this.#max} queries of the exporter were being asked (--max-queries)`));
      });
    });
  }

  #giveBack(): void {
    const [waiter] = this.#waiters;
    if (waiter === undefined) {
      this.#used--;
      return;
    }
    this.#waiters.delete(waiter);
    waiter(this.#slot);
  }
}
