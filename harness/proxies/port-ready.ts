/**
 * Waits until a child process listens on a port of 127.0.0.1.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, tail } from '../children.ts';

const READY_MS = 30_000;
const POLL_MS = 20;

/** Resolves when `port` takes a connection. An Error carries the end of the child's log. */
export async function portReady(child: Child, port: number, log: string): Promise<void> {
  const giveUp = performance.now() + READY_MS;
  while (!(await takesConnections(port))) {
    const ended = child.ended();
    if (ended !== undefined) throw new Error(`ended (${ended}) while starting; its log:\n${await tail(log)}`);
    if (performance.now() > giveUp)
      throw new Error(`port ${port} was closed for ${READY_MS} ms; the log:\n${await tail(log)}`);
    await Promise.race([delay(POLL_MS), child.exited]);
  }
}

async function takesConnections(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
