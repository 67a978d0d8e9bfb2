/**
 * Waiting for a replica, whatever the server's words for it.
 */
import type { DatabaseServer } from './server-process.ts';

export interface ReplicationWords {
  /** The position up to which the source has written, as `position`. */
  readonly written: string;
  /** Waits up to 30 s for a position; `missed` is 0 when it was reached. */
  readonly wait: string;
  readonly status: string;
}

/** Resolves when the replica has executed all that the source has written so far; throws with why it has not. */
export async function waitForReplica(
  source: DatabaseServer,
  replica: DatabaseServer,
  { status, wait, written }: ReplicationWords,
): Promise<void> {
  const [at] = await source.query(written);
  const [waited] = await replica.query(wait, [String(at?.['position'])]);
  if (waited?.['missed'] === 0) return;
  const [row] = await replica.query(status);
  throw new Error(`does not follow: ${row?.['Last_IO_Error'] || row?.['Last_SQL_Error'] || 'too slow'}`);
}
