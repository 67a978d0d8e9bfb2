/** Results of many servers at the same time, and what they may have together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResultBudget } from '../../../../src/mysql/protocol/result-budget.ts';
import { open, play, query, seen } from '../../../support/mysql.ts';
import { answering, result } from '../../../support/scripted-server.ts';

const MIB = 1 << 20;

test('above the limit results are refused, those of usual size never', () => {
  let refused = 0;
  const budget = new ResultBudget(4 * MIB, () => refused++);
  const [large, other, usual] = [budget.begin(), budget.begin(), budget.begin()];
  assert.ok(large.take(3 * MIB));
  assert.ok(!other.take(2 * MIB));
  assert.equal(refused, 1);
  assert.ok(usual.take(MIB));
  other.giveBack();
  assert.equal(budget.used, 4 * MIB);
  other.giveBack();
  assert.equal(budget.used, 4 * MIB);
  large.giveBack();
  usual.giveBack();
  assert.equal(budget.used, 0);
});

const rowsOf = (mib: number) =>
  result(
    ['v'],
    Array.from({ length: mib }, () => ['x'.repeat(MIB)]),
  );

test('what was read, refused or given up takes nothing any more', async (t) => {
  let refused = 0;
  const results = new ResultBudget(5 * MIB, () => refused++);
  const server = await play(
    t,
    answering(async (peer, sql) => {
      if (sql === 'SELECT hang') await peer.gone;
      else peer.send(...rowsOf(Number(sql.slice('SELECT '.length))));
    }),
  );
  const limits = { maxRows: 100, maxBytes: 16 * MIB };
  const opened = await open(t, server, { results });
  assert.ok(opened.ok);
  for (const [mib, expected] of [
    [3, 'ok'],
    [8, 'limit'],
    [3, 'ok'],
    [1, 'ok'],
  ] as const) {
    const answer = await query(opened.connection, `SELECT ${mib}`, 20_000, limits);
    assert.equal(answer.ok ? 'ok' : answer.reason, expected);
    if (!answer.ok) assert.match(answer.detail, /larger than 5242880 bytes together \(--max-result-bytes\)/);
    await opened.connection.whenFree();
    assert.equal(results.used, 0);
  }
  assert.equal(refused, 1);
  assert.equal(seen(await query(opened.connection, 'SELECT hang', 100)), 'timeout');
  assert.equal(results.used, 0);
});
