/**
 * The pool against dead, full, slow and refusing servers: what a waiter gets, when, and how many connections
 * the server sees.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../../../../src/deadline.ts';
import { INTRODUCTION_SQL } from '../../../../src/mysql/connect/identity.ts';
import type { Login } from '../../../../src/mysql/connect/login.ts';
import { createResolver } from '../../../../src/mysql/connect/resolver.ts';
import { stopClock } from '../../../support/clock.ts';
import { nameServer } from '../../../support/dns-server.ts';
import { eventually } from '../../../support/eventually.ts';
import { Held } from '../../../support/held.ts';
import {
  ask,
  closedDownTo,
  hangUntilKilled,
  LOGIN,
  openSockets,
  PATIENCE_MS,
  play,
  poolOf,
  seen,
} from '../../../support/mysql.ts';
import {
  answering,
  err,
  greeting,
  introductionOf,
  letIn,
  ok,
  type Peer,
  result,
  type Script,
  type ScriptedServer,
  silence,
} from '../../../support/scripted-server.ts';

const ONE = result(['one'], [['1']]);
const healthy = answering((peer) => peer.send(...ONE));

const refusing = (errno: number, sqlState: string): Script => {
  return async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(err(errno, 'no', sqlState));
    await peer.gone;
  };
};

/** The n-th connection plays the n-th script, the last one all that follow. */
function inTurn(...scripts: readonly Script[]): Script {
  let n = 0;
  return (peer) => scripts[Math.min(n++, scripts.length - 1)]?.(peer);
}

test('eight queries on a silent host cost one connection and one connect timeout', async (t) => {
  const clock = stopClock(t);
  const server = await play(t, silence);
  const pool = poolOf(t, server, { maxConnections: 3, connectTimeoutMs: 300 });
  const asked = Promise.all(Array.from({ length: 8 }, () => ask(pool, 'SELECT 1', 5_000)));
  await eventually(() => assert.equal(server.open, 1));
  clock.forward(300);
  assert.deepEqual((await asked).map(seen), Array(8).fill('connect_timeout'));
  assert.equal(server.peers.length, 1);
  assert.deepEqual(pool.stats, { idle: 0, lent: 0, opening: 0, waiting: 0 });
});

test('eight queries on a refusing host cost one connection', async (t) => {
  const server = await play(t, refusing(1040, '08004'));
  const pool = poolOf(t, server, { maxConnections: 3 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(pool, 'SELECT 1')));
  assert.deepEqual(answers.map(seen), Array(8).fill('refused'));
  assert.equal(server.peers.length, 1);
});

test('a dead host is tried anew by the next probe', async (t) => {
  const clock = stopClock(t);
  const server = await play(t, inTurn(silence, healthy));
  const pool = poolOf(t, server, { connectTimeoutMs: 100 });
  const asked = ask(pool, 'SELECT 1');
  await eventually(() => assert.equal(server.open, 1));
  clock.forward(100);
  assert.equal(seen(await asked), 'connect_timeout');
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
});

test('who stops waiting leaves nothing behind: the connection serves the next', async (t) => {
  const clock = stopClock(t);
  let letInNow = () => {};
  const server = await play(t, async (peer) => {
    await new Promise<void>((resolve) => {
      letInNow = resolve;
    });
    await healthy(peer);
  });
  const pool = poolOf(t, server, { connectTimeoutMs: 2_000 });
  const asked = ask(pool, 'SELECT 1', 50);
  await eventually(() => assert.equal(server.open, 1));
  clock.forward(50);
  assert.equal(seen(await asked), 'connect_timeout');
  assert.deepEqual(pool.stats, { idle: 0, lent: 0, opening: 1, waiting: 0 });
  letInNow();
  await eventually(() => assert.equal(pool.stats.idle, 1));
  assert.deepEqual(pool.stats, { idle: 1, lent: 0, opening: 0, waiting: 0 });
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  assert.equal(server.peers.length, 1);
});

