/** Names under patterns: one object each, so many and no more, forgotten when nobody asks, kept over a reload. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Target } from '../../../src/model/config.ts';
import type { Catalog } from '../../../src/probe/catalog.ts';
import { compileGeneration } from '../../../src/probe/generation.ts';
import { NamesInUse } from '../../../src/probe/names-in-use.ts';
import { stopClock } from '../../support/clock.ts';
import { load } from '../../support/config-folder.ts';

async function catalogOf(targets: string): Promise<Catalog> {
  const { lines, result } = await load({ 'targets.yml': `defaults: {user: u}\ntargets: {${targets}}` });
  assert.ok(result.ok, lines.join('\n'));
  return compileGeneration(result.config).catalog;
}

const name = (n: number | string) => `db${n}.example.com:3306`;
const PATTERN = '"*.example.com:3306": {max_names: 3}';

function find(catalog: Catalog, n: number | string): Target {
  const target = catalog.find(name(n));
  assert.ok(target !== undefined);
  return target;
}

function start(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = stopClock(t);
  const forgotten: string[] = [];
  const names = new NamesInUse((gone) => forgotten.push(...gone));
  return { clock, forgotten, names };
}

test('a name is found by exact name, then by the pattern with more literal characters', async () => {
  const catalog = await catalogOf(
    `${PATTERN}, "db1*.example.com:3306": {labels: {a: b}}, "${name(12)}": {labels: {c: d}}`,
  );
  assert.deepEqual(find(catalog, 2).labels, {});
  assert.deepEqual(find(catalog, 11).labels, { a: 'b' });
  assert.deepEqual(find(catalog, 12).labels, { c: 'd' });
  assert.equal(find(catalog, 12).pattern, undefined);
  const { address, name: own, pattern } = find(catalog, 2);
  assert.deepEqual(
    [own, address, pattern],
    [
      name(2),
      { kind: 'tcp', host: 'db2.example.com', port: 3306 },
      { text: '*.example.com:3306', maxNames: 3 },
    ],
  );
  for (const wrong of [
    'db2.example.com',
    'db2.example.com:3307',
    'db2.example.org:3306',
    '*.example.com:3306',
  ])
    assert.equal(catalog.find(wrong), undefined, wrong);
});

test('a name has one object and one plan as long as it is in use; a listed target needs no place', async (t) => {
  const { names } = start(t);
  const catalog = await catalogOf(`${PATTERN}, listed: {address: h}`);
  const first = names.admit(find(catalog, 1));
  assert.ok(first !== undefined);
  const again = names.admit(find(catalog, 1));
  assert.equal(again, first);
  assert.equal(catalog.plan(first), catalog.plan(first));
  assert.equal(catalog.plan(first).key === catalog.plan(find(catalog, 2)).key, false);
  const listed = catalog.targets.get('listed');
  assert.ok(listed !== undefined);
  assert.equal(names.admit(listed), listed);
  assert.equal(names.size, 1);
});

test('of 10,000 names only so many come in as the pattern may have', async (t) => {
  const { names } = start(t);
  const catalog = await catalogOf(`${PATTERN}, "*.example.org:3306": {}`);
  let admitted = 0;
  for (let n = 0; n < 10_000; n++) if (names.admit(find(catalog, n)) !== undefined) admitted++;
  assert.deepEqual([admitted, names.size], [3, 3]);
  assert.ok(names.admit(find(catalog, 2)) !== undefined, 'those that are in use go on');
  const other = catalog.find('a.example.org:3306');
  assert.ok(other !== undefined && names.admit(other) !== undefined, 'another pattern has its own');
});

test('a name that nobody asks for an hour is forgotten, and makes room', async (t) => {
  const { clock, forgotten, names } = start(t);
  const catalog = await catalogOf(PATTERN);
  for (const n of [1, 2, 3]) names.admit(find(catalog, n));
  clock.forward(1_800_000);
  names.admit(find(catalog, 1));
  clock.forward(1_799_999);
  assert.equal(names.admit(find(catalog, 4)), undefined);
  clock.forward(1);
  assert.ok(names.admit(find(catalog, 4)) !== undefined);
  assert.deepEqual(forgotten, [name(2), name(3)]);
  assert.equal(names.targetOf(name(2)), undefined);
  assert.ok(names.targetOf(name(1)) !== undefined);
});

test('it is forgotten without another request too, and nothing is left to do then', async (t) => {
  const { clock, forgotten, names } = start(t);
  const catalog = await catalogOf(PATTERN);
  names.admit(find(catalog, 1));
  t.mock.timers.tick(60_000);
  assert.deepEqual(forgotten, []);
  clock.forward(3_600_000);
  const cleared = t.mock.method(globalThis, 'clearInterval');
  t.mock.timers.tick(60_000);
  assert.deepEqual([forgotten, names.size], [[name(1)], 0]);
  assert.equal(cleared.mock.callCount(), 1, 'the clock has stopped');
});

test('a reload keeps names that are matched still, with the new settings', async (t) => {
  const { names } = start(t);
  const before = await catalogOf(PATTERN);
  for (const n of [1, 2, 3]) names.admit(find(before, n));
  const after = await catalogOf(`"*.example.com:3306": {max_names: 3, query_timeout: 9s}, "${name(2)}": {}`);
  names.adopt(after);
  assert.equal(names.targetOf(name(1))?.queryTimeoutMs, 9_000);
  assert.equal(names.targetOf(name(2)), undefined, 'it has a name of its own now');
  assert.equal(names.size, 2);
  assert.equal(names.admit(find(after, 1)), names.targetOf(name(1)));
  assert.ok(names.admit(find(after, 4)) !== undefined);
  assert.equal(names.admit(find(after, 5)), undefined, 'they are counted on');
  names.adopt(await catalogOf('a: {address: h}'));
  assert.equal(names.size, 0);
});

test('when the pattern may have fewer names after a reload, those that were asked for last stay', async (t) => {
  const { clock, names } = start(t);
  const before = await catalogOf(PATTERN);
  for (const n of [1, 2, 3, 1]) {
    names.admit(find(before, n));
    clock.forward(1_000);
  }
  names.adopt(await catalogOf('"*.example.com:3306": {max_names: 2}'));
  assert.deepEqual(
    [1, 2, 3].map((n) => names.targetOf(name(n)) !== undefined),
    [true, false, true],
  );
  clock.forward(3_599_000);
  const now = await catalogOf('"*.example.com:3306": {max_names: 2}');
  assert.ok(names.admit(find(now, 4)) !== undefined, 'the time of their last use has come along');
  assert.equal(names.targetOf(name(3)), undefined);
});
