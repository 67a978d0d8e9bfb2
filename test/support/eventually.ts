/**
 * Waits for what is seen from outside only: what a server lists, what a process holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats `check` until it passes; after `ms` milliseconds its last failure is thrown. */
export async function eventually(ms: number, check: () => Promise<void>): Promise<void> {
  const until = performance.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= until) throw error;
      await sleep(20);
    }
  }
}
