/** Every manifest is one that Kubernetes and Prometheus Operator take; what is none is refused. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { allFiles, nameOf, objectsIn } from './files.ts';
import { validate } from './schemas.ts';

const manifests = (await allFiles()).filter(
  (file) => file.endsWith('.yaml') && !file.endsWith('/kustomization.yaml'),
);

test('there are manifests', () => assert.ok(manifests.length >= 10));

for (const file of manifests)
  test(`${nameOf(file)} is taken`, async () => {
    for (const object of objectsIn(await readFile(file, 'utf8'))) validate(object);
  });

const refused = [
  {
    name: 'a value of the wrong type',
    yaml: 'kind: Service, apiVersion: v1, spec: {ports: [{port: http}]}',
    says: /port/,
  },
  {
    name: 'a key that is missing',
    yaml: 'kind: Deployment, apiVersion: apps/v1, spec: {selector: {matchLabels: {a: b}}}',
    says: /template/,
  },
  {
    name: 'an unknown key, however deep',
    yaml: 'kind: Service, apiVersion: v1, spec: {ports: [{port: 1}, {port: 2, target: 3}]}',
    says: /unknown \/spec\/ports\/1\/target$/,
  },
  {
    name: 'an unknown key of an operator',
    yaml: 'kind: ScrapeConfig, apiVersion: monitoring.coreos.com/v1alpha1, spec: {httpSdConfigs: []}',
    says: /unknown \/spec\/httpSdConfigs$/,
  },
  { name: 'a kind of another version', yaml: 'kind: Probe, apiVersion: v1', says: /no schema for v1 Probe/ },
] as const;

for (const { name, says, yaml } of refused)
  test(`refused: ${name}`, () => {
    const [object] = objectsIn(`{${yaml}, metadata: {name: a}}`);
    assert.ok(object !== undefined);
    assert.throws(() => validate(object), says);
  });