test('who is canceled while waiting is told so', async (t) => {
  const server = await play(t, silence);
  const pool = poolOf(t, server, { connectTimeoutMs: 200 });
  using until = Deadline.after(5_000);
  const waiting = pool.acquire(until);
  until.cancel();
  const acquired = await waiting;
  assert.equal(acquired.ok ? 'lent' : acquired.reason, 'canceled');
  assert.equal(pool.stats.waiting, 0);
});

test('whose time was over before asking gets no connection of the next', async (t) => {
  const server = await play(t, silence);
  const pool = poolOf(t, server, { connectTimeoutMs: 200 });
  using until = Deadline.after(5_000);
  until.cancel();
  const acquired = await pool.acquire(until);
  assert.equal(acquired.ok ? 'lent' : acquired.reason, 'canceled');
  assert.equal(pool.stats.waiting, 0);
});

const deaths: readonly { readonly name: string; readonly die: (peer: Peer) => void }[] = [
  { name: 'closed', die: (peer) => peer.cut() },
  { name: 'reset', die: (peer) => peer.reset() },
];
for (const { name, die } of deaths) {
  test(`an idle connection that was ${name} is replaced within the same query`, async (t) => {
    stopClock(t); // how soon after the question the end arrives tells that it was dead before
    const server = await play(t, healthy);
    const pool = poolOf(t, server);
    assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
    die(server.peers[0] as Peer);
    await eventually(() => assert.equal(server.open, 0));
    assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
    assert.equal(server.peers.length, 2);
  });

  test(`connections that are ${name} when the next statement arrives are all replaced within it`, async (t) => {
    stopClock(t);
    // Unnoticed until then, as behind a firewall that forgot them.
    const dying = answering((peer, sql) => (sql === 'SELECT 2' ? die(peer) : peer.send(...ONE)));
    const reliable = answering((peer) => peer.send(...ONE));
    const server = await play(t, inTurn(dying, dying, reliable));
    const pool = poolOf(t, server, { maxConnections: 2 });
    await Promise.all([ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1')]);
    await eventually(() => assert.equal(pool.stats.idle, 2));
    assert.equal(server.peers.length, 2);
    assert.deepEqual(seen(await ask(pool, 'SELECT 2')), [['1']]);
    assert.deepEqual(pool.stats, { idle: 1, lent: 0, opening: 0, waiting: 0 });
  });
}

test('a fresh connection that dies under its first statement is no reason to try for ever', async (t) => {
  const server = await play(
    t,
    answering((peer) => peer.cut()),
  );
  const pool = poolOf(t, server);
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'lost');
  assert.equal(server.peers.length, 1); // and none was opened to kill what is dead
});

test('while one connection works, waiters use it when the server refuses a second', async (t) => {
  stopClock(t);
  const slow = answering(async (peer) => {
    await delay(30);
    peer.send(...ONE);
  });
  const server = await play(t, inTurn(slow, refusing(1226, '42000')));
  const pool = poolOf(t, server, { maxConnections: 3 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(pool, 'SELECT 1')));
  assert.deepEqual(answers.map(seen), Array(6).fill([['1']]));
  assert.ok(server.peers.length <= 3, `${server.peers.length} connections`);
  await eventually(() => assert.equal(pool.stats.opening, 0));
  const tried = server.peers.length;
  await Promise.all(Array.from({ length: 6 }, () => ask(pool, 'SELECT 1')));
  assert.equal(server.peers.length, tried); // left alone for a while
});

test('while one connection works, waiters use it when the host is silent on a second', async (t) => {
  const clock = stopClock(t);
  const server = await play(t, inTurn(healthy, silence));
  const pool = poolOf(t, server, { maxConnections: 2, connectTimeoutMs: 500 });
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask(pool, 'SELECT 1')));
  assert.deepEqual(answers.map(seen), Array(4).fill([['1']]));
  assert.equal(clock.passed, 0); // and none has waited for the silent one
});

