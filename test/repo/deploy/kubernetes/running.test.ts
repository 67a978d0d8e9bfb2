/** The program takes what the pod gives it, and Prometheus what the overlays say: as files, arguments, paths and addresses. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { removeFolder, temporaryFolder } from '../../../../harness/children.ts';
import { load } from '../../../support/config-folder.ts';
import { eventually } from '../../../support/eventually.ts';
import { Exporter } from '../../../support/exporter.ts';
import { mountFolder } from '../../../support/port/mounted-folder.ts';
import { ruleFiles } from '../files.ts';
import { promtool } from '../promtool.ts';
import { KUBERNETES, objectsIn, overlayFolder } from './files.ts';
import { deployment, scrapeConfig, theOnly } from './objects.ts';
import { asPrometheus } from './scrape-job.ts';

const read = (path: string) => readFile(join(KUBERNETES, path), 'utf8');
const TARGETS = await read('base/common/config/targets.yml');
const SECRET = { 'exporter.password': 'secret' };
const { spec } = theOnly(objectsIn(await read('base/exporter/deployment.yaml')), deployment);
const [container] = spec.template.spec.containers;
const [{ mountPath }] = container.volumeMounts;

const folder = temporaryFolder('kubernetes');
after(() => removeFolder(folder));
const mounted = await mountFolder(join(folder, 'config'));
await mounted.swap({ 'targets.yml': TARGETS, ...SECRET });
const [command, ...flags] = container.args.map((arg) =>
  // Thirty seconds are long to wait for a reload.
  arg.replace(mountPath, mounted.at).replace(/(?<=auto-reload-interval=)\d+s$/, '200ms'),
);
const exporter = await Exporter.start({}, ...flags);
after(() => exporter[Symbol.asyncDispose]());
const host = new URL(exporter.url).host;

test('the example of the configuration has no mistake, given the Secret', async () => {
  const { lines, result } = await load({ 'targets.yml': TARGETS, ...SECRET });
  assert.ok(result.ok, lines.join('\n'));
  // The file of the test may be read by everybody, which that of the pod may not.
  assert.deepEqual(
    lines.filter((line) => !line.includes('every user of this machine may read')),
    [],
  );
});

test('the arguments of the container are flags of serve, and its probes are answered', async () => {
  assert.equal(command, 'serve');
  for (const { httpGet } of [container.startupProbe, container.readinessProbe, container.livenessProbe])
    assert.equal((await exporter.get(httpGet.path)).status, 200, httpGet.path);
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 403);
});

test('a ConfigMap that changes is taken over', async () => {
  const more = Array.from({ length: 20 }, (_, n) => `  shop-${n}: {address: "127.0.0.1:1"}\n`);
  await mounted.swap({ 'targets.yml': TARGETS + more.join(''), ...SECRET });
  await eventually(async () => {
    const list = JSON.parse((await exporter.get('/sd')).text) as readonly unknown[];
    assert.equal(list.length, 22);
  });
});

/** Writes a prometheus.yml of its own folder and gives its path. */
async function prometheusFile(name: string, content: object): Promise<string> {
  await mkdir(join(folder, name));
  const file = join(folder, name, 'prometheus.yml');
  await writeFile(file, stringify(content));
  return file;
}

test('plain: promtool takes the scrape configuration together with the rules', async () => {
  const file = await prometheusFile('plain', {
    scrape_config_files: [join(overlayFolder('plain'), 'scrape.yml')],
    rule_files: await ruleFiles(),
  });
  assert.match(await promtool('check', 'config', file), /SUCCESS/);
});

interface Found {
  readonly labels: Readonly<Record<string, string>> | null;
}

/** What Prometheus makes of the targets that our exporter tells it by a ScrapeConfig. */
async function foundBy(overlay: 'prometheus-operator' | 'sharded') {
  const object = theOnly(
    objectsIn(await readFile(join(overlayFolder(overlay), 'scrape-config.yaml'), 'utf8')),
    scrapeConfig,
  );
  const job = asPrometheus(object, host);
  const file = await prometheusFile(overlay, { scrape_configs: [job] });
  // It collects for as long as it is told to.
  const json = await promtool('check', 'service-discovery', '--timeout=2s', file, object.spec.jobName);
  return (JSON.parse(json) as readonly Found[]).map(({ labels }) => labels ?? {});
}

test('prometheus-operator: each target is asked for by its name, at the exporter', async () => {
  const found = await foundBy('prometheus-operator');
  assert.equal(found.length, 22);
  for (const labels of found) {
    assert.equal(labels['__address__'], host);
    assert.equal(labels['__metrics_path__'], '/probe');
    assert.equal(labels['__param_target'], labels['instance']);
  }
});

test('sharded: each target is asked for by its name, at one of the shards, and each shard has some', async () => {
  const found = await foundBy('sharded');
  const names = new Set(found.map(({ instance }) => instance));
  assert.equal(found.length, 22);
  assert.equal(names.size, 22);
  const asked = new Map<string, number>();
  for (const labels of found) {
    const { __address__: address = '' } = labels;
    assert.match(address, /^mysql-query-exporter-[01]\.monitoring\.svc:9104$/);
    assert.equal(labels['__metrics_path__'], '/probe');
    assert.equal(labels['__param_target'], labels['instance']);
    asked.set(address, (asked.get(address) ?? 0) + 1);
  }
  assert.equal(asked.size, 2);
  for (const targets of asked.values()) assert.ok(targets >= 5, `${targets} of 22`);
});
