import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf } from '../../../../src/commands/serve/config-changes.ts';
import type { Config } from '../../../../src/model/config.ts';
import { load } from '../../../support/config-folder.ts';

const QUERIES =
  'query_sets: {one: {namespace: t, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}\n';

async function configOf(targets: string): Promise<Config> {
  const { result } = await load({
    'targets.yml': `query_files: [q.yml]\ndefaults: {user: u, query_sets: [one]}\ntargets:\n${targets}`,
    'q.yml': QUERIES,
  });
  assert.ok(result.ok, JSON.stringify(result));
  return result.config;
}

const target = (name: string, password = 'p') =>
  `  ${name}: {address: "127.0.0.1:1", password: ${password}}\n`;

test('names what is new, other than before, and gone; a password counts', async () => {
  const before = await configOf(target('same') + target('gone') + target('turned'));
  const after = await configOf(target('same') + target('new') + target('turned', 'q'));
  assert.deepEqual(changesOf(before, after), {
    targets_added: 'new',
    targets_changed: 'turned',
    targets_removed: 'gone',
  });
  assert.deepEqual(changesOf(before, before), {});
});

test('settings of queries count, the lines on which things stand do not', async () => {
  const before = await configOf(target('a'));
  const after = await configOf(`\n# moved\n${target('a').replace('}', ', queries: {one: {timeout: 1s}}}')}`);
  assert.deepEqual(changesOf(before, after), { targets_changed: 'a' });
  assert.deepEqual(changesOf(before, await configOf(`\n\n${target('a')}`)), {});
});

test('of many only some are named', async () => {
  const before = await configOf(target('t0'));
  const after = await configOf(Array.from({ length: 13 }, (_, i) => target(`t${i}`)).join(''));
  assert.match(String(changesOf(before, after)['targets_added']), /^t1, .*t10, and 2 more$/);
});
