/** What docs/guides/kubernetes.md shows: its folder is one that kustomize, our check and Prometheus take. */
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { removeFolder, temporaryFolder } from '../../../harness/children.ts';
import { load } from '../../support/config-folder.ts';
import { objectsIn, overlayFolder } from '../deploy/kubernetes/files.ts';
import { kustomize } from '../deploy/kubernetes/kustomize.ts';
import { configMap, deployment, networkPolicy, scrapeConfig, theOnly } from '../deploy/kubernetes/objects.ts';
import { validate } from '../deploy/kubernetes/schemas.ts';
import { asPrometheus } from '../deploy/kubernetes/scrape-job.ts';
import { promtool } from '../deploy/promtool.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const page = await read('docs/guides/kubernetes.md');

/** The one YAML block, less its indentation, that has this text. */
function block(has: string): string {
  const blocks = [...page.matchAll(/^( *)```yaml\n([^`]*)```/gm)].map(([, indent = '', yaml = '']) =>
    yaml.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  const [found, ...more] = blocks.filter((yaml) => yaml.includes(has));
  assert.ok(found !== undefined && more.length === 0, `${1 + more.length} blocks with ${has}`);
  return found;
}

/** The example of the README, which the guide's targets.yml names. */
const SHOP = /```yaml\n(query_sets:\n {2}shop:[^`]*)```/.exec(await read('README.md'))?.[1] ?? '';
const TARGETS = block('query_files:');

const folder = temporaryFolder('kubernetes-guide');
after(() => removeFolder(folder));
const mine = join(folder, 'mysql');
before(async () => {
  await mkdir(mine);
  await symlink(ROOT, join(folder, 'mysql-query-exporter'));
  await writeFile(join(mine, 'targets.yml'), TARGETS);
  await writeFile(join(mine, 'shop.yml'), SHOP);
  await writeFile(join(mine, 'network-policy.yaml'), block('kind: NetworkPolicy'));
});

for (const overlay of ['plain', 'prometheus-operator', 'sharded'])
  test(`the folder of one's own makes of ${overlay} what it says`, async () => {
    const text = block('kind: Kustomization').replace('overlays/prometheus-operator', `overlays/${overlay}`);
    await writeFile(join(mine, 'kustomization.yaml'), text);
    const objects = await kustomize(mine);
    for (const object of objects) {
      validate(object);
      assert.equal(object.metadata.labels['release'], 'kube-prometheus-stack');
    }
    const files = objects
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'mysql-query-exporter')
      .map((object) => configMap.parse(object).data);
    assert.deepEqual(files, [{ 'targets.yml': TARGETS, 'shop.yml': SHOP }]);
    const images = objects
      .filter(({ kind }) => kind === 'Deployment')
      .map((object) => deployment.parse(object).spec.template.spec.containers[0].image);
    assert.deepEqual([...new Set(images)], ['registry.example.com/mysql-query-exporter:0.2.0']);
    const { egress, ingress } = theOnly(objects, networkPolicy).spec;
    assert.equal(ingress.length, 1, 'what the patch does not name stays');
    assert.ok(egress.length === 2 && egress.every(({ to }) => to !== undefined), 'what it names is replaced');
  });

test('its targets.yml has no mistake', async () => {
  const { lines, result } = await load({
    'targets.yml': TARGETS,
    'shop.yml': SHOP,
    'exporter.password': 'a',
  });
  assert.ok(result.ok, lines.join('\n'));
});

test('Prometheus takes the files of the ConfigMaps by the lines that the guide shows', async () => {
  const lines = block('scrape_config_files:')
    .replace('/etc/prometheus/mysql-scrape/*.yml', join(overlayFolder('plain'), '*.yml'))
    .replace('/etc/prometheus/mysql-rules', join(ROOT, 'deploy/prometheus/rules'));
  const file = join(folder, 'plain.yml');
  await writeFile(file, lines);
  const said = await promtool('check', 'config', file);
  assert.match(said, /SUCCESS: .*plain\.yml is valid prometheus config file/);
  assert.match(said, /SUCCESS: \d+ rules found/);
});

test('the job for shards without operator is that of the ScrapeConfig', async () => {
  const yaml = block('modulus:');
  const file = join(folder, 'sharded.yml');
  await writeFile(file, yaml);
  assert.match(await promtool('check', 'config', file), /SUCCESS/);
  const shipped = theOnly(
    objectsIn(await readFile(join(overlayFolder('sharded'), 'scrape-config.yaml'), 'utf8')),
    scrapeConfig,
  );
  const [{ refreshInterval, url }] = shipped.spec.httpSDConfigs;
  const { job_name, relabel_configs } = asPrometheus(shipped, new URL(url).host);
  assert.equal(refreshInterval, '1m', 'the default, which the guide leaves out');
  assert.deepEqual(parse(yaml), {
    scrape_configs: [{ job_name, http_sd_configs: [{ url }], relabel_configs }],
  });
});
