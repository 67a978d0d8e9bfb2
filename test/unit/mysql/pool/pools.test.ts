/** The pools of all targets: what their one clock does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pools } from '../../../../src/mysql/pool/pools.ts';
import { stopClock } from '../../../support/clock.ts';
import { loadTarget } from '../../../support/config-folder.ts';
import { eventually } from '../../../support/eventually.ts';
import { ask, play, seen } from '../../../support/mysql.ts';
import { answering, result } from '../../../support/scripted-server.ts';

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
  const pools = new Pools({
    resolve: async (host) => {
      looked.push(host);
      return { ok: true, addresses };
    },
    maxConnections: 10,
    maxResultBytes: 1e9,
    onResultRefused: () => {},
    onRefused: () => {},
    onServerChanged: () => {},
    onNotKilled: () => {},
    onPasswordGiven: () => {},
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
