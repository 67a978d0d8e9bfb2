/**
 * A statement on a real server that goes on until the test lets it end, and not for some time: how long a machine takes
 * to see it running does not matter.
 */
import type { RealServer } from './real-servers.ts';

/** Waits while the lock is held, then answers 1; ends within a minute. Its own lock it gives back at once. */
export const heldStatement = (lock: string): string =>
  `SELECT GET_LOCK('${lock}', 60) + RELEASE_LOCK('${lock}') - 1 AS v`;

export interface Holding extends AsyncDisposable {
  /** Lets all statements of this lock go on. */
  release(): Promise<void>;
}

export async function hold(server: RealServer, lock: string): Promise<Holding> {
  const holder = await server.connect();
  await holder.query('SELECT GET_LOCK(?, 60)', [lock]);
  let isReleased = false;
  const release = async (): Promise<void> => {
    if (isReleased) return;
    isReleased = true;
    await holder.end();
  };
  return { release, [Symbol.asyncDispose]: release };
}
