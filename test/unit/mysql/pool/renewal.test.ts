/**
 * Connections that are replaced although they work: by age, after refusals, when the name leads elsewhere, when a new
 * one reaches another server.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import type { Pool } from '../../../../src/mysql/pool/pool.ts';
import { Renewal } from '../../../../src/mysql/pool/renewal.ts';
import { stopClock } from '../../../support/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { ask, type PoolChanges, play, poolOf, seen } from '../../../support/mysql.ts';
import {
  answering,
  err,
  greeting,
  introductionOf,
  type Peer,
  result,
  type Script,
  type ScriptedServer,
} from '../../../support/scripted-server.ts';

const ONE = result(['one'], [['1']]);
const healthy = answering((peer) => peer.send(...ONE));
const AGE_MS = 600_000;

/** A healthy connection on the server of this name. */
const on =
  (name: string): Script =>
  (peer) => {
    peer.introduction = introductionOf(peer.number, '8.4.0', name);
    return healthy(peer);
  };

const turningAway =
  (errno: number, sqlState: string): Script =>
  async (peer: Peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(err(errno, 'no', sqlState));
    await peer.gone;
  };

async function startPool(t: TestContext, script: Script, changes: PoolChanges = {}) {
  const clock = stopClock(t);
  const server = await play(t, script);
  const pool = poolOf(t, server, { maxConnectionAgeMs: AGE_MS, ...changes });
  return { clock, pool, server };
}

/** Fills the pool: so many statements at once. */
async function fill(pool: Pool, connections: number): Promise<void> {
  using until = Deadline.after(1_000);
  const acquired = await Promise.all(Array.from({ length: connections }, () => pool.acquire(until)));
  for (const one of acquired) if (one.ok) one.lease[Symbol.dispose]();
}

const openOn = async (server: ScriptedServer, numbers: readonly number[]): Promise<void> => {
  await eventually(() =>
    assert.deepEqual(
      server.peers.filter(({ isGone }) => !isGone).map(({ number }) => number),
      numbers,
    ),
  );
};

test('the only connection is replaced at its age, once the new one is open', async (t) => {
  const { clock, pool, server } = await startPool(t, healthy);
  await ask(pool, 'SELECT 1');
  clock.forward(AGE_MS * 0.7);
  pool.renewOld(performance.now());
  assert.equal(server.peers.length, 1);
  clock.forward(AGE_MS * 0.3 + 1);
  pool.renewOld(performance.now());
  assert.equal(pool.stats.idle, 1); // the old one, for a probe that comes now
  await openOn(server, [2]);
  assert.ok(server.peers[0]?.saidGoodbye);
});

test('a connection that nobody uses is not replaced for ever', async (t) => {
  const { clock, pool, server } = await startPool(t, healthy);
  await ask(pool, 'SELECT 1');
  const since = pool.idleSince;
  clock.forward(AGE_MS + 1);
  pool.renewOld(performance.now());
  await openOn(server, [2]);
  assert.equal(pool.idleSince, since);
});

test('of several old connections one at a time is closed, and opened again when it is wanted', async (t) => {
  const { clock, pool, server } = await startPool(t, healthy, { maxConnections: 2 });
  await fill(pool, 2);
  clock.forward(AGE_MS + 1);
  pool.renewOld(performance.now());
  await eventually(() => assert.equal(server.open, 1));
  await fill(pool, 2);
  assert.equal(server.peers.length, 3);
});

test('a full server costs no old connection; it is tried again a minute later', async (t) => {
  const { clock, pool, server } = await startPool(t, healthy);
  await ask(pool, 'SELECT 1');
  server.play(turningAway(1040, '08004'));
  clock.forward(AGE_MS + 1);
  for (let n = 0; n < 3; n++) {
    pool.renewOld(performance.now());
    await eventually(() => assert.equal(server.open, 1));
    await eventually(() => assert.equal(server.peers.length, 2));
  }
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  server.play(healthy);
  clock.forward(60_000);
  pool.renewOld(performance.now());
  await openOn(server, [3]);
});