test('another connection is opened for who has waited for a while, and not for who was served in time', async (t) => {
  const clock = stopClock(t);
  const held: (() => void)[] = [];
  const server = await play(
    t,
    answering(async (peer) => {
      await new Promise<void>((resolve) => held.push(resolve));
      peer.send(...ONE);
    }),
  );
  const pool = poolOf(t, server, { maxConnections: 3, growAfterMs: 20 });
  const first = [1, 2].map(() => ask(pool, 'SELECT 1'));
  await eventually(() => assert.equal(held.length, 1));
  clock.forward(19);
  held.shift()?.();
  await eventually(() => assert.equal(held.length, 1)); // the second, on the same connection
  const third = ask(pool, 'SELECT 1');
  clock.forward(19);
  assert.equal(server.peers.length, 1);
  clock.forward(1);
  await eventually(() => assert.equal(held.length, 2));
  assert.equal(server.peers.length, 2);
  for (const answer of held) answer();
  assert.deepEqual((await Promise.all([...first, third])).map(seen), Array(3).fill([['1']]));
});

test('who waits while all connections are busy gets queue as the reason', async (t) => {
  const clock = stopClock(t);
  const held = new Held();
  const server = await play(
    t,
    answering(async (peer) => {
      await held.wait();
      peer.send(...ONE);
    }),
  );
  const pool = poolOf(t, server);
  const [slow, queued] = [ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1', 200)];
  await eventually(() => assert.equal(held.count, 1));
  clock.forward(200);
  assert.equal(seen(await queued), 'queue');
  held.release();
  assert.deepEqual(seen(await slow), [['1']]);
});

test('who waits while a hung connection is being killed gets queue as the reason', async (t) => {
  const clock = stopClock(t);
  const server = await play(
    t,
    answering((peer) => silence(peer)),
  );
  const pool = poolOf(t, server);
  const hung = ask(pool, 'SELECT 1', 100);
  await eventually(() => assert.ok(wasAsked(server, 'SELECT 1'), 'it was not asked'));
  clock.forward(100);
  assert.equal(seen(await hung), 'timeout');
  const waiting = ask(pool, 'SELECT 1', 200);
  clock.forward(200);
  assert.equal(seen(await waiting), 'queue');
});

test('a refused login backs off: no connection until the password changes, which is tried at once', async (t) => {
  const server = await play(t, refusing(1045, '28000'));
  let login: Login = LOGIN;
  const pool = poolOf(t, server, { login: async () => ({ ok: true, ...login }) });
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'auth');
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'backoff');
  assert.equal(server.peers.length, 1);

  server.play(healthy);
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'backoff');
  login = { ...LOGIN, password: 'another' };
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  assert.equal(server.peers.length, 2);
});

test('a login that is refused while another connection works is auth to the first that has none', async (t) => {
  const server = await play(t, inTurn(healthy, refusing(3118, 'HY000')));
  const pool = poolOf(t, server, { maxConnections: 2 });
  const both = await Promise.all([ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1')]);
  assert.deepEqual(both.map(seen), [[['1']], [['1']]]);
  await eventually(() => assert.equal(pool.stats.opening, 0));
  server.peers[0]?.reset();
  await server.peers[0]?.gone;
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'auth');
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'backoff');
  assert.equal(server.peers.length, 2);
});

for (const ms of [100, 300]) {
  test(`who waits ${ms} ms for a name that takes all of a connect timeout of 300 ms gets dns`, async (t) => {
    const { address } = await nameServer(t, {}, 'silent');
    const pool = poolOf(
      t,
      { host: 'db.example', port: 3306 },
      { connectTimeoutMs: 300, resolve: createResolver({ servers: [address] }) },
    );
    assert.equal(seen(await ask(pool, 'SELECT 1', ms)), 'dns');
  });
}

test('a login that cannot be read is auth, without a connection', async (t) => {
  const server = await play(t, healthy);
  const pool = poolOf(t, server, {
    login: async () => ({ ok: false, reason: 'auth', detail: 'the password file cannot be read' }),
  });
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'auth');
  assert.equal(server.peers.length, 0);
});

test('never more connections than allowed, and all of those under load', async (t) => {
  const held = new Held();
  const server = await play(
    t,
    answering(async (peer) => {
      await held.wait();
      peer.send(...ONE);
    }),
  );
  const pool = poolOf(t, server, { maxConnections: 3 });
  const asked = Array.from({ length: 60 }, () => ask(pool, 'SELECT 1'));
  await eventually(() => assert.equal(held.count, 3));
  held.release();
  assert.deepEqual((await Promise.all(asked)).map(seen), Array(60).fill([['1']]));
  assert.equal(server.peak, 3);
  assert.equal(server.peers.length, 3);
});

