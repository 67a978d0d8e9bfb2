/**
 * A client that gives up. One that ends its side right behind its request wants the answer, and cannot be told apart but by
 * the time: src/http/clients.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than what counts as right behind the request. */
const WAITED_MS = 50;

/** Ends the request of this signal. */
export async function hangUp(request: AbortController): Promise<void> {
  await sleep(WAITED_MS);
  request.abort();
}
