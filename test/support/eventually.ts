/**
 * Waits for what is seen from outside only: what a server lists, what a process holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** No measure of anything: only so long that a busy machine does not take it, and a test does not wait for ever. */
const PATIENCE_MS = 20_000;

/**
 * Repeats `check` until it passes; its last failure is thrown when time is over.
 *
 * A check by `assert.ok` needs a message: without one Node 20 reads the source again each time it fails, for seconds.
 *
 * @returns what the check returns
 */
export async function eventually<T>(check: () => Promise<T> | T, ms = PATIENCE_MS): Promise<T> {
  const until = Date.now() + ms; // tests may stop the other clock
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= until) throw error;
      await sleep(10);
    }
  }
}
