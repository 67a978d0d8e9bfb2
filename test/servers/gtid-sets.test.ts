/** Sets of GTIDs: our arithmetic gives what MySQL's own functions give, for random sets, with and without tags. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countOf,
  overlap,
  parseGtidSet,
  parseSet,
  subtract,
  textOf,
  union,
} from '../../src/fleet/gtid-set.ts';
import { realServers } from '../support/real-servers.ts';

const SETS = 2_000;
/** Fixed, so that a failure comes again. */
const SEED = 17;

const source = fc.constantFrom(
  '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  '3E11FA47-71CA-11E1-9E33-C80AA9429563',
  'a0000000-0000-4000-8000-00000000000a',
);
const tag = fc.option(fc.constantFrom('orders', 'Backup', '_1', 'a_long_tag_of_thirty_two_letters'), {
  nil: undefined,
});
/** Small ones meet and touch; large ones are as exact as they must be. */
const number = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 50 }));
const interval = fc
  .tuple(number, fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }))
  .map(([first, more]) => (more === undefined ? `${first}` : `${first}-${first + more}`));
const part = fc
  .tuple(
    source,
    fc.array(fc.tuple(tag, fc.array(interval, { minLength: 1, maxLength: 6 })), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([uuid, groups]) =>
    [uuid, ...groups.flatMap(([name, list]) => (name === undefined ? list : [name, ...list]))].join(':'),
  );
const set = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(',\n'));

const found = (await realServers()).find(({ flavour }) => flavour === 'mysql');
assert.ok(found !== undefined);
const mysql = found;

const ours = (text: string) => {
  const parsed = parseGtidSet(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
};

test(`${SETS} random sets, as MySQL has them`, async () => {
  const pairs = fc.sample(fc.tuple(set, set), { numRuns: SETS / 2, seed: SEED });
  const rows = await mysql.root(
    `SELECT GTID_SUBTRACT(a, '') AS a, GTID_SUBTRACT(b, '') AS b, GTID_SUBTRACT(a, b) AS a_less_b, GTID_SUBTRACT(b, a) AS b_less_a,
            GTID_SUBSET(a, b) AS is_subset, GTID_SUBTRACT(CONCAT(a, ',', b), '') AS both_sets
     FROM JSON_TABLE(?, '$[*]' COLUMNS (place FOR ORDINALITY, a LONGTEXT PATH '$[0]', b LONGTEXT PATH '$[1]')) AS pairs ORDER BY place`,
    [JSON.stringify(pairs)],
  );
  assert.equal(rows.length, pairs.length);
  for (const [i, [a, b]] of pairs.entries()) {
    const theirs = (column: string) => String(rows[i]?.[column]).replaceAll('\n', '');
    const [setA, setB] = [ours(a), ours(b)];
    const what = JSON.stringify([a, b]);
    assert.equal(textOf(setA), theirs('a'), what);
    assert.equal(textOf(setB), theirs('b'), what);
    assert.equal(textOf(subtract(setA, setB)), theirs('a_less_b'), what);
    assert.equal(textOf(subtract(setB, setA)), theirs('b_less_a'), what);
    assert.equal(textOf(union(setA, setB)), theirs('both_sets'), what);
    assert.equal(subtract(setA, setB).size === 0, rows[i]?.['is_subset'] === 1, what);
    // Both have something that the difference does not have.
    assert.equal(overlap(setA, setB), countOf(subtract(setA, setB)) < countOf(setA), what);
    assert.equal(countOf(union(setA, setB)), countOf(setB) + countOf(subtract(setA, setB)), what);
    assert.equal(textOf(parseSet(textOf(setA))), theirs('a'), what);
  }
});

test('what MySQL takes for a set is one, and nothing else', async () => {
  const texts = [
    '',
    ' ',
    ',',
    'x',
    '1-2',
    '3e11fa47-71ca-11e1-9e33-c80aa9429562',
    '3e11fa47-71ca-11e1-9e33-c80aa9429562:x',
  ];
  for (const text of [
    ...texts,
    '3e11fa47-71ca-11e1-9e33-c80aa9429562:1:',
    '3e11fa47-71ca-11e1-9e33-c80aa9429562:5-3',
  ]) {
    const theirs = await mysql.root('SELECT GTID_SUBTRACT(?, "") AS found', [text]).then(
      ([row]) => (row?.['found'] as string | null) ?? undefined,
      () => undefined,
    );
    const parsed = parseGtidSet(text);
    assert.equal(parsed && textOf(parsed), theirs, JSON.stringify(text));
  }
});
