/** The end of the program: the signal that asks for it, and what becomes of the work under way. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../../http/server.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Program } from '../program.ts';
import type { Listening } from './listen.ts';

/** The parts of a stop, in milliseconds; together less than the ten seconds that a service manager waits. */
const FINISH_MS = 5_000;
const CANCEL_MS = 500;
const CLOSE_MS = 2_000;

/** Waits for SIGTERM or SIGINT. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

/** Lets probes finish, cancels those that do not, then closes the connections to the servers. */
export async function stop(
  { app, listening }: { readonly app: Server; readonly listening: Listening },
  { pools, prober }: Program,
  log: Logger,
): Promise<void> {
  const closed = Promise.all([app.close(), listening.close()]);
  await Promise.race([closed, sleep(FINISH_MS)]);
  if (prober.inFlight > 0) {
    log.warn('stopping probes that do not end', { probes: prober.inFlight });
    prober.cancelAll();
  }
  await Promise.race([closed, sleep(CANCEL_MS)]);
  app.server.closeAllConnections();
  await Promise.race([pools.close(), sleep(CLOSE_MS)]);
  log.info('stopped');
}

/**
 * Ends the process. Node.js waits for its threads before it exits, for ever when a file system hangs that one of them
 * reads from; a signal does not wait.
 */
export async function leave(code: number): Promise<void> {
  // A request counts until its callback has returned, and what comes here may be called by the last one.
  await nextTurn();
  const waits = process.getActiveResourcesInfo().some((resource) => /^(?:FSReq|GetAddrInfo)/.test(resource));
  if (!waits) process.exit(code);
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
