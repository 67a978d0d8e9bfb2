/** Clients that never read, never end, or are too many: what each costs the server, and that others go on. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientLimit, Clients, type ClientsOptions } from '../../../src/http/clients.ts';
import { stopClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';

/** More than the buffers of both kernels take. */
const LARGE = 16 << 20;

interface Exchange {
  readonly path: string;
  readonly response: ServerResponse;
}

interface Served {
  readonly clients: Clients;
  readonly port: number;
  /** Requests that the handler has got, answered or not. */
  readonly exchanges: Exchange[];
  readonly refused: ClientLimit[];
}

/** `/now` is answered at once, `/large` with many bytes, any other path when the test says. */
async function serve(t: TestContext, limits: Partial<ClientsOptions> = {}): Promise<Served> {
  const exchanges: Exchange[] = [];
  const refused: ClientLimit[] = [];
  const clients = new Clients({
    maxClients: 100,
    maxUnreadBytes: 1 << 30,
    refused: (limit) => refused.push(limit),
    receiveMs: 60_000,
    stallMs: 60_000,
    idleMs: 60_000,
    ...limits,
  });
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    exchanges.push({ path, response });
    if (path === '/now') answer(clients, request, response, 'now');
    if (path === '/large') answer(clients, request, response, 'x'.repeat(LARGE));
  };
  const server: Server = clients.createServer({}, handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { clients, port: (server.address() as AddressInfo).port, exchanges, refused };
}

function answer(clients: Clients, request: IncomingMessage, response: ServerResponse, text: string): void {
  clients.writing(request, text.length);
  response.end(text);
}

interface Client {
  readonly socket: Socket;
  readonly received: () => string;
  readonly isClosed: () => boolean;
}

function client(t: TestContext, port: number, ...paths: readonly string[]): Client {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  t.after(() => socket.destroy());
  let received = '';
  let isClosed = false;
  socket.once('end', () => {
    isClosed = true;
  });
  socket.once('close', () => {
    isClosed = true;
  });
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  return { socket, received: () => received, isClosed: () => isClosed };
}

/** A client that takes nothing of its answer. */
function unread(t: TestContext, port: number, ...paths: readonly string[]): Client {
  const one = client(t, port, ...paths);
  one.socket.pause();
  return one;
}

test('requests that are sent ahead wait for the answers before them, and come in their order', async (t) => {
  const { exchanges, port } = await serve(t);
  const { received } = client(t, port, '/a', '/b', '/c');
  for (const [i, path] of ['/a', '/b', '/c'].entries()) {
    await eventually(() => assert.equal(exchanges.length, i + 1));
    assert.equal(exchanges[i]?.path, path);
    exchanges[i]?.response.end(path);
  }
  await eventually(() => assert.match(received(), /\/a.*\/b.*\/c$/s));
});

test('a client that sends many requests ahead is closed', async (t) => {
  const { clients, exchanges, port } = await serve(t);
  const { isClosed } = client(t, port, ...Array.from({ length: 50 }, () => '/large'));
  await eventually(() => assert.ok(isClosed()));
  assert.equal(clients.size, 0);
  assert.ok(exchanges.length <= 1, `${exchanges.length} were answered`);
  assert.equal(clients.unreadBytes, 0);
});

test('more requests at once than anybody sends ahead are not even parsed', async (t) => {
  const { clients, port } = await serve(t);
  let parsed = 0;
  const count = () => parsed++;
  subscribe('http.server.request.start', count);
  t.after(() => unsubscribe('http.server.request.start', count));
  const { isClosed } = client(t, port, ...Array.from({ length: 1_000 }, () => '/now'));
  await eventually(() => assert.ok(isClosed()));
  assert.equal(clients.size, 0);
  assert.ok(parsed <= 9, `${parsed} were parsed`);
});

test('who hangs up takes the requests along that it has sent ahead', async (t) => {
  const { clients, exchanges, port } = await serve(t);
  const { socket } = client(t, port, '/a', '/b');
  await eventually(() => assert.equal(exchanges.length, 1));
  socket.resetAndDestroy();
  await eventually(() => assert.equal(clients.size, 0));
  await sleep(20);
  assert.equal(exchanges.length, 1);
});

test('an answer that nobody takes is given up, and one that is taken has its time', async (t) => {
  const { clients, exchanges, port } = await serve(t, { stallMs: 300 });
  unread(t, port, '/large');
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  await eventually(() => assert.deepEqual([clients.size, clients.unreadBytes], [0, 0]));
  const reader = client(t, port, '/large');
  await eventually(() => assert.ok(reader.received().length > LARGE, 'not whole'));
  await eventually(() => assert.equal(clients.unreadBytes, 0));
  assert.equal(exchanges.at(-1)?.response.writableFinished, true);
  await sleep(500); // its connection is idle, which may last
  assert.equal(clients.size, 1);
});

test('an answer that is never whole is given up, however much of it is taken', async (t) => {
  const clock = stopClock(t);
  const { clients, port } = await serve(t, { stallMs: 30_000 });
  unread(t, port, '/large');
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  clock.forward(30_000 + LARGE / 125 - 1); // all of its time at 1 Mbit/s, whatever it has taken
  await eventually(() => assert.equal(clients.size, 1));
  clock.forward(1);
  await eventually(() => assert.deepEqual([clients.size, clients.unreadBytes], [0, 0]));
});

