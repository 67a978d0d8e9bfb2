/** Every example of docs/guides/targets.md loads without an error or a warning. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from '../../support/config-folder.ts';

const PAGE = await readFile(new URL('../../../docs/guides/targets.md', import.meta.url), 'utf8');
const examples = [...PAGE.matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml]) => yaml ?? '');

const QUERIES = ['global_status', 'global_variables', 'slave_status', 'heartbeat'];
const files = await Promise.all(
  QUERIES.map(async (set): Promise<[string, string]> => {
    const name = `queries/${set}.yml`;
    return [name, await readFile(new URL(`../../../${name}`, import.meta.url), 'utf8')];
  }),
);

test('the page has examples', () => assert.equal(examples.length, 6));

for (const [i, yaml] of examples.entries()) {
  test(`example ${i + 1} loads`, async () => {
    const named = [...yaml.matchAll(/\b(?:secrets|certs)\/[\w.]+/g)].map(([file]) => [file, 'text']);
    const shipped = yaml.includes('query_files') ? files : [];
    const { lines, result } = await load({
      'targets.yml': yaml,
      ...Object.fromEntries(shipped),
      ...Object.fromEntries(named),
    });
    assert.deepEqual(lines, []);
    assert.ok(result.ok);
  });
}
