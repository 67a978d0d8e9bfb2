/**
 * What a probe does, and when: noted for whoever has asked for it with `debug=true`.
 *
 * The trace belongs to an asynchronous context, so nobody hands it on. While no probe is traced, asking for it is a
 * comparison.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { cut } from './visible-text.ts';

export interface TraceEvent {
  /** Since the trace began. */
  readonly ms: number;
  readonly text: string;
}

/** More tells nobody anything, and a server may have us note much. */
const MOST_EVENTS = 2_000;
const MOST_LETTERS = 500;

export class Trace {
  readonly #startedAt = performance.now();
  readonly #events: TraceEvent[] = [];
  #isOver = false;

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  note(text: string): void {
    // A connection that was opened under it may live on.
    if (this.#isOver || this.#events.length >= MOST_EVENTS) return;
    const ms = performance.now() - this.#startedAt;
    this.#events.push({ ms, text: cut(text, MOST_LETTERS) });
  }

  end(): void {
    this.#isOver = true;
  }
}

const storage = new AsyncLocalStorage<Trace>();
/** Traces under way. */
let active = 0;

/** The trace of the probe that this is done for; undefined for nearly all of them. */
export function currentTrace(): Trace | undefined {
  return active === 0 ? undefined : storage.getStore();
}

/** Runs `work` under a trace. */
export async function traced<T>(work: (trace: Trace) => Promise<T>): Promise<T> {
  const trace = new Trace();
  active++;
  try {
    return await storage.run(trace, work, trace);
  } finally {
    trace.end();
    active--;
    // On Node.js 20 and 22 each promise of the process has to be looked at while it is on.
    if (active === 0) storage.disable();
  }
}
