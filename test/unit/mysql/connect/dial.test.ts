/**
 * Everything that can go wrong between the first SYN and a session that is ready, each with its reason, in time
 * and without a socket left behind.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { MysqlReason } from '../../../../src/model/reason.ts';
import type { ResolveHost } from '../../../../src/mysql/connect/resolver.ts';
import { fromConnectError } from '../../../../src/mysql/failure.ts';
import { settle, stopClock } from '../../../support/clock.ts';
import { cpuOf } from '../../../support/cpu-time.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  ask,
  closedDownTo,
  LOGIN,
  open,
  openSockets,
  play,
  poolOf,
  query,
  seen,
} from '../../../support/mysql.ts';
import {
  answering,
  authSwitch,
  CAPABILITY,
  err,
  framed,
  greeting,
  letIn,
  ok,
  type Peer,
  type Script,
  silence,
  USUAL_CAPABILITIES,
} from '../../../support/scripted-server.ts';

/** Longer than anything takes that does not hang. */
const CONNECT_MS = 10_000;
/** Reading some megabytes takes some ten milliseconds. */
const MOST_CPU_MS = 1_000;

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly reason: MysqlReason;
  readonly detail: RegExp;
  /** When only the connect timeout ends it: whether all has happened that will. */
  readonly isStuck?: (peer: Peer) => boolean;
}

const hasConnected = () => true;
const hasLoggedIn = (peer: Peer) => peer.sent(LOGIN.user);

const refusedAtLogin = (errno: number, message: string, sqlState: string): Script => {
  return async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(err(errno, message, sqlState));
    await peer.gone;
  };
};

const cases: readonly Case[] = [
  {
    name: 'accepts and never speaks',
    script: silence,
    reason: 'connect_timeout',
    detail: /greeting/,
    isStuck: hasConnected,
  },
  {
    name: 'drips its greeting',
    script: (peer) => peer.drip(framed(greeting(), 0), 30),
    reason: 'connect_timeout',
    detail: /greeting/,
    isStuck: hasConnected,
  },
  {
    name: 'never answers the login',
    script: async (peer) => {
      peer.send(greeting());
      await silence(peer);
    },
    reason: 'connect_timeout',
    detail: /logging in/,
    isStuck: hasLoggedIn,
  },
  {
    name: 'drips the answer to the login',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      await peer.drip(framed(ok(), 2), 100);
    },
    reason: 'connect_timeout',
    detail: /logging in/,
    isStuck: hasLoggedIn,
  },
  {
    name: 'lets us in and never answers the first SET',
    script: async (peer) => {
      await letIn(peer);
      await silence(peer);
    },
    reason: 'connect_timeout',
    detail: /setting the session up/,
    isStuck: (peer) => peer.sent('SET '),
  },
  {
    name: 'is an SSH server',
    script: (peer) => {
      peer.raw('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n');
      return peer.gone;
    },
    reason: 'lost',
    detail: /not a MySQL or MariaDB server/,
  },
  {
    name: 'is an HTTP server',
    script: (peer) => {
      peer.raw('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      peer.cut();
    },
    reason: 'lost',
    detail: /not a MySQL or MariaDB server/,
  },
  {
    name: 'speaks an older protocol',
    script: (peer) => {
      peer.send(Buffer.concat([Buffer.of(9), greeting().subarray(1)]));
      return peer.gone;
    },
    reason: 'lost',
    detail: /not a MySQL or MariaDB server/,
  },
  {
    name: 'closes at once',
    script: (peer) => peer.cut(),
    reason: 'lost',
    detail: /before its greeting/,
  },
  { name: 'resets at once', script: (peer) => peer.reset(), reason: 'lost', detail: /./ },
  {
    name: 'closes in the middle of its greeting',
    script: (peer) => {
      peer.raw(framed(greeting(), 0).subarray(0, 20));
      peer.cut();
    },
    reason: 'lost',
    detail: /before its greeting/,
  },
  {
    name: 'sends a greeting without an end of the version',
    script: (peer) => {
      peer.send(Buffer.concat([Buffer.of(10), Buffer.alloc(60, 'x')]));
      return peer.gone;
    },
    reason: 'lost',
    detail: /malformed/,
  },
  {
    name: 'sends a greeting that is too long',
    script: (peer) => {
      peer.send(greeting({ version: '8'.repeat(2000) }));
      return peer.gone;
    },
    reason: 'lost',
    detail: /./,
  },
  {
    name: 'says more than its greeting before we answer',
    script: (peer) => {
      peer.raw(Buffer.concat([framed(greeting(), 0), framed(ok(), 2)]));
      return peer.gone;
    },
    reason: 'lost',
    detail: /before its turn/,
  },
  {
    name: 'closes after the login was sent',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.cut();
    },
    reason: 'lost',
    detail: /./,
  },
  {
    name: 'resets after the login was sent',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.reset();
    },
    reason: 'lost',
    detail: /./,
  },
  {
    name: 'answers the login with rubbish',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(Buffer.of(0x42, 0x42));
      await peer.gone;
    },
    reason: 'lost',
    detail: /./,
  },
  {
    name: 'sends a cut off error in place of an answer to the login',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(Buffer.of(0xff));
      await peer.gone;
    },
    reason: 'lost',
    detail: /./,
  },
  {
    name: 'switches to a plugin without a name',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(authSwitch(''));
      await peer.gone;
    },
    reason: 'auth',
    detail: /plugin/,
  },
  {
    name: 'has too many connections (1040 in place of a greeting, without SQLSTATE)',
    script: (peer) => {
      peer.send(err(1040, 'Too many connections', ''));
      peer.cut();
    },
    reason: 'refused',
    detail: /Too many connections \(1040\)/,
  },
  {
    name: 'has too many connections, and numbers that packet 1 as MariaDB does',
    script: (peer) => {
      peer.raw(framed(err(1040, 'Too many connections', '08004'), 1));
      peer.cut();
    },
    reason: 'refused',
    detail: /Too many connections \(1040\)/,
  },
  {
    name: 'has blocked our host (1129 in place of a greeting)',
    script: (peer) => {
      peer.send(err(1129, "Host '10.0.0.1' is blocked", 'HY000'));
      peer.cut();
    },
    reason: 'refused',
    detail: /is blocked \(1129\)/,
  },
  {
    name: 'does not allow our host (1130 in place of a greeting)',
    script: (peer) => {
      peer.send(err(1130, "Host '10.0.0.1' is not allowed to connect", ''));
      peer.cut();
    },
    reason: 'auth',
    detail: /\(1130\)/,
  },
  {
    name: 'has too many connections of our user (1203 at login)',
    script: refusedAtLogin(1203, 'User already has more than max_user_connections', '42000'),
    reason: 'refused',
    detail: /\(1203\)/,
  },
  {
    name: 'has our limit of connections used up (1226 at login)',
    script: refusedAtLogin(1226, "User 'exporter' has exceeded the 'max_user_connections' resource", '42000'),
    reason: 'refused',
    detail: /\(1226\)/,
  },
  {
    name: 'denies the login (1045)',
    script: refusedAtLogin(1045, "Access denied for user 'exporter'", '28000'),
    reason: 'auth',
    detail: /\(1045\)/,
  },
  {
    name: 'refuses the login with a number of its own and SQLSTATE 28000',
    script: refusedAtLogin(9999, 'No', '28000'),
    reason: 'auth',
    detail: /\(9999\)/,
  },
  {
    name: 'wants TLS (3159)',
    script: refusedAtLogin(3159, 'Connections using insecure transport are prohibited', 'HY000'),
    reason: 'tls',
    detail: /insecure transport/,
  },
  {
    name: 'has an expired password for us (1862)',
    script: refusedAtLogin(1862, 'Your password has expired', 'HY000'),
    reason: 'auth',
    detail: /expired/,
  },
];

