/**
 * How long the machine itself stood still during a run: a thread that only sleeps and looks at the clock.
 *
 * It forgives nothing. Who reads of timeouts everywhere at one moment can tell a paused machine from a paused exporter.
 */
import { Worker } from 'node:worker_threads';

export interface Pulse {
  /** The longest pause so far, and when it ended. */
  readonly worst: { readonly ms: number; readonly at: Date };
  stop(): Promise<void>;
}

/** JavaScript, because a thread does not know how to read anything else by itself. */
const BEATING = `
const { workerData } = require('node:worker_threads');
const gate = new Int32Array(new SharedArrayBuffer(4));
const worst = new Float64Array(workerData);
for (;;) {
  const before = performance.now();
  Atomics.wait(gate, 0, 0, 10);
  const pause = performance.now() - before - 10;
  if (pause > worst[0]) {
    worst[0] = pause;
    worst[1] = Date.now();
  }
}
`;

export function startPulse(): Pulse {
  const shared = new SharedArrayBuffer(16);
  const worst = new Float64Array(shared);
  const worker = new Worker(BEATING, { eval: true, execArgv: [], workerData: shared });
  worker.unref();
  return {
    get worst() {
      return { ms: worst[0] ?? 0, at: new Date(worst[1] ?? 0) };
    },
    async stop() {
      await worker.terminate();
    },
  };
}