test('an account that is gone costs the old connections too', async (t) => {
  const { clock, pool, server } = await startPool(t, healthy);
  await ask(pool, 'SELECT 1');
  server.play(turningAway(1045, '28000'));
  clock.forward(AGE_MS + 1);
  pool.renewOld(performance.now());
  await eventually(() => assert.equal(server.open, 0));
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'auth');
});

test('connections to an address that the name has no more are closed', async (t) => {
  const { pool, server } = await startPool(t, healthy);
  await ask(pool, 'SELECT 1');
  pool.keepOnly([server.host, '127.0.0.9']);
  assert.equal(pool.stats.idle, 1);
  pool.keepOnly(['127.0.0.9']);
  assert.equal(pool.stats.idle, 0);
  await eventually(() => assert.equal(server.open, 0));
});

test('a lent connection to such an address is closed when it comes back', async (t) => {
  const { pool, server } = await startPool(t, healthy);
  using until = Deadline.after(1_000);
  const acquired = await pool.acquire(until);
  assert.ok(acquired.ok);
  pool.keepOnly(['127.0.0.9']);
  assert.equal(server.open, 1);
  acquired.lease[Symbol.dispose]();
  await eventually(() => assert.equal(server.open, 0));
});

test('a second server behind the address: the first goes on until its probe is over, then the second takes over', async (t) => {
  const changes: string[] = [];
  const onServerChanged = (before: string, after: string) => changes.push(`${before} -> ${after}`);
  const { pool, server } = await startPool(t, on('one'), { maxConnections: 2, onServerChanged });
  using until = Deadline.after(1_000);
  const first = await pool.acquire(until);
  assert.ok(first.ok);
  server.play(on('other'));
  const waiting = pool.acquire(until);
  await eventually(() => assert.equal(changes.length, 1));
  first.lease[Symbol.dispose]();
  const second = await waiting;
  assert.ok(second.ok);
  assert.equal(second.lease.connection, first.lease.connection);
  second.lease[Symbol.dispose]();
  await eventually(() => assert.equal(server.open, 0));
  await ask(pool, 'SELECT 1');
  assert.match(pool.server?.name ?? '', /^other:/);
  assert.deepEqual(changes, [
    'one:3306 (server_id 1, uuid of one) -> other:3306 (server_id 1, uuid of other)',
  ]);
});

test('a server that does not tell who it is counts as one', async (t) => {
  const silent: Script = (peer) => {
    peer.introduction = [err(1064, 'syntax', '42000')];
    return healthy(peer);
  };
  const { pool, server } = await startPool(t, silent, { maxConnections: 2 });
  await fill(pool, 2);
  assert.equal(server.open, 2);
  assert.equal(pool.server, undefined);
});

const HOUR_MS = 3_600_000;
/** When a statement is refused, on a connection opened when, and whether it is replaced. */
const refusals: readonly [at: number, opened: number, replaced: boolean][] = [
  [0, -1_000, true],
  [10, -1_000, true], // a sibling of the same age
  [1_000, 5, false], // the replacement is refused as well
  [14_000, 5, false],
  [15_000, 5, true],
  [44_000, 15_001, false],
  [45_000, 15_001, true],
  [104_000, 45_001, false],
  [105_000, 45_001, true],
  [105_000 + HOUR_MS + 1, 105_001, true], // long forgotten: at once again
  [105_000 + HOUR_MS + 15_001, 105_002 + HOUR_MS, true],
];
test('after refusals a connection is replaced at once, then the less often the longer they go on', () => {
  const renewal = new Renewal();
  const got = refusals.map(([at, opened]) => [at, opened, renewal.allowsAfterRefusal(opened, HOUR_MS, at)]);
  assert.deepEqual(got, refusals);
});
