/**
 * Hundreds of servers that speak MySQL with mistakes: valid conversations, mutated at random from a seed. Whatever
 * they say, nothing is thrown, nothing hangs beyond its deadline, and the event loop turns.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadline } from '../../src/deadline.ts';
import { TextQuery } from '../../src/mysql/protocol/text-query.ts';
import { stopClock } from '../support/clock.ts';
import { longestPieceOf } from '../support/cpu-time.ts';
import { eventually } from '../support/eventually.ts';
import { ask, askToEnd, closedDownTo, LIMITS, openSockets, PATIENCE_MS, poolOf } from '../support/mysql.ts';
import { framed, greeting, ok, result, scriptedServer } from '../support/scripted-server.ts';
import { mutant } from './mutant-server.ts';
import { randomFrom } from './mutation.ts';

const ROUNDS = 400;
const AT_ONCE = 25;
const SEED = 20_260_704;
/** A connect, a query, and the kill of what hangs. */
const QUERY_MS = 200;
/** All that is under way at once takes some ten milliseconds; a loop to a length that a server only claims takes seconds. */
const MOST_CPU_MS = 1_000;

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
      const reader = new TextQuery('SELECT 1', LIMITS, {
        begin: () => {},
        answer: () => answered++,
        over: () => over++,
      });
      reader.begin(false);
      for (const payload of payloads) {
        // A neighbour behind the packet, as in a chunk of a socket: nothing may read into it.
        const buffer = Buffer.concat([Buffer.alloc(4), payload, Buffer.from('neighbour')]);
        try {
          if (!reader.take({ buffer, offset: 4, end: 4 + payload.length }, false)) continue;
          reader.over();
          break;
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
