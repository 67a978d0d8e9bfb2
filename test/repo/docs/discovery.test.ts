/** What docs/guides/discovery.md shows: each file is one that Prometheus takes, and the recipes are those that are shipped. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { removeFolder, temporaryFolder } from '../../../harness/children.ts';
import { discover } from '../../../src/http/discovery.ts';
import { loadTarget } from '../../support/config-folder.ts';
import { promtool } from '../deploy/promtool.ts';

const ROOT = new URL('../../../', import.meta.url);
const page = await readFile(new URL('docs/guides/discovery.md', ROOT), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml = '']) => yaml);
const configs = blocks.filter((yaml) => yaml.includes('scrape_configs:'));
/** Prometheus 3.5 does not know RDS yet; a list of names stands in its place, the rest is checked. */
const forOldPrometheus = (yaml: string) =>
  yaml.replace(/aws_sd_configs:\n( +- role: rds\n +region: \S+\n)/, 'static_configs: [{targets: [a]}]\n');

test('there is something to check', () => assert.ok(configs.length >= 5, `${configs.length} blocks`));

for (const [n, yaml] of configs.entries())
  test(`promtool takes block ${n + 1}`, async (t) => {
    const folder = temporaryFolder('discovery-guide');
    t.after(() => removeFolder(folder));
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, forOldPrometheus(yaml));
    assert.match(await promtool('check', 'config', file), /SUCCESS/);
  });

for (const name of ['discovery.yml', 'discovery-direct.yml'])
  test(`the recipe of ${name} stands on the page as it is`, async () => {
    const shipped: unknown = parse(await readFile(new URL(`deploy/prometheus/${name}`, ROOT), 'utf8'));
    const shown = configs.map((yaml): unknown => parse(yaml));
    assert.equal(shown.filter((one) => JSON.stringify(one) === JSON.stringify(shipped)).length, 1);
  });

test('the entry at the top is what such a target becomes', async () => {
  const [, json = ''] = /```json\n([^`]*)```/.exec(page) ?? [];
  const target = await loadTarget(
    {
      'targets.yml': `
defaults: {user: u, scrape_interval: 1m}
groups: {prod: {labels: {env: prod}}, eu: {}}
targets: {orders-primary: {address: "10.0.0.11:3306", groups: [prod, eu]}}
`,
    },
    {},
    'orders-primary',
  );
  assert.deepEqual(JSON.parse(json), discover([target], { groups: [], exporter: undefined }));
});
