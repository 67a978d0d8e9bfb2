/**
 * Waits until a child process that serves HTTP says that it is ready.
 */
import { type Child, untilReady } from './children.ts';

const READY_MS = 60_000;
const POLL_MS = 50;

/** Resolves when `url` answers 200. An Error carries the end of the child's log. */
export async function httpReady(child: Child, url: string, log: string): Promise<void> {
  const isReady = () => answers200(url);
  await untilReady(child, log, {
    isReady,
    otherwise: `${url} did not answer 200`,
    mostMs: READY_MS,
    pollMs: POLL_MS,
  });
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
