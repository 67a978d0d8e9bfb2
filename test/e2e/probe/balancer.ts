/**
 * A TCP proxy of the test: hands each new connection to the server that the test says, as a balancer does, and may
 * greet in its own words.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { framed } from '../../support/scripted-server.ts';

export interface Balancer {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Where each connection went, in the order of their coming. */
  readonly chosen: readonly number[];
}

/** What a proxy changes in the greeting of the server behind it. */
export interface OwnGreeting {
  readonly version?: string;
  readonly threadId?: number;
}

/** @param choose the port of the server on 127.0.0.1 for the n-th connection, which begins with 0 */
export async function balancer(
  t: TestContext,
  choose: (n: number) => number,
  greeting?: OwnGreeting,
): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const chosen: number[] = [];
  const server = createServer((client) => {
    const port = choose(chosen.length);
    chosen.push(port);
    const behind = connect({ host: '127.0.0.1', port });
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    }
    client.once('close', () => behind.destroy());
    behind.once('close', () => client.destroy());
    client.pipe(behind);
    if (greeting === undefined) behind.pipe(client);
    else
      behind.once('data', (first) => {
        client.write(greetingAs(first, greeting));
        behind.pipe(client);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, chosen };
}

/** The payload: a protocol byte, the version with a zero behind it, four bytes of id, and the rest. */
function greetingAs(packet: Buffer, { threadId, version }: OwnGreeting): Buffer {
  const payload = packet.subarray(4);
  const end = payload.indexOf(0, 1);
  const id = Buffer.from(payload.subarray(end + 1, end + 5));
  if (threadId !== undefined) id.writeUInt32LE(threadId);
  const words = version === undefined ? payload.subarray(1, end) : Buffer.from(version);
  return framed(
    Buffer.concat([payload.subarray(0, 1), words, Buffer.of(0), id, payload.subarray(end + 5)]),
    0,
  );
}
