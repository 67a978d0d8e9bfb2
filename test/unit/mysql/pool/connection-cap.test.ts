/**
 * The limit of all pools together: who is closed to make room, who waits, who is told what, and that each
 * connection is counted until it is gone.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../../../../src/deadline.ts';
import { INTRODUCTION_SQL } from '../../../../src/mysql/connect/identity.ts';
import { ConnectionCap } from '../../../../src/mysql/pool/connection-cap.ts';
import type { Pool } from '../../../../src/mysql/pool/pool.ts';
import { settle, stopClock } from '../../../support/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { Held } from '../../../support/held.ts';
import {
  ask,
  hangUntilKilled,
  PATIENCE_MS,
  type PoolChanges,
  play,
  poolOf,
  seen,
} from '../../../support/mysql.ts';
import {
  answering,
  introductionOf,
  letIn,
  ok,
  type Peer,
  result,
  type Script,
  silence,
} from '../../../support/scripted-server.ts';

const ONE = result(['one'], [['1']]);
/** Answers at once, but for statements that hold a connection until they are killed, or until the test lets them go. */
const serverOf = (held: Held): Script =>
  answering(async (peer, sql) => {
    if (sql === 'SELECT hang') return await hangUntilKilled(peer);
    if (sql === 'SELECT held') await held.wait();
    peer.send(...ONE);
  });

/** A limit, and pools under it, each with a server of its own. */
async function world(
  t: TestContext,
  max: number,
  count: number,
  scriptOf: (held: Held) => Script = serverOf,
  changes: PoolChanges = {},
) {
  const pools: Pool[] = [];
  const held = new Held();
  let refused = 0;
  const onRefused = () => {
    refused++;
  };
  const cap = new ConnectionCap({ max, holders: () => pools, onRefused });
  const targets = await Promise.all(
    Array.from({ length: count }, async () => {
      const peers = await play(t, scriptOf(held));
      const pool = poolOf(t, peers, { maxConnections: 3, cap, ...changes });
      pools.push(pool);
      return { pool, server: peers };
    }),
  );
  const one = (n: number) => {
    const target = targets[n];
    assert.ok(target !== undefined);
    return target;
  };
  return { cap, held, one, refused: () => refused, all: targets };
}

type World = Awaited<ReturnType<typeof world>>;

/** `n` statements at once, so that the pool of that target grows. */
async function fill({ held, one }: World, target: number, n: number): Promise<void> {
  const asked = Array.from({ length: n }, () => ask(one(target).pool, 'SELECT held'));
  await eventually(() => assert.equal(held.count, n));
  held.release();
  for (const answer of await Promise.all(asked)) assert.deepEqual(seen(answer), [['1']]);
  assert.equal(one(target).pool.stats.idle, n);
}

/** Waits until a target has so many connections at work. */
async function working({ one }: World, target: number, n: number): Promise<void> {
  await eventually(() => assert.equal(one(target).pool.stats.lent, n));
}

/** Waits until a target's server was asked what hangs. */
async function hangingAt({ one }: World, target: number): Promise<void> {
  await eventually(() => {
    const hangs = one(target).server.peers.some(({ asked }) => asked.includes('SELECT hang'));
    assert.ok(hangs, 'it was not asked');
  });
}

const idle = ({ all }: World) => all.map(({ pool }) => pool.stats.idle);

test('below the limit connections persist', async (t) => {
  const w = await world(t, 4, 4);
  for (let round = 0; round < 3; round++)
    for (const { pool } of w.all) assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  assert.deepEqual(
    w.all.map(({ server }) => server.peers.length),
    [1, 1, 1, 1],
  );
  assert.equal(w.cap.used, 4);
  assert.equal(w.refused(), 0);
});

test('at the limit the connection that is longest unused is closed, with a goodbye', async (t) => {
  const w = await world(t, 2, 3);
  for (const n of [0, 1]) await ask(w.one(n).pool, 'SELECT 1');
  await ask(w.one(0).pool, 'SELECT 1');
  assert.deepEqual(seen(await ask(w.one(2).pool, 'SELECT 1')), [['1']]);
  assert.deepEqual(idle(w), [1, 0, 1]);
  assert.deepEqual(
    w.all.map(({ server }) => server.peers.map(({ saidGoodbye }) => saidGoodbye)),
    [[false], [true], [false]],
  );
  assert.deepEqual(seen(await ask(w.one(1).pool, 'SELECT 1')), [['1']]);
  assert.equal(w.cap.used, 2);
  assert.equal(w.refused(), 0);
});

