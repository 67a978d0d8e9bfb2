/**
 * What servers send is read in turns: much of it waits while a turn is used up, little of it never does, and nothing of
 * what has waited is lost.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ConnectionSpec } from '../../../../src/mysql/connect/open-connection.ts';
import { createTlsPolicy } from '../../../../src/mysql/connect/tls.ts';
import { Turns } from '../../../../src/turns.ts';
import { createAuthority } from '../../../support/certificates.ts';
import { NO_TLS, open, play, query, seen } from '../../../support/mysql.ts';
import {
  answering,
  CAPABILITY,
  greeting,
  ok,
  type Peer,
  result,
  type Script,
  USUAL_CAPABILITIES,
} from '../../../support/scripted-server.ts';

/** Each turn is used up by one piece. */
class OnePieceEach extends Turns {
  waits = 0;
  /** Of these, for what is dropped. */
  unwanted = 0;
  #hasTime = false;

  override begin(): boolean {
    const had = this.#hasTime;
    this.#hasTime = false;
    return had;
  }

  override wait(goOn: () => void, isWanted: boolean): void {
    this.waits++;
    if (!isWanted) this.unwanted++;
    super.wait(() => {
      this.#hasTime = true;
      goOn();
    });
  }
}

/** Others use up each turn, and nobody who waits is called back. */
class NoTime extends Turns {
  waits = 0;

  override begin(): boolean {
    return false;
  }

  override wait(): void {
    this.waits++;
  }
}

const LIMITS = { maxRows: 10_000, maxBytes: 4 << 20 };
/** No two alike, so that none can take the place of another. */
const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => [`${i} ${'x'.repeat(1_000)}`]);
const LARGE = rowsOf(2_000);
/** A piece is 64 KB at most. */
const LEAST_WAITS = 2_000_000 / (1 << 16) - 1;
const large = answering((peer) => peer.send(...result(['v'], LARGE)));

test('a large result waits for a turn before each piece, and is whole', async (t) => {
  const turns = new OnePieceEach();
  const opened = await open(t, await play(t, large), { turns });
  assert.ok(opened.ok);
  for (let time = 1; time <= 2; time++) {
    assert.deepEqual(seen(await query(opened.connection, 'SELECT 1', undefined, LIMITS)), LARGE);
    assert.ok(turns.waits >= time * LEAST_WAITS, `${turns.waits} waits`);
  }
});

test('results of several connections at once are whole', async (t) => {
  const turns = new OnePieceEach();
  const server = await play(t, large);
  const all = await Promise.all(Array.from({ length: 4 }, () => open(t, server, { turns })));
  const answers = await Promise.all(
    all.map(async (opened) => {
      assert.ok(opened.ok);
      return seen(await query(opened.connection, 'SELECT 1', undefined, LIMITS));
    }),
  );
  assert.deepEqual(answers, [LARGE, LARGE, LARGE, LARGE]);
  assert.ok(turns.waits >= 4 * LEAST_WAITS, `${turns.waits} waits`);
});

const authority = await createAuthority();
const { cert, key } = await authority.issue('IP:127.0.0.1');
after(() => authority.remove());

const encrypted: Script = async (peer: Peer) => {
  peer.send(greeting({ capabilities: USUAL_CAPABILITIES | CAPABILITY.SSL }));
  await peer.packet();
  await peer.encrypt({ cert, key });
  await peer.packet();
  peer.send(ok());
  for (;;) {
    const sql = await peer.question();
    peer.send(...(sql === 'SELECT 1' ? result(['v'], LARGE) : [ok()]));
  }
};

test('the same inside TLS', async (t) => {
  const turns = new OnePieceEach();
  const server = await play(t, encrypted);
  const tls = createTlsPolicy(
    { ...NO_TLS, mode: 'required' },
    { kind: 'tcp', host: server.host, port: server.port },
  );
  const spec: Partial<ConnectionSpec> = { tls, turns };
  const opened = await open(t, server, spec);
  assert.ok(opened.ok);
  assert.deepEqual(seen(await query(opened.connection, 'SELECT 1', undefined, LIMITS)), LARGE);
  assert.ok(server.peers[0]?.encrypted);
  assert.ok(turns.waits >= LEAST_WAITS, `${turns.waits} waits`);
});

test('a result whose server leaves behind it is whole', async (t) => {
  const turns = new OnePieceEach();
  const script = answering((peer) => {
    peer.send(...result(['v'], LARGE));
    peer.cut();
  });
  const opened = await open(t, await play(t, script), { turns });
  assert.ok(opened.ok);
  assert.deepEqual(seen(await query(opened.connection, 'SELECT 1', undefined, LIMITS)), LARGE);
  await new Promise<void>((resolve) => opened.connection.onClosed(resolve));
});

test('what is read only to be dropped waits behind what somebody waits for', async (t) => {
  const turns = new OnePieceEach();
  const opened = await open(t, await play(t, large), { turns });
  assert.ok(opened.ok);
  const few = { ...LIMITS, maxRows: 100 };
  assert.equal(seen(await query(opened.connection, 'SELECT 1', undefined, few)), 'limit');
  assert.equal(turns.unwanted, 0);
  await opened.connection.whenFree();
  assert.ok(turns.unwanted >= LEAST_WAITS - 4, `${turns.unwanted} waits`);
  const { unwanted } = turns;
  assert.deepEqual(seen(await query(opened.connection, 'SELECT 1', undefined, LIMITS)), LARGE);
  assert.equal(turns.unwanted, unwanted);
});

test('usual answers wait for no turn, one after the other', async (t) => {
  const turns = new NoTime();
  const usual = rowsOf(20);
  const script = answering((peer) => peer.send(...result(['v'], usual)));
  const opened = await open(t, await play(t, script), { turns });
  assert.ok(opened.ok);
  for (let time = 0; time < 5; time++)
    assert.deepEqual(seen(await query(opened.connection, 'SELECT 1')), usual);
  assert.equal(turns.waits, 0);
});

test('a result that waits ends with its time, and its connection can be closed', async (t) => {
  const turns = new NoTime();
  const server = await play(
    t,
    answering(async (peer) => {
      peer.send(...result(['v'], LARGE));
      await peer.gone;
    }),
  );
  const opened = await open(t, server, { turns });
  assert.ok(opened.ok);
  assert.equal(seen(await query(opened.connection, 'SELECT 1', 200, LIMITS)), 'timeout');
  assert.equal(turns.waits, 1);
  opened.connection.destroy();
  await server.peers[0]?.gone;
});
