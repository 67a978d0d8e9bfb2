/** The list of materials: what npm lists, less what is not in the program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { materialsOf } from '../../../../tools/release/materials.ts';

const component = (name: string, version = '1.0.0') => ({
  'bom-ref': `${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
});

const LIST = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: { component: component('program', '0.2.0') },
  components: [component('used'), component('types'), component('below'), component('below', '2.0.0')],
  dependencies: [
    { ref: 'program@0.2.0', dependsOn: ['types@1.0.0', 'used@1.0.0'] },
    { ref: 'used@1.0.0', dependsOn: [] },
    { ref: 'types@1.0.0', dependsOn: ['below@1.0.0', 'below@2.0.0', 'types@1.0.0'] },
    { ref: 'below@1.0.0' },
    { ref: 'below@2.0.0', dependsOn: ['used@1.0.0'] },
  ],
};

const USED = { name: 'used', version: '1.0.0' };
const BELOW = { name: 'below', version: '2.0.0' };

test('what is bundled is left, with its own version, and what led to it leads to it still', () => {
  assert.deepEqual(JSON.parse(materialsOf(JSON.stringify(LIST), [USED, BELOW])), {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    metadata: { component: component('program', '0.2.0') },
    components: [component('used'), component('below', '2.0.0')],
    dependencies: [
      { ref: 'program@0.2.0', dependsOn: ['below@2.0.0', 'used@1.0.0'] },
      { ref: 'used@1.0.0', dependsOn: [] },
      { ref: 'below@2.0.0', dependsOn: ['used@1.0.0'] },
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
