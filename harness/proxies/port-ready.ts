/**
 * Waits until a child process listens on a port of 127.0.0.1.
 */
import { connect } from 'node:net';
import { type Child, untilReady } from '../children.ts';

const READY_MS = 30_000;
const POLL_MS = 20;

/** Resolves when `port` takes a connection. An Error carries the end of the child's log. */
export async function portReady(child: Child, port: number, log: string): Promise<void> {
  const isReady = () => takesConnections(port);
  await untilReady(child, log, {
    isReady,
    otherwise: `port ${port} was closed`,
    mostMs: READY_MS,
    pollMs: POLL_MS,
  });
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
