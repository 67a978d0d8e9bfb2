/** Each kustomization names files that are there, and every file is in one; the numbers of shards and versions agree. */
import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROMETHEUS_RULE, prometheusRule } from '../../../../tools/kubernetes/prometheus-rule.ts';
import { ruleFiles } from '../files.ts';
import {
  allFiles,
  DEPLOY,
  filesOf,
  KUBERNETES,
  nameOf,
  OVERLAYS,
  objectsIn,
  overlayFolder,
  reachedFrom,
  readKustomization,
} from './files.ts';
import { scrapeConfig, theOnly } from './objects.ts';

/** Used in place of another one, as the file itself says. */
const ALTERNATIVES: readonly string[] = [join(overlayFolder('prometheus-operator'), 'probe.yaml')];

const reached = (await Promise.all(OVERLAYS.map((overlay) => reachedFrom(overlayFolder(overlay))))).flat();

test('what a kustomization names is there', async () => {
  const named = reached.flatMap(filesOf);
  assert.ok(named.length > 15);
  for (const file of named) await access(file);
});

test('every file is named by a kustomization that an overlay takes in', async () => {
  const used = new Set([
    ...reached.flatMap(filesOf),
    ...reached.map(({ folder }) => join(folder, 'kustomization.yaml')),
    ...ALTERNATIVES,
  ]);
  const files = await allFiles();
  assert.ok(files.length > 20);
  assert.deepEqual(files.filter((file) => !used.has(file)).map(nameOf), []);
  for (const file of ALTERNATIVES) assert.ok(files.includes(file), nameOf(file));
});

test('all rules are in the ConfigMap', async () => {
  const kustomization = await readKustomization(join(DEPLOY, 'prometheus'));
  assert.deepEqual(filesOf(kustomization), await ruleFiles());
});

test('deploy/kubernetes/operator/prometheus-rule.yaml is fresh', async () => {
  const committed = await readFile(PROMETHEUS_RULE, 'utf8').catch(() => '');
  assert.ok(committed === (await prometheusRule()), 'it is stale: npm run kubernetes');
});

test('the hash has as many results as there are shards, each with its number', async () => {
  const folder = overlayFolder('sharded');
  const shards = (await readdir(folder)).filter((name) => name.startsWith('shard-')).sort();
  const { content } = await readKustomization(folder);
  assert.deepEqual(
    content.resources.filter((name) => name.startsWith('shard-')),
    shards,
  );
  for (const [n, shard] of shards.entries()) {
    const { content: own } = await readKustomization(join(folder, shard));
    assert.equal(own.nameSuffix, `-${n}`);
    assert.deepEqual(own.labels, [{ pairs: { shard: String(n) }, includeSelectors: true }]);
  }
  const text = await readFile(join(folder, 'scrape-config.yaml'), 'utf8');
  const { relabelings } = theOnly(objectsIn(text), scrapeConfig).spec;
  assert.deepEqual(
    relabelings.flatMap(({ modulus }) => modulus ?? []),
    [shards.length],
  );
});

test('manifests and guide name one version of the image, and none that is older than the package', async () => {
  const read = (path: string) => readFile(path, 'utf8');
  const root = join(DEPLOY, '..');
  const { version } = JSON.parse(await read(join(root, 'package.json'))) as { readonly version: string };
  const guide = await read(join(root, 'docs/guides/kubernetes.md'));
  const manifest = await read(join(KUBERNETES, 'base/exporter/deployment.yaml'));
  const named = [...(manifest + guide).matchAll(/(?:mysql-query-exporter:|newTag: )(\d+\.\d+\.\d+)/g)].map(
    ([, tag = '']) => tag,
  );
  assert.ok(named.length >= 4);
  const [tag = ''] = new Set(named);
  assert.deepEqual([...new Set(named)], [tag]);
  assert.ok(
    tag.localeCompare(version, 'en', { numeric: true }) >= 0,
    `${tag}, and the package is ${version}`,
  );
});