test('who has several gives one up before others lose their only one', async (t) => {
  const w = await world(t, 3, 3);
  await ask(w.one(0).pool, 'SELECT 1'); // the longest unused, and the only one of its target
  await fill(w, 1, 2);
  assert.deepEqual(seen(await ask(w.one(2).pool, 'SELECT 1')), [['1']]);
  assert.deepEqual(idle(w), [1, 1, 1]);
});

test('a second connection never costs another target its only one', async (t) => {
  const w = await world(t, 2, 2);
  for (const n of [0, 1]) await ask(w.one(n).pool, 'SELECT 1');
  const asked = Array.from({ length: 4 }, () => ask(w.one(0).pool, 'SELECT 1'));
  assert.deepEqual((await Promise.all(asked)).map(seen), Array(4).fill([['1']]));
  await settle();
  assert.deepEqual(idle(w), [1, 1]);
  assert.deepEqual(
    w.all.map(({ server }) => server.peers.length),
    [1, 1],
  );
});

test('who has none goes before who wants a second, although it came later', async (t) => {
  const clock = stopClock(t);
  const w = await world(t, 3, 3);
  await fill(w, 1, 2);
  w.held.hold();
  const hung = ask(w.one(0).pool, 'SELECT hang', 1_000);
  const busy = [1, 2].map(() => ask(w.one(1).pool, 'SELECT held'));
  await working(w, 0, 1);
  await eventually(() => assert.equal(w.held.count, 2));
  const second = ask(w.one(0).pool, 'SELECT 1', 600);
  const first = ask(w.one(2).pool, 'SELECT 1', 600);
  w.held.release();
  assert.deepEqual(seen(await first), [['1']]);
  await hangingAt(w, 0);
  clock.forward(600);
  assert.equal(seen(await second), 'queue'); // what is left is the only one of a target
  assert.deepEqual((await Promise.all(busy)).map(seen), [[['1']], [['1']]]);
  assert.deepEqual(idle(w), [0, 1, 1]);
  assert.equal(w.refused(), 1);
  clock.forward(400);
  assert.equal(seen(await hung), 'timeout');
});

test('who waits in vain gets queue as the reason, the flag by name, and is counted; the others go on', async (t) => {
  const clock = stopClock(t);
  const w = await world(t, 1, 2);
  const hung = ask(w.one(0).pool, 'SELECT hang', 500);
  await hangingAt(w, 0);
  const waiting = [1, 2].map(() => ask(w.one(1).pool, 'SELECT 1', 200));
  clock.forward(200);
  for (const answer of await Promise.all(waiting))
    assert.deepEqual(answer, {
      ok: false,
      reason: 'queue',
      detail: 'all 1 connections of the exporter were in use (--max-connections)',
    });
  assert.equal(w.refused(), 2);
  assert.equal(w.one(1).server.peers.length, 0);
  clock.forward(300);
  assert.equal(seen(await hung), 'timeout');
  assert.deepEqual(seen(await ask(w.one(1).pool, 'SELECT 1')), [['1']]);
  assert.equal(w.refused(), 2);
});

test('who was canceled while it waited was not refused', async (t) => {
  const w = await world(t, 1, 2);
  const busy = ask(w.one(0).pool, 'SELECT held');
  await working(w, 0, 1);
  using until = Deadline.after(PATIENCE_MS);
  const waiting = w.one(1).pool.acquire(until);
  until.cancel();
  const acquired = await waiting;
  assert.equal(acquired.ok ? 'lent' : acquired.reason, 'canceled');
  w.held.release();
  await busy;
  await settle();
  assert.equal(w.refused(), 0);
  assert.deepEqual(idle(w), [1, 0]); // and nothing was closed for it
});

test('a statement is ended also when there is no room for the connection that does it', async (t) => {
  const clock = stopClock(t);
  const w = await world(t, 2, 2);
  const hung = [0, 1].map((n) => ask(w.one(n).pool, 'SELECT hang', 200));
  for (const n of [0, 1]) await hangingAt(w, n);
  assert.equal(w.cap.used, 2);
  clock.forward(200);
  assert.deepEqual((await Promise.all(hung)).map(seen), ['timeout', 'timeout']);
  await eventually(() => assert.equal(w.cap.used, 0));
  for (const { server } of w.all)
    assert.deepEqual(
      server.peers.flatMap(({ asked }) => asked.filter((sql) => sql.startsWith('KILL'))),
      ['KILL QUERY 1'],
    );
});

