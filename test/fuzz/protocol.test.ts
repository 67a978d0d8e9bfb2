/**
 * Hundreds of servers that speak MySQL with mistakes: valid conversations, mutated at random from a seed. Whatever
 * they say, nothing is thrown, nothing hangs beyond its deadline, and the event loop turns.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadline } from '../../src/deadline.ts';
import { INTRODUCTION_SQL } from '../../src/mysql/connect/identity.ts';
import { TextQuery } from '../../src/mysql/protocol/text-query.ts';
import { stopClock } from '../support/clock.ts';
import { longestPieceOf } from '../support/cpu-time.ts';
import { eventually } from '../support/eventually.ts';
import { ask, askToEnd, closedDownTo, LIMITS, openSockets, PATIENCE_MS, poolOf } from '../support/mysql.ts';
import {
  authMoreData,
  authSwitch,
  err,
  framed,
  greeting,
  introductionOf,
  ok,
  type Peer,
  result,
  type Script,
  scriptedServer,
} from '../support/scripted-server.ts';

const ROUNDS = 400;
const AT_ONCE = 25;
const SEED = 20_260_704;
/** A connect, a query, and the kill of what hangs. */
const QUERY_MS = 200;
/** All that is under way at once takes some ten milliseconds; a loop to a length that a server only claims takes seconds. */
const MOST_CPU_MS = 1_000;

/** What a server says before and during the login. */
const LOGIN_TURNS: readonly Buffer[] = [
  framed(greeting(), 0),
  framed(authSwitch('caching_sha2_password'), 2),
  Buffer.concat([framed(authMoreData(Buffer.of(3)), 4), framed(ok(), 5)]),
];
const inOrder = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(payloads.map((payload, n) => framed(payload, n + 1)));
const ROWS = inOrder(
  result(
    ['name', 'value'],
    [
      ['a', '1'],
      ['b', null],
    ],
  ),
);
const INTRODUCED = inOrder(introductionOf(7, '8.4.0'));
const DONE = framed(ok(), 1);
const FAILED = framed(err(1064, 'You have an error', '42000'), 1);

/** A valid answer: of the login, then to statements. */
function turnOf(n: number, asked: Buffer, random: () => number): Buffer {
  const login = LOGIN_TURNS[n];
  if (login !== undefined) return login;
  const sql = asked.toString('latin1', 1);
  if (sql === INTRODUCTION_SQL) return INTRODUCED;
  if (!sql.startsWith('SELECT')) return DONE;
  return random() < 0.3 ? FAILED : ROWS;
}

type Mutation = (bytes: Buffer, random: () => number) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let n = 1 + random() * 4; n >= 1; n--) copy[Math.floor(random() * copy.length)] = random() * 256;
    return copy;
  },
  (bytes, random) => bytes.subarray(0, random() * bytes.length),
  (bytes, random) => Buffer.concat([bytes, noise(random)]),
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), noise(random), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random() * 8)]);
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, random) => {
    const copy = Buffer.from(bytes); // bytes that mean lengths: NULL, 2, 3 and 8 bytes more, an error
    copy[Math.floor(random() * copy.length)] = 0xfb + random() * 5;
    return copy;
  },
  (_, random) => noise(random),
  () => Buffer.alloc(0),
];

function noise(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 1 + random() * 40 }, () => random() * 256));
}