for (const { name, script, reason, detail, isStuck } of cases)
  test(`a server that ${name}: ${reason}`, async (t) => {
    const clock = isStuck === undefined ? undefined : stopClock(t);
    const before = await openSockets();
    const server = await play(t, script);
    const pool = poolOf(t, server, { connectTimeoutMs: CONNECT_MS });
    let isAnswered = false;
    const asked = ask(pool, 'SELECT 1', CONNECT_MS + 1).finally(() => {
      isAnswered = true;
    });
    if (clock !== undefined && isStuck !== undefined) {
      await eventually(() => assert.ok(server.peers.some(isStuck), 'the server waits for more'));
      await settle();
      clock.forward(CONNECT_MS - 1);
      await settle();
      assert.equal(isAnswered, false);
      clock.forward(1);
    }
    const answer = await asked;
    assert.equal(answer.ok, false);
    assert.equal(answer.reason, reason, answer.detail);
    assert.match(answer.detail, detail);
    await eventually(() => assert.equal(server.open, 0));
    await closedDownTo(before + 1); // one is the listener of the server
  });

test('nobody listens: refused, and not a timeout', async (t) => {
  const port = await closedPort();
  const answer = await open(t, { host: '127.0.0.1', port });
  assert.equal(answer.ok ? 'open' : answer.reason, 'refused');
});

test('nobody listens on any address of a name: the reason is that of the first', async (t) => {
  const port = await closedPort();
  // The second address is of a network that a host without IPv6 cannot even try.
  const answer = await open(t, { host: 'localhost', port });
  assert.equal(answer.ok ? 'open' : answer.reason, 'refused');
});