test('between the queries of one probe its connection is not taken away', async (t) => {
  const w = await world(t, 1, 2);
  await ask(w.one(0).pool, 'SELECT 1');
  const probe = (async () => {
    for (let n = 0; n < 20; n++) assert.deepEqual(seen(await ask(w.one(0).pool, 'SELECT 1')), [['1']]);
  })();
  const other = ask(w.one(1).pool, 'SELECT 1');
  await probe;
  assert.deepEqual(seen(await other), [['1']]);
  assert.equal(w.one(0).server.peers.length, 1);
});

for (const { name, next } of [
  { name: 'its own target', next: 0 },
  { name: 'another one', next: 1 },
])
  test(`a connection that the server closed gives its room to ${name}`, async (t) => {
    stopClock(t); // how soon after the question the end arrives tells that it was dead before
    const w = await world(t, 1, 2);
    await ask(w.one(0).pool, 'SELECT 1');
    const [peer] = w.one(0).server.peers;
    peer?.cut();
    await peer?.gone; // and not before the client has noticed
    assert.deepEqual(seen(await ask(w.one(next).pool, 'SELECT 1')), [['1']]);
    assert.equal(w.cap.used, 1);
  });

test('while one connection is being closed for who waits, no other is', async (t) => {
  const clock = stopClock(t);
  const w = await world(t, 2, 3);
  w.one(0).server.play(deafToGoodbye);
  for (const n of [0, 1]) {
    assert.deepEqual(seen(await ask(w.one(n).pool, 'SELECT 1')), [['1']]);
    clock.forward(1); // so that one is longer unused
  }
  const waiting = ask(w.one(2).pool, 'SELECT 1');
  for (let n = 0; n < 5; n++) {
    assert.deepEqual(seen(await ask(w.one(1).pool, 'SELECT 1')), [['1']]);
    await settle();
  }
  clock.forward(1_000); // as long as a goodbye may take
  assert.deepEqual(seen(await waiting), [['1']]);
  assert.deepEqual(idle(w), [0, 1, 1]);
  assert.equal(w.one(1).server.peers.length, 1);
});

/** Answers, but does not notice that the client wants to leave. */
async function deafToGoodbye(peer: Peer): Promise<void> {
  await letIn(peer);
  for (;;) {
    const sql = (await peer.packet()).toString('latin1', 1);
    if (sql.startsWith('SET ')) peer.send(ok());
    else if (sql === INTRODUCTION_SQL) peer.send(...introductionOf(peer.number, peer.version));
    else if (sql === 'SELECT 1') peer.send(...ONE);
  }
}

test('many targets share few connections, and all are answered', async (t) => {
  const w = await world(t, 5, 20);
  const answers = await Promise.all(
    w.all.flatMap(({ pool }) => Array.from({ length: 4 }, () => ask(pool, 'SELECT 1'))),
  );
  assert.deepEqual(answers.map(seen), Array(80).fill([['1']]));
  assert.ok(w.cap.used <= 5, `${w.cap.used} connections`);
  const open = w.all.reduce((sum, { server }) => sum + server.open, 0);
  assert.ok(open <= 5, `${open} connections`);
});

/** Each connection plays another sickness. */
function sick(held: Held): Script {
  let n = 0;
  const dying: Script = answering((peer) => peer.cut());
  const late: Script = answering(async (peer) => {
    await delay(100);
    peer.send(...ONE);
  });
  const scripts = [serverOf(held), silence, dying, late, (peer: Peer) => peer.reset()];
  return (peer) => scripts[n++ % scripts.length]?.(peer);
}

test('whatever happens to connections, their room comes back', async (t) => {
  let script: Script | undefined;
  const together = (held: Held) => {
    script ??= sick(held);
    return script;
  };
  const w = await world(t, 3, 6, together, { connectTimeoutMs: 100 });
  for (let round = 0; round < 4; round++)
    await Promise.all(
      w.all.flatMap(({ pool }) =>
        ['SELECT 1', 'SELECT hang', 'SELECT held'].map((sql) => ask(pool, sql, 150)),
      ),
    );
  await Promise.all(w.all.map(({ pool }) => pool.close()));
  await eventually(() => assert.equal(w.cap.used, 0));
});

test('a target that is always busy lets go of its second connection for one that has none', async (t) => {
  const { one } = await world(t, 2, 2, () =>
    answering(async (peer) => {
      await delay(20);
      peer.send(...ONE);
    }),
  );
  let isOver = false;
  // More queries than connections, without a pause.
  const busy = Array.from({ length: 4 }, async () => {
    while (!isOver) await ask(one(0).pool, 'SELECT 1');
  });
  await eventually(() => assert.equal(one(0).pool.stats.lent, 2));
  assert.deepEqual(seen(await ask(one(1).pool, 'SELECT 1')), [['1']]);
  isOver = true;
  await Promise.all(busy);
});