test('hung connections count until they are gone; only the one that kills comes on top', async (t) => {
  const clock = stopClock(t);
  const server = await play(
    t,
    answering((peer, sql) => (sql === 'SELECT hang' ? hangUntilKilled(peer) : peer.send(...ONE))),
  );
  const pool = poolOf(t, server, { maxConnections: 2 });
  const hung = Array.from({ length: 2 }, () => ask(pool, 'SELECT hang', 200));
  const others = Array.from({ length: 6 }, () => ask(pool, 'SELECT 1'));
  await eventually(() => {
    const hanging = server.peers.filter((peer) => peer.asked.includes('SELECT hang'));
    assert.equal(hanging.length, 2);
  });
  clock.forward(200);
  assert.deepEqual((await Promise.all(hung)).map(seen), ['timeout', 'timeout']);
  assert.deepEqual((await Promise.all(others)).map(seen), Array(6).fill([['1']]));
  assert.ok(server.peak <= 3, `${server.peak} connections at once`);
  const kills = server.peers.flatMap((peer) => peer.asked.filter((sql) => sql.startsWith('KILL QUERY')));
  assert.deepEqual(kills.sort(), ['KILL QUERY 1', 'KILL QUERY 2']);
});

test('a KILL that the server forgot is repeated until the statement ends', async (t) => {
  let kills = 0;
  const forgetful = async (peer: Peer) => {
    await new Promise<void>((resolve) => {
      peer.whenKilled = () => {
        if (++kills === 3) resolve();
      };
    });
    peer.send(err(1317, 'Query execution was interrupted', '70100'));
  };
  const server = await play(
    t,
    answering((peer, sql) => (sql === 'SELECT hang' ? forgetful(peer) : peer.send(...ONE))),
  );
  const pool = poolOf(t, server);
  assert.equal(seen(await ask(pool, 'SELECT hang', 200)), 'timeout');
  await eventually(() => assert.equal(kills, 3));
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  assert.equal(kills, 3);
});

test('a hung host leaves no socket, waiter or connection behind', async (t) => {
  const clock = stopClock(t);
  const before = await openSockets();
  const hanging = answering((peer, sql) => (sql === 'SELECT hang' ? silence(peer) : peer.send(...ONE)));
  const server = await play(t, inTurn(hanging, silence));
  const pool = poolOf(t, server, { connectTimeoutMs: 200 });
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  const hung = ask(pool, 'SELECT hang', 150);
  await eventually(() => assert.ok(wasAsked(server, 'SELECT hang'), 'it was not asked'));
  const reasons = [];
  for (const asked of [hung, ask(pool, 'SELECT 1', 300), ask(pool, 'SELECT 1', 450)]) {
    clock.forward(150);
    reasons.push(seen(await asked));
  }
  assert.deepEqual(reasons, ['timeout', 'queue', 'queue']);
  await clock.during(pool.close());
  assert.deepEqual(pool.stats, { idle: 0, lent: 0, opening: 0, waiting: 0 });
  await eventually(() => assert.equal(server.open, 0));
  await closedDownTo(before + 1);
});