/** Plays the conversation with some turns mutated, and now and then leaves. */
function mutant(random: () => number): Script {
  const faults = 0.15 + random() * 0.5;
  return async (peer: Peer) => {
    for (let turn = 0; turn < 40; turn++) {
      const asked = turn > 0 ? await peer.packet() : Buffer.alloc(0);
      const valid = turnOf(turn, asked, random);
      const mutate = MUTATIONS[Math.floor(random() * MUTATIONS.length)];
      peer.raw(random() < faults && mutate !== undefined ? mutate(valid, random) : valid);
      if (random() < 0.03) return random() < 0.5 ? peer.cut() : peer.reset();
    }
  };
}

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test(`${ROUNDS} servers that make mistakes`, async (t) => {
  const clock = stopClock(t);
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  t.after(() => process.off('uncaughtException', note).off('unhandledRejection', note));
  const written: string[] = [];
  t.mock.method(console, 'error', (...texts: unknown[]) => written.push(texts.join(' ')));
  const before = await openSockets();
  const answers = new Map<string, number>();

  async function round(seed: number): Promise<void> {
    const random = randomFrom(seed);
    const server = await scriptedServer(mutant(random));
    t.after(() => server.close()); // a failed assertion must not leave it open
    const pool = poolOf(t, server, { connectTimeoutMs: 150, maxConnections: 1 });
    for (let n = 0; n < 2; n++) {
      const { value: answer, turnsLate = 0 } = await askToEnd(pool, 'SELECT 1', QUERY_MS);
      assert.equal(turnsLate, 0, `seed ${seed}`);
      const outcome = answer.ok ? 'ok' : answer.reason;
      answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
    }
    await pool.close();
    assert.deepEqual(pool.stats, { idle: 0, lent: 0, opening: 0, waiting: 0 }, `seed ${seed}`);
    await server.close();
  }

  const { cpuMs } = await longestPieceOf(async () => {
    for (let done = 0; done < ROUNDS; done += AT_ONCE) {
      await clock.during(Promise.all(Array.from({ length: AT_ONCE }, (_, n) => round(SEED + done + n))));
    }
  });
  assert.deepEqual(uncaught, []);
  assert.deepEqual(written, []); // the driver complains to standard error on its own
  assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms in one piece`);
  await closedDownTo(before);
  // The mutations reach all parts of a conversation, or this test would test nothing.
  for (const outcome of ['ok', 'sql', 'lost', 'connect_timeout', 'auth', 'timeout']) {
    assert.ok((answers.get(outcome) ?? 0) > 5, `${outcome}: ${JSON.stringify([...answers])}`);
  }
});

test('a reader of results throws, answers or goes on for any packets, and answers once', () => {
  const packet = fc.uint8Array({ maxLength: 60 });
  const valid = fc.constantFrom(...result(['a', 'b'], [['1', null]]));
  fc.assert(
    fc.property(fc.array(fc.oneof(packet, valid), { maxLength: 12 }), (payloads) => {
      let answered = 0;
      let over = 0;
      const host = { _mariadbExtendedMetadata: false, _resetSequenceId() {}, writePacket() {} };
      const reader = new TextQuery(
        'SELECT 1',
        LIMITS,
        () => answered++,
        () => over++,
      );
      reader.execute(undefined, host);
      for (const payload of payloads) {
        // A neighbour behind the packet, as in a chunk of a socket: nothing may read into it.
        const buffer = Buffer.concat([Buffer.alloc(4), payload, Buffer.from('neighbour')]);
        try {
          if (reader.execute({ buffer, offset: 4, end: 4 + payload.length }, host)) break;
        } catch (error) {
          assert.equal((error as Error).constructor.name, 'ProtocolViolation', String(error));
          break;
        }
      }
      assert.ok(answered <= 1 && over <= 1);
      assert.ok(answered >= over, 'free without an answer');
    }),
    { numRuns: 3_000, seed: SEED },
  );
});

test('a probe that ends at any moment leaves the pool in order', async (t) => {
  const random = randomFrom(SEED);
  const server = await scriptedServer(async (peer) => {
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    peer.raw(framed(greeting(), 0));
    for (let turn = 1; ; turn++) {
      await peer.packet();
      if (turn === 1) peer.raw(framed(ok(), 2));
      else {
        await new Promise((resolve) => setTimeout(resolve, random() * 20));
        peer.raw(framed(ok(), 1));
      }
    }
  });
  t.after(() => server.close());
  const pool = poolOf(t, server, { maxConnections: 3 });
  for (let n = 0; n < 60; n++) {
    using until = Deadline.after(PATIENCE_MS);
    const asking = Array.from({ length: 4 }, async () => {
      const acquired = await pool.acquire(until);
      if (!acquired.ok) return;
      using lease = acquired.lease;
      await lease.connection.queryWithin({ sql: 'SELECT 1', limits: LIMITS }, until);
    });
    setTimeout(() => until.cancel(), random() * 60);
    await Promise.all(asking);
    assert.equal(pool.stats.waiting, 0);
    assert.ok(server.open <= 4, `${server.open} connections`); // one may be killing
  }
  // What is lent still is used to kill.
  await eventually(() => assert.equal(pool.stats.lent, 0));
  assert.equal((await ask(pool, 'SELECT 1')).ok, true);
});