test('above the bytes of unread answers the oldest is given up, never the new one', async (t) => {
  const { clients, port, refused } = await serve(t, { maxUnreadBytes: 2.5 * LARGE });
  const rogues = [];
  for (let n = 1; n <= 2; n++) {
    rogues.push(unread(t, port, '/large'));
    await eventually(() => assert.equal(clients.unreadBytes, n * LARGE));
  }
  const honest = client(t, port, '/large');
  await eventually(() => assert.ok(honest.received().length > LARGE, 'not whole'));
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  assert.deepEqual(refused, ['unread_bytes']);
  assert.equal(clients.size, 2);
});

test('one answer above that bound is still given', async (t) => {
  const { port, refused } = await serve(t, { maxUnreadBytes: 1 });
  const { received } = client(t, port, '/large');
  await eventually(() => assert.ok(received().length > LARGE, 'not whole'));
  assert.deepEqual(refused, []);
});

test('above the most connections the idlest is closed, never one that waits for its answer', async (t) => {
  const { clients, exchanges, port, refused } = await serve(t, { maxClients: 4 });
  const waits = client(t, port, '/later');
  await eventually(() => assert.equal(exchanges.length, 1));
  const idle: Client[] = [];
  for (let n = 1; n <= 3; n++) {
    idle.push(n === 2 ? client(t, port) : client(t, port, '/now'));
    await eventually(() => assert.equal(clients.size, n + 1));
    await eventually(() =>
      assert.ok(n === 2 || (idle[n - 1]?.received() ?? '').endsWith('now'), 'no answer'),
    );
  }
  idle[0]?.socket.write('GET /now HTTP/1.1\r\nHost: x\r\n\r\n'); // is the idlest no more
  await eventually(() => assert.match(idle[0]?.received() ?? '', /now.*now$/s));
  const late = client(t, port, '/now');
  await eventually(() => assert.ok(late.received().endsWith('now'), 'no answer'));
  await eventually(() =>
    assert.deepEqual(
      idle.map(({ isClosed }) => isClosed()),
      [false, true, false],
    ),
  );
  assert.deepEqual([clients.size, refused], [4, ['clients']]);
  exchanges[0]?.response.end('later');
  await eventually(() => assert.ok(waits.received().endsWith('later'), 'no answer'));
});

test('when all connections wait for answers a new one is refused, and they get theirs', async (t) => {
  const { clients, exchanges, port, refused } = await serve(t, { maxClients: 2 });
  const waiting = [client(t, port, '/later'), client(t, port, '/later')];
  await eventually(() => assert.equal(exchanges.length, 2));
  const late = client(t, port, '/now');
  await eventually(() => assert.ok(late.isClosed(), 'is open'));
  assert.deepEqual([clients.size, refused, late.received()], [2, ['clients'], '']);
  for (const { response } of exchanges) response.end('later');
  for (const { received } of waiting)
    await eventually(() => assert.ok(received().endsWith('later'), 'no answer'));
});

test('a client that ends its side behind its request gets the answer, and is closed', async (t) => {
  const { clients, exchanges, port } = await serve(t);
  const { received, socket } = client(t, port, '/later');
  socket.end();
  await eventually(() => assert.equal(exchanges.length, 1));
  await sleep(100);
  exchanges[0]?.response.end('late answer');
  await eventually(() => assert.ok(received().endsWith('late answer'), 'no answer'));
  await eventually(() => assert.equal(clients.size, 0));
});

test('a client that ends while it waits has hung up', async (t) => {
  const { clients, exchanges, port } = await serve(t);
  const { socket } = client(t, port, '/later');
  await eventually(() => assert.equal(exchanges.length, 1));
  await sleep(100);
  socket.end();
  await eventually(() => assert.equal(clients.size, 0));
  assert.equal(exchanges[0]?.response.destroyed, true);
});

test('a client that ends its side while it reads gets the rest', async (t) => {
  const { exchanges, port } = await serve(t);
  const { received, socket } = unread(t, port, '/large');
  await eventually(() => assert.equal(exchanges.length, 1));
  await sleep(100);
  socket.end();
  socket.resume();
  await eventually(() => assert.ok(received().length > LARGE, 'not whole'));
});

for (const [kind, header] of [
  ['length', 'Content-Length: 100'],
  ['chunks', 'Transfer-Encoding: chunked'],
])
  test(`an answered request whose body never ends is closed (${kind})`, async (t) => {
    const { clients, port } = await serve(t, { receiveMs: 300 });
    const { received, socket } = client(t, port);
    socket.write(`GET /now HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
    await eventually(() => assert.ok(received().endsWith('now'), 'no answer'));
    await eventually(() => assert.equal(clients.size, 0));
    assert.equal(received().match(/HTTP/g)?.length, 1);
  });

test('requests that were sent ahead are answered in order, each in a turn of its own', async (t) => {
  const { exchanges, port } = await serve(t);
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  count();
  const turns: number[] = [];
  const push = exchanges.push.bind(exchanges);
  exchanges.push = (...all) => {
    turns.push(turn);
    return push(...all);
  };
  client(t, port, ...Array.from({ length: 8 }, () => '/now'));
  await eventually(() => assert.equal(exchanges.length, 8));
  isOver = true;
  assert.equal(new Set(turns).size, 8, `in the turns ${turns.join(', ')}`);
});
