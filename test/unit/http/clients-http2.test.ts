/** Clients over HTTP/2 that never read, never end, or are too many: what each costs, and that others go on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import { type ClientLimit, Clients, type ClientsOptions } from '../../../src/http/clients.ts';
import { Handshakes } from '../../../src/http/port/handshakes.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { askOnSession, openSession } from '../../support/port/secure-client.ts';

/** More than the window of a stream, and than the buffers of both kernels. */
const LARGE = 16 << 20;
const authority = await createAuthority();
after(() => authority.remove());
const { cert, key } = await authority.issue('DNS:localhost');

async function serve(
  t: TestContext,
  limits: Partial<ClientsOptions> & { readonly handshakes?: number } = {},
) {
  const refused: ClientLimit[] = [];
  const answers: ServerResponse[] = [];
  const clients = new Clients({
    ...{ maxClients: 100, maxUnreadBytes: 1 << 30, refused: (limit) => refused.push(limit) },
    ...{ receiveMs: 60_000, stallMs: 60_000, idleMs: 60_000 },
    ...limits,
  });
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    answers.push(response);
    const text = request.url === '/large' ? 'x'.repeat(LARGE) : 'now';
    if (request.url === '/later') return;
    clients.writing(request, text.length);
    response.end(text);
  };
  const tls = { context: { cert, key }, clientAuth: 'NoClientCert', allowedSans: undefined } as const;
  const handshakes = new Handshakes({
    ...{ current: () => tls, refresh: () => undefined, http2: true, timeoutMs: 60_000 },
    most: limits.handshakes ?? 10,
    log: createLogger({ level: 'error', format: 'logfmt' }),
  });
  const server = clients.createServer({}, handler, handshakes).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    clients.stop();
  });
  const { port } = server.address() as AddressInfo;
  const session = async () => {
    const opened = await openSession({ port, ca: authority.cert, servername: 'localhost' });
    t.after(() => opened.destroy());
    return opened;
  };
  return { answers, clients, handshakes, port, refused, session };
}

/** A request whose answer nobody takes. */
function unread(session: ClientHttp2Session, path = '/large'): ClientHttp2Stream {
  const stream = session.request({ ':path': path }).on('error', () => {});
  stream.end();
  return stream;
}

test('an answer that nobody takes is given up with its connection, when nothing else gets through', async (t) => {
  const { clients, session } = await serve(t, { stallMs: 300 });
  unread(await session());
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  await eventually(() => assert.deepEqual([clients.size, clients.unreadBytes], [0, 0]));
});

test('beside answers that are taken only the stream is given up', async (t) => {
  const { clients, session } = await serve(t, { stallMs: 300 });
  const one = await session();
  const stream = unread(one);
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  assert.equal((await askOnSession(one, '/now')).text, 'now');
  await eventually(() => assert.equal(stream.rstCode, 8));
  assert.deepEqual([clients.size, clients.unreadBytes], [1, 0]);
  assert.equal((await askOnSession(one, '/large')).text.length, LARGE);
});

test('above the bytes of unread answers the oldest is given up, never the new one', async (t) => {
  const { clients, refused, session } = await serve(t, { maxUnreadBytes: 2.5 * LARGE });
  for (let n = 1; n <= 2; n++) {
    unread(await session());
    await eventually(() => assert.equal(clients.unreadBytes, n * LARGE));
  }
  assert.equal((await askOnSession(await session(), '/large')).text.length, LARGE);
  await eventually(() => assert.equal(clients.unreadBytes, LARGE));
  assert.deepEqual([refused, clients.size], [['unread_bytes'], 2]);
});

test('a reset of a stream ends its answer and nothing else', async (t) => {
  const { answers, clients, session } = await serve(t);
  const one = await session();
  const streams = [unread(one, '/later'), unread(one, '/later')];
  await eventually(() => assert.equal(answers.length, 2));
  const closed: string[] = [];
  for (const [n, answer] of answers.entries()) answer.once('close', () => closed.push(`/later ${n}`));
  streams[0]?.close(8);
  await eventually(() => assert.deepEqual(closed, ['/later 0']));
  assert.equal(clients.size, 1);
  answers[1]?.end('later');
  assert.equal((await askOnSession(one, '/now')).text, 'now');
});

test('a request whose body never ends is closed, answered or not', async (t) => {
  const { answers, clients, session } = await serve(t, { receiveMs: 300 });
  const one = await session();
  const stream = one.request({ ':path': '/later', ':method': 'POST' }).on('error', () => {});
  stream.write('a');
  await eventually(() => assert.equal(answers.length, 1));
  await eventually(() => assert.equal(stream.closed, true));
  assert.equal(clients.size, 1);
});

test('a client is told how many requests it may send at once', async (t) => {
  const { session } = await serve(t);
  const one = await session();
  await askOnSession(one, '/now');
  assert.equal(one.remoteSettings.maxConcurrentStreams, 250);
});

test('above the most connections the idlest is closed, never one that waits for its answer', async (t) => {
  const { answers, clients, refused, session } = await serve(t, { maxClients: 2 });
  const waits = await session();
  const waiting = askOnSession(waits, '/later');
  await eventually(() => assert.equal(answers.length, 1));
  const idle = await session();
  await askOnSession(idle, '/now');
  const late = await session();
  assert.equal((await askOnSession(late, '/now')).text, 'now');
  await eventually(() => assert.equal(idle.destroyed, true));
  assert.deepEqual([refused, clients.size], [['clients'], 2]);
  answers[0]?.end('later');
  assert.equal((await waiting).text, 'later');
});

test('an idle session is ended', async (t) => {
  const { clients, session } = await serve(t, { idleMs: 200 });
  await askOnSession(await session(), '/now');
  await eventually(() => assert.equal(clients.size, 0));
});

test('above the most handshakes the oldest is given up', async (t) => {
  const { clients, handshakes, port, session } = await serve(t, { handshakes: 5 });
  const silent = Array.from({ length: 8 }, () =>
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  await eventually(() => assert.deepEqual([handshakes.underWay, clients.size], [5, 5]));
  assert.equal((await askOnSession(await session(), '/now')).text, 'now');
  assert.equal(handshakes.underWay, 4);
});

test('who hangs up behind the handshake is gone at once', async (t) => {
  const { clients, session } = await serve(t);
  for (let n = 0; n < 5; n++) (await session()).destroy();
  await eventually(() => assert.equal(clients.size, 0));
});
