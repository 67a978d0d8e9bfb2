/**
 * Statements that are sent in one go: each has its own answer, whatever becomes of the others.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../support/eventually.ts';
import { open, play, query, seen } from '../../../support/mysql.ts';
import { answering, err, framed, type Peer, result } from '../../../support/scripted-server.ts';

const THREE = ['SELECT 1', 'SELECT 2', 'SELECT 3'];
const answerTo = (sql: string) => result(['v'], [[sql]]);

/** Answers that come when the test says so. */
function held() {
  const waiting: (() => void)[] = [];
  const script = answering(async (peer, sql) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    peer.send(...answerTo(sql));
  });
  return { script, waiting };
}

async function opened(...of: Parameters<typeof open>) {
  const { connection } = await open(...of).then((one) => (one.ok ? one : assert.fail(one.detail)));
  return connection;
}

test('all are sent before the first is answered, and each has its own answer', async (t) => {
  const { script, waiting } = held();
  const server = await play(t, script);
  const connection = await opened(t, server);
  const asked = THREE.map((sql) => query(connection, sql));
  await eventually(() => assert.ok(THREE.every((sql) => server.peers[0]?.sent(sql))));
  assert.equal(waiting.length, 1);
  for (const [n, answer] of asked.entries()) {
    await eventually(() => assert.equal(waiting.length, n + 1));
    assert.equal(connection.isIdle, false);
    waiting[n]?.();
    assert.deepEqual(seen(await answer), [[THREE[n]]]);
  }
  assert.equal(connection.isIdle, true);
});

test('answers that come in one piece, or byte by byte, are told apart', async (t) => {
  const answers = Buffer.concat(
    THREE.flatMap((sql) => answerTo(sql).map((packet, number) => framed(packet, number + 1))),
  );
  const pieces = { one: [answers], bytes: [...answers].map((byte) => Buffer.from([byte])) };
  for (const some of Object.values(pieces)) {
    const script = answering((peer, sql) => {
      if (sql === THREE[0]) for (const piece of some) peer.raw(piece);
    });
    const connection = await opened(t, await play(t, script));
    const asked = await Promise.all(THREE.map((sql) => query(connection, sql)));
    assert.deepEqual(
      asked.map(seen),
      THREE.map((sql) => [[sql]]),
    );
  }
});

test('an error is that of its own statement', async (t) => {
  const script = answering((peer, sql) =>
    sql === 'SELECT 2' ? peer.send(err(1064, '42000', 'no')) : peer.send(...answerTo(sql)),
  );
  const connection = await opened(t, await play(t, script));
  const asked = await Promise.all(THREE.map((sql) => query(connection, sql)));
  assert.deepEqual(asked.map(seen), [[['SELECT 1']], 'sql', [['SELECT 3']]]);
  assert.deepEqual(seen(await query(connection, 'SELECT 4')), [['SELECT 4']]);
});

test('who waits behind a slow one can go elsewhere; nothing else is asked before all is answered', async (t) => {
  const { script, waiting } = held();
  const connection = await opened(t, await play(t, script));
  const [first, ...rest] = THREE.map((sql) => query(connection, sql));
  await eventually(() => assert.equal(waiting.length, 1));
  connection.withdraw();
  for (const one of await Promise.all(rest)) {
    assert.equal(one.ok ? 'answered' : one.reason, 'queue');
    assert.equal(!one.ok && one.retryable, true);
  }
  waiting[0]?.();
  assert.deepEqual(seen((await first) ?? assert.fail()), [['SELECT 1']]);
  assert.equal(connection.isIdle, false);
  assert.equal(seen(await query(connection, 'SELECT 4')), 'lost');
  const free = connection.whenFree();
  for (const n of [1, 2]) {
    await eventually(() => assert.equal(waiting.length, n + 1));
    waiting[n]?.();
  }
  await free;
  const last = query(connection, 'SELECT 4');
  await eventually(() => assert.equal(waiting.length, 4));
  waiting[3]?.();
  assert.deepEqual(seen(await last), [['SELECT 4']]);
});

const ends: readonly { readonly name: string; readonly end: (peer: Peer) => void }[] = [
  { name: 'closes', end: (peer) => peer.cut() },
  { name: 'resets', end: (peer) => peer.reset() },
  { name: 'sends a packet out of order', end: (peer) => peer.raw(framed(err(1, '00000', 'no'), 7)) },
];
for (const { name, end } of ends)
  test(`a server that ${name} at the second: the first has its answer, only the third may be sent again`, async (t) => {
    const script = answering((peer, sql) => (sql === 'SELECT 2' ? end(peer) : peer.send(...answerTo(sql))));
    const connection = await opened(t, await play(t, script));
    const asked = await Promise.all(THREE.map((sql) => query(connection, sql)));
    assert.deepEqual(asked.map(seen), [[['SELECT 1']], 'lost', 'lost']);
    const mayBeSent = asked.map((one) => !one.ok && one.retryable);
    assert.deepEqual(mayBeSent, [false, false, true]);
  });

test('a packet that nobody has asked for ends the connection', async (t) => {
  const server = await play(
    t,
    answering((peer, sql) => peer.send(...answerTo(sql))),
  );
  const connection = await opened(t, server);
  server.peers[0]?.raw(framed(err(4031, 'HY000', 'it was idle for too long'), 0));
  await eventually(() => assert.equal(connection.isClosed, true));
  assert.equal(seen(await query(connection, 'SELECT 1')), 'lost');
});

const versions: readonly (readonly [version: string, pipelines: boolean])[] = [
  ['8.0.36', true],
  ['9.7.0', true],
  ['10.11.6-MariaDB', true],
  ['5.7.44', false], // an Aurora of that version hangs
];
for (const [version, pipelines] of versions)
  test(`${version} ${pipelines ? 'takes' : 'does not take'} several statements at once`, async (t) => {
    const script = answering((peer, sql) => peer.send(...answerTo(sql)), { version });
    assert.equal((await opened(t, await play(t, script))).pipelines, pipelines);
  });
