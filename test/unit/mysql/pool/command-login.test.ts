/** Logins whose password a program prints: how often it is run and how often the server is asked. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AnyLogin } from '../../../../src/mysql/connect/login.ts';
import { type StoppedClock, stopClock } from '../../../support/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { ask, play, poolOf, seen } from '../../../support/mysql.ts';
import {
  answering,
  err,
  greeting,
  type Peer,
  result,
  type Script,
} from '../../../support/scripted-server.ts';

const healthy = answering((peer) => peer.send(...result(['v'], [['1']])));

/** Refuses every login, as a wrong password is. */
const refusing: Script = async (peer: Peer) => {
  peer.send(greeting());
  await peer.packet();
  peer.send(err(1045, 'Access denied', '28000'));
};

interface Counted {
  readonly login: () => Promise<{ readonly ok: true } & AnyLogin>;
  readonly runs: () => Promise<number>;
  /** What the program prints from now on. */
  readonly says: (text: string) => Promise<void>;
}

/** A program that prints another token each time, or what it is told to. */
async function program(t: TestContext): Promise<Counted> {
  const path = await mkdtemp(join(tmpdir(), 'command-login-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  const script =
    'echo >> "$1/runs"; if [ -e "$1/says" ]; then sh "$1/says"; else echo token-$(wc -l < "$1/runs"); fi';
  const command = { program: '/bin/sh', args: ['-c', script, 'sh', path], ttlMs: 600_000, open: [] };
  await writeFile(join(path, 'runs'), '');
  return {
    login: async () => ({ ok: true, user: 'exporter', command }),
    runs: async () => (await readFile(join(path, 'runs'), 'utf8')).length,
    says: (text) => writeFile(join(path, 'says'), text),
  };
}

async function setUp(t: TestContext, script: Script) {
  const clock: StoppedClock = stopClock(t);
  const server = await play(t, script);
  const { login, runs, says } = await program(t);
  const pool = poolOf(t, server, { login });
  const asked = async () => seen(await ask(pool, 'SELECT 1'));
  const counts = async () => ({ runs: await runs(), logins: server.peers.length });
  return { clock, server, asked, counts, says, pool };
}

test('a fresh token that is refused starts the back-off: no other run, no other login', async (t) => {
  const { asked, clock, counts, server } = await setUp(t, refusing);
  assert.equal(await asked(), 'auth');
  for (let probes = 0; probes < 20; probes++) {
    assert.equal(await asked(), 'backoff');
    clock.forward(1_000);
  }
  assert.deepEqual(await counts(), { runs: 1, logins: 1 });
  clock.forward(10_000);
  assert.equal(await asked(), 'auth');
  assert.deepEqual(await counts(), { runs: 2, logins: 2 }, 'once per back-off, by a new token');
  server.play(healthy);
  clock.forward(60_000);
  assert.deepEqual(await asked(), [['1']]);
  assert.deepEqual(await counts(), { runs: 3, logins: 3 });
});

/** One connection was opened with the token, which is kept since, and is gone. */
async function setUpKept(t: TestContext) {
  const all = await setUp(t, healthy);
  const { asked, clock, server } = all;
  assert.deepEqual(await asked(), [['1']]);
  server.peers[0]?.reset();
  await server.peers[0]?.gone;
  clock.forward(300_000);
  return all;
}

test('a kept token that is refused is replaced by a new one at once', async (t) => {
  const { asked, counts, server } = await setUpKept(t);
  let refused = 0;
  server.play((peer) => (refused++ === 0 ? refusing(peer) : healthy(peer)));
  assert.deepEqual(await asked(), [['1']]);
  assert.deepEqual(await counts(), { runs: 2, logins: 3 });
});

test('when the new token is refused too, that is all until the back-off is over', async (t) => {
  const { asked, counts, server } = await setUpKept(t);
  server.play(refusing);
  assert.equal(await asked(), 'auth');
  for (let probes = 0; probes < 10; probes++) assert.equal(await asked(), 'backoff');
  assert.deepEqual(await counts(), { runs: 2, logins: 3 });
});

test('a program that prints the refused password again has it tried once', async (t) => {
  const { asked, clock, counts, says, server } = await setUp(t, healthy);
  await says('echo static');
  assert.deepEqual(await asked(), [['1']]);
  server.peers[0]?.reset();
  await server.peers[0]?.gone;
  clock.forward(300_000);
  server.play(refusing);
  assert.equal(await asked(), 'auth');
  assert.deepEqual(await counts(), { runs: 2, logins: 2 });
});

test('a program that fails ends no connection that works, and is credentials where there is none', async (t) => {
  const { asked, clock, counts, pool, says, server } = await setUp(t, healthy);
  assert.deepEqual(await asked(), [['1']]);
  await says('exit 1');
  clock.forward(700_000);
  pool.renewOld(performance.now()); // it has reached its age, and stays until another is open
  await eventually(async () => assert.equal((await counts()).runs, 2));
  assert.deepEqual(await asked(), [['1']]);
  assert.deepEqual(await counts(), { runs: 2, logins: 1 });
  server.peers[0]?.reset();
  await server.peers[0]?.gone;
  for (let probes = 0; probes < 10; probes++) assert.equal(await asked(), 'credentials');
  assert.deepEqual(await counts(), { runs: 2, logins: 1 });
  await says('echo token');
  clock.forward(30_000);
  assert.deepEqual(await asked(), [['1']]);
});
