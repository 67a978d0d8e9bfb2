/**
 * Waits until a child process that serves HTTP says that it is ready.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, tail } from './children.ts';

const READY_MS = 60_000;
const POLL_MS = 50;

/** Resolves when `url` answers 200. An Error carries the end of the child's log. */
export async function httpReady(child: Child, url: string, log: string): Promise<void> {
  const giveUp = performance.now() + READY_MS;
  while (!(await answers200(url))) {
    const ended = child.ended();
    if (ended !== undefined) throw new Error(`ended (${ended}) while starting; its log:\n${await tail(log)}`);
    if (performance.now() > giveUp)
      throw new Error(`${url} did not answer 200 for ${READY_MS} ms; the log:\n${await tail(log)}`);
    await Promise.race([delay(POLL_MS), child.exited]);
  }
}

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.text();
    return response.status === 200;
  } catch {
    return false; // not listening yet
  }
}
