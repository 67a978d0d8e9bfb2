/** Parameters of shipped sets that dashboards need together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadShippedSets } from '../../../../src/config/load.ts';
import { PROFILES } from '../../../../src/config/targets-file/profiles.ts';
import { settingsText } from '../../../../src/settings/settings-text.ts';
import { load, loadTarget } from '../../../support/config-folder.ts';

const targetWith = (defaults: string, own: string, queryFiles = 'builtin') =>
  loadTarget({
    'targets.yml': `
query_files: [${queryFiles}]
defaults: {user: u, query_sets: [global_status], ${defaults}}
targets: {a: {address: h, ${own}}}
`,
    'own.yml':
      'query_sets: {global_status: {override: true, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}',
  });

test('every profile names parameters that the shipped sets have', async () => {
  const sets = await loadShippedSets();
  for (const params of Object.values(PROFILES))
    for (const [set, values] of Object.entries(params))
      for (const param of Object.keys(values)) assert.ok(sets.get(set)?.params?.[param], `${set} ${param}`);
});

test('a profile sets its parameters, below the params of its level and above those of less specific ones', async () => {
  const { params } = await targetWith('profiles: [grafana_7362]', '');
  assert.deepEqual(params, PROFILES.grafana_7362);
  const own = await targetWith('profiles: [percona]', 'params: {global_status: {redo_log_names: false}}');
  assert.equal(own.params?.['global_status']?.['redo_log_names'], false);
  assert.equal(own.params?.['global_status']?.['buffer_pool_total'], true);
  const above = await targetWith('params: {global_status: {redo_log_names: false}}', 'profiles: [percona]');
  assert.equal(above.params?.['global_status']?.['redo_log_names'], true);
});

test("a set of one's own in place of a shipped one has no such parameter", async () => {
  const { params } = await targetWith('', 'profiles: [percona]', 'builtin, own.yml');
  assert.deepEqual(params, { 'info_schema.processlist': { old_names: true } });
});

test('the settings of a target name the line of the profile', async () => {
  const { path, result } = await load({
    'targets.yml':
      'defaults:\n  profiles: [percona]\ntargets:\n  a: {address: h, user: u, params: {global_status: {redo_log_names: false}}}\n',
  });
  assert.ok(result.ok);
  const [target] = result.config.targets.values();
  assert.ok(target);
  const text = settingsText(result.config, target).replaceAll(`${path}/`, '');
  assert.match(text, /old_names: true +# defaults, targets\.yml:2$/m);
  assert.match(text, /buffer_pool_total: true +# defaults, targets\.yml:2$/m);
  assert.match(text, /redo_log_names: false +# target, targets\.yml:4$/m);
});

test('an unknown profile is an error with the names that there are', async () => {
  const { lines } = await load({
    'targets.yml': 'targets:\n  a: {address: h, user: u, profiles: [percoan]}\n',
  });
  assert.deepEqual(lines, [
    'targets.yml:2:39: error: profiles[0]: expected one of grafana_7362, percona, found text "percoan"; did you mean "percona"?',
  ]);
});
