/** The pools of all targets: what their one clock does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import type { ResolveHost } from '../../../../src/mysql/connect/resolver.ts';
import type { MysqlFailure } from '../../../../src/mysql/failure.ts';
import { Pools } from '../../../../src/mysql/pool/pools.ts';
import { compileGeneration } from '../../../../src/probe/generation.ts';
import { stopClock } from '../../../support/clock.ts';
import { load, loadTarget } from '../../../support/config-folder.ts';
import { eventually } from '../../../support/eventually.ts';
import { ask, play, seen } from '../../../support/mysql.ts';
import { answering, result, silence } from '../../../support/scripted-server.ts';

const poolsWith = (
  resolve: ResolveHost,
  onNotKilled: (target: string, why: MysqlFailure) => void = () => {},
) =>
  new Pools({
    resolve,
    maxConnections: 10,
    maxResultBytes: 1e9,
    onResultRefused: () => {},
    onRefused: () => {},
    onServerChanged: () => {},
    onNotKilled,
    onConnect: () => {},
    onPasswordGiven: () => {},
  });

test('a name that leads elsewhere ends the connections to its old address', async (t) => {
  const clock = stopClock(t);
  const server = await play(
    t,
    answering((peer) => peer.send(...result(['one'], [['1']]))),
  );
  const target = await loadTarget({
    'targets.yml': `targets: {a: {address: "db.example:${server.port}", user: u, password: p}}`,
  });
  let addresses = ['127.0.0.1'];
  const looked: string[] = [];
  const pools = poolsWith(async (host) => {
    looked.push(host);
    return { ok: true, addresses };
  });
  t.after(() => pools.close());
  assert.deepEqual(seen(await ask(pools.of(target), 'SELECT 1')), [['1']]);
  clock.forward(30_000);
  await eventually(() => assert.equal(looked.length, 2)); // once to connect
  assert.equal(server.open, 1);
  addresses = ['127.0.0.9'];
  clock.forward(30_000);
  await eventually(() => assert.equal(server.open, 0));
});

/** A target whose name may lead to 127.0.0.1 alone. */
async function boundTarget(port: number) {
  const { result } = await load({
    'targets.yml': `targets: {"*.example.com:${port}": {user: u, password: p, networks: [127.0.0.1/32]}}`,
  });
  assert.ok(result.ok);
  const target = compileGeneration(result.config).catalog.find(`db.example.com:${port}`);
  assert.ok(target !== undefined);
  return target;
}

test('the address that was checked is the one that is dialled, whatever the name leads to next', async (t) => {
  const server = await play(
    t,
    answering((peer) => peer.send(...result(['one'], [['1']]))),
  );
  const target = await boundTarget(server.port);
  let lookups = 0;
  const pools = poolsWith(async () => {
    lookups++;
    // Another address each time that somebody asks: first one that is allowed.
    return { ok: true, addresses: [lookups === 1 ? '127.0.0.1' : '127.0.0.2'] };
  });
  t.after(() => pools.close());
  assert.deepEqual(seen(await ask(pools.of(target), 'SELECT 1')), [['1']]);
  assert.equal(lookups, 1, 'between the check and the dial nobody asked again');
});

test('a name that leads out of its networks is dialled by nobody, and the reason is dns', async (t) => {
  const server = await play(t, silence);
  const target = await boundTarget(server.port);
  const pools = poolsWith(async () => ({ ok: true, addresses: ['127.0.0.2'] }));
  t.after(() => pools.close());
  const answer = await ask(pools.of(target), 'SELECT 1');
  assert.deepEqual(answer, {
    ok: false,
    reason: 'dns',
    detail: 'db.example.com leads to 127.0.0.2, outside of the networks of its pattern',
  });
  assert.equal(server.open, 0);
});

test('nor is it dialled to end a statement', async (t) => {
  const server = await play(
    t,
    answering(() => {}), // never done
  );
  const target = await boundTarget(server.port);
  let addresses = ['127.0.0.1'];
  const notKilled: MysqlFailure[] = [];
  const pools = poolsWith(
    async () => ({ ok: true, addresses }),
    (_target, why) => notKilled.push(why),
  );
  t.after(() => pools.close());
  const until = Deadline.after(20_000);
  const acquired = await pools.of(target).acquire(until);
  assert.ok(acquired.ok);
  const asked = acquired.lease.connection.query(
    { sql: 'SELECT SLEEP(9)', limits: { maxRows: 1, maxBytes: 1e6 } },
    until,
  );
  addresses = ['127.0.0.2'];
  until.cancel();
  await asked;
  acquired.lease[Symbol.dispose]();
  await eventually(() => assert.equal(notKilled.length, 1));
  assert.equal(notKilled[0]?.reason, 'dns');
});

test('what is forgotten of a target is its connections too', async (t) => {
  const server = await play(
    t,
    answering((peer) => peer.send(...result(['one'], [['1']]))),
  );
  const target = await boundTarget(server.port);
  const pools = poolsWith(async () => ({ ok: true, addresses: ['127.0.0.1'] }));
  t.after(() => pools.close());
  await ask(pools.of(target), 'SELECT 1');
  pools.forget(new Set(['another']));
  assert.equal(pools.stats.idle, 1);
  pools.forget(new Set([target.name]));
  await eventually(() => assert.deepEqual([pools.stats.idle, server.open], [0, 0]));
});
