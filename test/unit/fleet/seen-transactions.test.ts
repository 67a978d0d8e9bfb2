/** Lag from looks at a source: how many transactions, and since when at least and at most. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GtidSet, NO_TRANSACTIONS, parseGtidSet, parsePosition } from '../../../src/fleet/gtid-set.ts';
import { SeenTransactions } from '../../../src/fleet/seen-transactions.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const OTHER = '3e11fa47-71ca-11e1-9e33-c80aa9429563';
const upTo = (last: number) => `${UUID}:1-${last}`;
const has = (text: string): GtidSet => parseGtidSet(text) ?? NO_TRANSACTIONS;

function source(...looks: readonly (readonly [at: number, text: string])[]): SeenTransactions {
  const seen = new SeenTransactions();
  for (const [at, text] of looks) seen.see(text, parseGtidSet, at);
  return seen;
}

const cases = [
  {
    name: 'nothing is known before the first look',
    looks: [[100, upTo(5)]],
    replica: upTo(4),
    readAt: 90,
    lag: undefined,
  },
  {
    name: 'a replica that has all of a later look is not behind at all',
    looks: [[100, upTo(5)]],
    replica: upTo(5),
    readAt: 90,
    lag: { transactions: 0, lowerMs: 0, upperMs: 0 },
  },
  {
    name: 'one that has all of the look before may lack what came since',
    looks: [[100, upTo(5)]],
    replica: upTo(5),
    readAt: 110,
    lag: { transactions: 0, lowerMs: 0, upperMs: 10 },
  },
  {
    name: 'what was there at the first look may be of any age',
    looks: [
      [100, upTo(5)],
      [200, upTo(9)],
    ],
    replica: upTo(4),
    readAt: 260,
    lag: { transactions: 5, lowerMs: 160, upperMs: undefined },
  },
  {
    name: 'the oldest transaction that is missing came between two looks',
    looks: [
      [100, upTo(5)],
      [200, upTo(5)],
      [300, upTo(9)],
      [400, upTo(12)],
    ],
    replica: upTo(7),
    readAt: 450,
    lag: { transactions: 5, lowerMs: 150, upperMs: 250 },
  },
  {
    name: 'what was seen after the replica was read is no lag of it',
    looks: [
      [100, upTo(5)],
      [200, upTo(9)],
    ],
    replica: upTo(5),
    readAt: 150,
    lag: { transactions: 0, lowerMs: 0, upperMs: 50 },
  },
  {
    name: 'a hole counts as what it is',
    looks: [
      [100, upTo(5)],
      [200, upTo(9)],
    ],
    replica: `${UUID}:1-2:4-9`,
    readAt: 250,
    lag: { transactions: 1, lowerMs: 150, upperMs: undefined },
  },
  {
    name: 'transactions of the replica alone change nothing',
    looks: [
      [100, upTo(5)],
      [200, upTo(6)],
    ],
    replica: `${upTo(6)},${OTHER}:1-3`,
    readAt: 200,
    lag: { transactions: 0, lowerMs: 0, upperMs: 0 },
  },
  {
    name: 'a source that was reset begins anew',
    looks: [
      [100, upTo(50)],
      [200, upTo(60)],
      [300, upTo(2)],
    ],
    replica: upTo(1),
    readAt: 350,
    lag: { transactions: 1, lowerMs: 50, upperMs: undefined },
  },
] as const;

for (const { lag, looks, name, readAt, replica } of cases)
  test(name, () => {
    assert.deepEqual(source(...looks).lagOf(has(replica), readAt, parseGtidSet), lag);
  });

test('two domains of MariaDB, one of which the replica does not take', () => {
  const seen = new SeenTransactions();
  seen.see('0-1-10,7-1-3', parsePosition, 100);
  seen.see('0-1-14,7-1-9', parsePosition, 200);
  const replica = parsePosition('0-1-12,7-1-3') ?? NO_TRANSACTIONS;
  assert.deepEqual(seen.lagOf(replica, 200, parsePosition), { transactions: 8, lowerMs: 0, upperMs: 100 });
  const taken = (domain: string) => domain === '0';
  assert.deepEqual(seen.lagOf(replica, 200, parsePosition, taken), {
    transactions: 2,
    lowerMs: 0,
    upperMs: 100,
  });
});

test('of a long time the bounds stay true, and come nearer to each other the later it was', () => {
  const seen = new SeenTransactions();
  for (let i = 0; i <= 10_000; i++) seen.see(upTo(i + 1), parseGtidSet, i * 10);
  const readAt = 100_000;
  for (const lacksFrom of [2, 5_000, 9_000, 9_990, 10_001]) {
    const lag = seen.lagOf(has(upTo(lacksFrom - 1)), readAt, parseGtidSet);
    assert.ok(lag?.upperMs !== undefined);
    assert.equal(lag.transactions, 10_001 - (lacksFrom - 1));
    const truth = readAt - (lacksFrom - 1) * 10;
    assert.ok(lag.lowerMs <= truth && truth <= lag.upperMs, `${lag.lowerMs} ${truth} ${lag.upperMs}`);
  }
  assert.deepEqual(seen.lagOf(has(upTo(9_998)), readAt, parseGtidSet), {
    transactions: 3,
    lowerMs: 20,
    upperMs: 30,
  });
});
