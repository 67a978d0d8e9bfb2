/**
 * An address that swallows connection attempts, as a host behind a firewall does: no answer, no refusal.
 *
 * The kernel drops attempts when the queue of those not yet accepted is full. A thread that listens and then
 * stands still, and a few connections that fill its queue, do that without any right on the firewall.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface BlackHole {
  close(): Promise<void>;
}

/** One more than fits; the kernel's queue holds one more than is asked for. */
const FILLERS = 4;

/** JavaScript, because a thread does not know how to read anything else by itself. */
const STANDING_STILL = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer((socket) => socket.destroy());
server.listen({ host: workerData.host, port: workerData.port, backlog: 1 }, () => {
  parentPort.postMessage('listening');
  // The message has to leave first.
  setImmediate(() => {
    Atomics.wait(new Int32Array(workerData.gate), 0, 0);
    server.close(() => process.exit(0));
  });
});
`;

export async function blackHole(address: {
  readonly host: string;
  readonly port: number;
}): Promise<BlackHole> {
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(STANDING_STILL, { eval: true, execArgv: [], workerData: { ...address, gate } });
  const exited = once(worker, 'exit');
  await once(worker, 'message');
  const fillers: Socket[] = Array.from({ length: FILLERS }, () => connect(address).on('error', () => {}));
  // Those that fit are connected at once; the last one is not, and that is the sign.
  await Promise.race([once(fillers[0]!, 'connect'), exited]);
  return {
    async close() {
      for (const filler of fillers) filler.destroy();
      const stop = new Int32Array(gate);
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      await exited;
    },
  };
}
