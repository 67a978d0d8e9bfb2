/** The list of materials: what npm lists, less what is not in the program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { materialsOf } from '../../../../tools/release/materials.ts';

const component = (name: string, version = '1.0.0', properties: readonly object[] = []) => ({
  'bom-ref': `${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
  properties,
});
const FOR_DEVELOPMENT = [{ name: 'cdx:npm:package:development', value: 'true' }];

const LIST = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: { timestamp: 'now', component: { ...component('program', '0.2.0'), name: 'folder' } },
  components: [
    ...[component('used'), component('types'), component('below'), component('below', '2.0.0')],
    ...[component('tester', '1.0.0', FOR_DEVELOPMENT), component('deep')],
  ],
  dependencies: [
    { ref: 'program@0.2.0', dependsOn: ['tester@1.0.0', 'types@1.0.0', 'used@1.0.0'] },
    { ref: 'used@1.0.0', dependsOn: [] },
    { ref: 'types@1.0.0', dependsOn: ['below@1.0.0', 'below@2.0.0', 'types@1.0.0'] },
    { ref: 'below@1.0.0' },
    { ref: 'tester@1.0.0', dependsOn: ['deep@1.0.0'] },
    { ref: 'deep@1.0.0', dependsOn: [] },
    { ref: 'below@2.0.0', dependsOn: ['used@1.0.0', 'deep@1.0.0'] },
  ],
};

const USED = { name: 'used', version: '1.0.0' };
const BELOW = { name: 'below', version: '2.0.0' };
const DEEP = { name: 'deep', version: '1.0.0' };

test('what is bundled is left, with its own version, and what led to it leads to it still', () => {
  assert.deepEqual(JSON.parse(materialsOf(JSON.stringify(LIST), [USED, BELOW, DEEP])), {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    metadata: { timestamp: 'now', component: component('program', '0.2.0') },
    components: [component('used'), component('below', '2.0.0'), component('deep')],
    dependencies: [
      { ref: 'program@0.2.0', dependsOn: ['below@2.0.0', 'used@1.0.0'] },
      { ref: 'used@1.0.0', dependsOn: [] },
      { ref: 'deep@1.0.0', dependsOn: [] },
      { ref: 'below@2.0.0', dependsOn: ['deep@1.0.0', 'used@1.0.0'] },
    ],
  });
});

test('a package that npm does not list ends it', () => {
  const unlisted = { name: 'below', version: '3.0.0' };
  assert.throws(
    () => materialsOf(JSON.stringify(LIST), [USED, unlisted]),
    /^Error: not in npm's list: below@3\.0\.0$/,
  );
});
