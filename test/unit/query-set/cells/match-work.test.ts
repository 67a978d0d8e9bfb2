/** What counts against a result: letters, and not the time that they take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checked, compileEach, compilePattern } from '../../../../src/pattern/pattern.ts';
import { MatchWork } from '../../../../src/query-set/cells/match-work.ts';

const PATTERN = checked(compilePattern('^(\\d+)x'));
const TEXT = '1'.repeat(4096);

/** How many texts of this length go before it is too much. */
function howMany(work: MatchWork): number {
  let count = 0;
  while (work.exec(PATTERN, TEXT) !== undefined) count++;
  return count;
}

test('so many letters are searched in one result or step, always the same', () => {
  const work = new MatchWork();
  const many = howMany(work);
  assert.ok(many > 1_000, `${many}`);
  assert.equal(howMany(work), 0);
  work.renew();
  assert.equal(howMany(work), many);
});

test('a thousand keys and forty rules are far from it', () => {
  const work = new MatchWork();
  for (let i = 0; i < 40_000; i++) assert.equal(work.exec(PATTERN, 'innodb_buffer_pool_pages_dirty'), null);
  assert.ok(howMany(work) > 100);
});

test('all matches on RE2 count what it may look through for each', () => {
  const pattern = checked(compileEach('(\\w+)=(\\d+)'));
  const work = new MatchWork();
  assert.equal(work.all(pattern, 'a=1,'.repeat(250))?.length, 250);
  assert.equal(work.all(pattern, 'a=1,'.repeat(16_384)), undefined);
});

test('a text whose match could take longer than all may is not searched', () => {
  const large = checked(compilePattern(`(.*)(?:${'[ab]'.repeat(300)})(.*)x`));
  assert.equal(new MatchWork().exec(large, 'a'), null);
  assert.equal(new MatchWork().exec(large, 'a'.repeat(4096)), undefined);
});