test('the second address of a name is tried when the first is silent, within the same timeout', async (t) => {
  const clock = stopClock(t);
  const server = await play(
    t,
    answering((peer) => peer.send(ok())),
  );
  const { address: dead, accepted } = await blackHole(t, server.port);
  const both: ResolveHost = async () => ({ ok: true, addresses: [dead, '127.0.0.1'] });
  const pool = poolOf(
    t,
    { host: 'twice.example', port: server.port },
    { resolve: both, connectTimeoutMs: 600 },
  );
  const asked = ask(pool, 'SELECT 1');
  await accepted;
  await settle();
  clock.forward(299);
  await settle();
  assert.equal(server.peers.length, 0);
  clock.forward(1);
  assert.deepEqual(seen(await asked), []);
  assert.equal(clock.passed, 300);
});

test('a name without an end in time is dns, and says so', async (t) => {
  const clock = stopClock(t);
  const never: ResolveHost = () => new Promise(() => {});
  const pool = poolOf(
    t,
    { host: 'silent.example', port: 1 },
    { resolve: never, connectTimeoutMs: CONNECT_MS },
  );
  const asked = ask(pool, 'SELECT 1', CONNECT_MS + 1);
  await settle();
  clock.forward(CONNECT_MS);
  const answer = await asked;
  assert.equal(seen(answer), 'dns');
  assert.match(answer.ok ? '' : answer.detail, /resolving the name/);
});

test('a socket file that is not there is refused', async (t) => {
  const address = { kind: 'unix', path: '/nonexistent/mysqld.sock' } as const;
  const answer = await open(t, { host: 'unused', port: 1 }, { address });
  assert.equal(answer.ok ? 'open' : answer.reason, 'refused');
});

test('a deadline that ends between greeting and login ends the attempt, not the process', async (t) => {
  const clock = stopClock(t);
  const server = await play(t, silence);
  server.play(async (peer) => {
    peer.send(greeting());
    await silence(peer);
  });
  // As slow as a certificate file on a disk that hangs.
  let decide: (() => void) | undefined;
  const pool = poolOf(t, server, {
    connectTimeoutMs: CONNECT_MS,
    spec: {
      tls: {
        decide: () =>
          new Promise((resolve) => {
            decide = () => resolve({ ok: true, upgrade: undefined });
          }),
      },
    },
  });
  const asked = ask(pool, 'SELECT 1', 2 * CONNECT_MS);
  await eventually(() => assert.notEqual(decide, undefined));
  clock.forward(CONNECT_MS);
  decide?.();
  assert.equal(seen(await asked), 'connect_timeout');
  await eventually(() => assert.equal(server.open, 0));
});

test('16 MB packets before the login cost neither memory nor time', async (t) => {
  const filler = Buffer.alloc(1 << 20, 0xee);
  const server = await play(t, async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.raw(Buffer.of(0xff, 0xff, 0xff, 2));
    await peer.pour(filler);
  });
  const pool = poolOf(t, server);
  const memory = process.memoryUsage().rss;
  const { value: answer, cpuMs } = await cpuOf(() => ask(pool, 'SELECT 1'));
  assert.equal(seen(answer), 'lost');
  assert.match(answer.ok ? '' : answer.detail, /more than it is allowed/);
  assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms`);
  const grown = (process.memoryUsage().rss - memory) / (1 << 20);
  assert.ok(grown < 64, `grew by ${grown} MB`);
});

test('endless data in place of a greeting is refused after a few bytes', async (t) => {
  const filler = Buffer.alloc(1 << 16, 10);
  let poured = 0;
  const server = await play(t, async (peer) => {
    poured = await peer.pour(filler);
  });
  const pool = poolOf(t, server);
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'lost');
  await eventually(() => assert.ok(poured > 0, 'the server goes on'));
  assert.ok(poured < 16 << 20, `took ${poured} bytes`); // most of it lies in the kernel's buffers
});

test('a server that offers less than everything is served still', async (t) => {
  const old =
    USUAL_CAPABILITIES & ~CAPABILITY.PLUGIN_AUTH & ~CAPABILITY.DEPRECATE_EOF & ~CAPABILITY.CONNECT_ATTRS;
  const server = await play(
    t,
    answering((peer) => peer.send(ok()), { version: '5.1.73', capabilities: old }),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  assert.deepEqual(seen(await query(opened.connection, 'DO 1')), []);
});

const codes: readonly [string, MysqlReason][] = [
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EMFILE', 'unreachable'],
  ['ETIMEDOUT', 'connect_timeout'],
  ['EPIPE', 'lost'],
];
for (const [code, reason] of codes)
  test(`${code} while connecting is ${reason}`, () => {
    assert.equal(fromConnectError(Object.assign(new Error(code), { code, errno: -1 })).reason, reason);
  });

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An address of our own on which connections are accepted and nothing is ever said. */
async function blackHole(
  t: { after(done: () => unknown): void },
  port: number,
): Promise<{ readonly address: string; readonly accepted: Promise<unknown> }> {
  const server = createServer(() => {}).listen(port, '127.0.0.2');
  await once(server, 'listening');
  t.after(() => {
    server.close();
  });
  return { address: '127.0.0.2', accepted: once(server, 'connection') };
}
