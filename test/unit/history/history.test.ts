/** The history of a fleet: what it costs, what it adds up, and what of it is left after a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FinishedProbe, FinishedQuery } from '../../../src/history/finished-probe.ts';
import { History } from '../../../src/history/history.ts';
import type { Target } from '../../../src/model/config.ts';
import { load } from '../../support/config-folder.ts';

async function targetsNamed(names: readonly string[], more = ''): Promise<ReadonlyMap<string, Target>> {
  const entries = names.map((name) => `  ${name}: {address: "127.0.0.1:1"${more}}`).join('\n');
  const { lines, result } = await load({
    'targets.yml': `defaults: {user: a, password: b}\ntargets:\n${entries}\n`,
  });
  assert.ok(result.ok, lines.join('\n'));
  return result.config.targets;
}

const query = (name: string, part: Partial<FinishedQuery> = {}): FinishedQuery => ({
  query: { set: 'set', name },
  ...{ seconds: 0.5, rows: 1, series: 1, bytes: 10, sql: 'SELECT 1', failure: undefined, skipped: undefined },
  ...part,
});

const probe = (part: Partial<FinishedProbe> = {}): FinishedProbe => ({
  ...{ endedAt: 1_000, seconds: 0.01, down: undefined, requests: 1, clients: ['127.0.0.1'], queries: [] },
  ...part,
});

const FAILED = { ok: false, reason: 'sql', detail: 'no' } as const;

test('queries add up over targets, without those of a target that was down', async () => {
  const history = new History(3);
  const targets = await targetsNamed(['a', 'b']);
  for (const target of targets.values()) {
    history.add(target, probe({ queries: [query('one'), query('two', { failure: FAILED })] }));
    history.add(
      target,
      probe({
        down: { ...FAILED, reason: 'refused' },
        queries: [query('one', { failure: { ...FAILED, reason: 'refused' } })],
      }),
    );
  }
  assert.deepEqual(
    [...history.totals],
    [
      ['set/one', { asked: 2, skipped: 0, seconds: 1, failed: new Map() }],
      ['set/two', { asked: 2, skipped: 0, seconds: 1, failed: new Map([['sql', 2]]) }],
    ],
  );
});

test('who asked last comes first, and each once', async () => {
  const history = new History(3);
  const [target] = (await targetsNamed(['a'])).values();
  assert.ok(target);
  for (const [i, clients] of [['::1'], ['127.0.0.1'], ['::1', '10.0.0.1'], ['b'], ['c']].entries())
    history.add(target, probe({ clients, endedAt: i * 1_000 }));
  assert.deepEqual(
    history.clientsOf('a').map(({ address }) => address),
    ['c', 'b', '::1', '10.0.0.1'],
  );
});

test('a reload keeps what has not changed, and forgets the rest', async () => {
  const history = new History(3);
  for (const target of (await targetsNamed(['same', 'gone'])).values()) history.add(target, probe());
  const [changed] = (await targetsNamed(['changed'])).values();
  assert.ok(changed);
  history.add(changed, probe());
  const same = await targetsNamed(['same']);
  const other = await targetsNamed(['changed'], ', query_timeout: 1s');
  history.adopt((name) => same.get(name) ?? other.get(name));
  assert.deepEqual([...history.targets], ['same']);
  history.forget(new Set(['same']));
  assert.deepEqual([...history.targets], []);
});

test('a target with six queries takes less than 2 KB', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const names = Array.from({ length: 1_000 }, (_, i) => `db-${i}`);
  const targets = [...(await targetsNamed(names)).values()];
  const queries = Array.from({ length: 6 }, (_, i) => query(`query-${i}`));
  const history = new History(20);
  const before = used();
  for (let round = 0; round < 25; round++)
    for (const target of targets) history.add(target, probe({ endedAt: round * 15_000, queries }));
  const bytes = (used() - before) / targets.length;
  assert.ok(bytes < 2_048, `${Math.round(bytes)} bytes`);
  assert.equal(history.of('db-7')?.probes.length, 20);
});