test('what nobody uses is closed with a goodbye, what was used since is kept', async (t) => {
  const server = await play(
    t,
    answering(async (peer) => {
      await delay(20);
      peer.send(...ONE);
    }),
  );
  const pool = poolOf(t, server, { maxConnections: 2 });
  await Promise.all([ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1'), ask(pool, 'SELECT 1')]);
  await eventually(() => assert.equal(pool.stats.idle, 2));
  const between = performance.now();
  await ask(pool, 'SELECT 1');
  pool.reap(between);
  assert.equal(pool.stats.idle, 1);
  await eventually(() => assert.equal(server.open, 1));
  assert.deepEqual(server.peers.filter((peer) => peer.saidGoodbye).length, 1);
});

test('close says goodbye to idle connections and turns waiters away', async (t) => {
  const server = await play(
    t,
    answering((peer, sql) => (sql === 'SELECT hang' ? silence(peer) : peer.send(...ONE))),
  );
  const pool = poolOf(t, server, { maxConnections: 2 });
  const hanging = ask(pool, 'SELECT hang');
  await eventually(() => assert.ok(wasAsked(server, 'SELECT hang'), 'it was not asked'));
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  using until = Deadline.after(PATIENCE_MS);
  const lent = await pool.acquire(until);
  assert.ok(lent.ok);
  const waiting = pool.acquire(until);
  const closed = pool.close();
  for (const acquired of [await waiting, await pool.acquire(until)]) {
    assert.equal(acquired.ok ? 'lent' : acquired.reason, 'canceled');
  }
  await closed;
  assert.equal(server.open, 2); // the lent ones end when they come back
  lent.lease[Symbol.dispose]();
  await eventually(() => assert.equal(server.open, 1));
  assert.ok(server.peers.some((peer) => peer.saidGoodbye));
  server.peers.find((peer) => peer.asked.includes('SELECT hang'))?.cut();
  assert.equal(seen(await hanging), 'lost');
});

test('close ends in time although connections hang', async (t) => {
  const clock = stopClock(t);
  const deafToGoodbye: Script = async (peer) => {
    await letIn(peer);
    for (;;) {
      const sql = (await peer.packet()).toString('latin1', 1);
      peer.asked.push(sql);
      if (sql.startsWith('SET ')) peer.send(ok());
      else if (sql === INTRODUCTION_SQL) peer.send(...introductionOf(peer.number, peer.version));
      else if (sql === 'SELECT 1') peer.send(...ONE);
    }
  };
  const server = await play(t, deafToGoodbye);
  const pool = poolOf(t, server, { maxConnections: 3 });
  await Promise.all(Array.from({ length: 3 }, () => ask(pool, 'SELECT 1')));
  const hung = ask(pool, 'SELECT hang', 100);
  await eventually(() => assert.ok(wasAsked(server, 'SELECT hang'), 'it was not asked'));
  clock.forward(100);
  assert.equal(seen(await hung), 'timeout');
  await clock.during(pool.close());
  assert.ok(clock.passed < 2_500, `took ${clock.passed} ms`);
  await eventually(() => assert.equal(server.open, 0));
});

test('close ends a connection that is being opened', async (t) => {
  const held = new Held();
  const server = await play(t, async (peer) => {
    await held.wait();
    await healthy(peer);
  });
  const pool = poolOf(t, server);
  const asked = ask(pool, 'SELECT 1');
  await eventually(() => assert.equal(held.count, 1));
  const closed = pool.close();
  assert.equal(seen(await asked), 'canceled');
  held.release();
  await closed;
  await eventually(() => assert.equal(server.open, 0));
  assert.equal(server.peers[0]?.saidGoodbye, true);
});

test('an attempt that failed when nobody waited any more does not keep the pool small', async (t) => {
  const clock = stopClock(t);
  const server = await play(t, silence);
  const pool = poolOf(t, server, { maxConnections: 3, connectTimeoutMs: 300 });
  const asked = ask(pool, 'SELECT 1', 100);
  await eventually(() => assert.equal(server.open, 1));
  clock.forward(100);
  assert.equal(seen(await asked), 'connect_timeout');
  clock.forward(200);
  await eventually(() => assert.equal(pool.stats.opening, 0));
  const held = new Held();
  server.play(
    answering(async (peer) => {
      await held.wait();
      peer.send(...ONE);
    }),
  );
  const all = [1, 2, 3].map(() => ask(pool, 'SELECT 1'));
  await eventually(() => assert.equal(held.count, 3));
  held.release();
  assert.deepEqual((await Promise.all(all)).map(seen), [[['1']], [['1']], [['1']]]);
  assert.equal(server.peers.length, 4);
});

/** Whether any connection was asked this. */
function wasAsked(server: ScriptedServer, sql: string): boolean {
  return server.peers.some((peer) => peer.asked.includes(sql));
}
