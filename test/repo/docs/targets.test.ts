/** Every example of the guides to targets.yml loads without an error or a warning. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../support/config-folder.ts';

const QUERIES = ['global_status', 'global_variables', 'slave_status', 'heartbeat'];
const files = await Promise.all(
  QUERIES.map(async (set): Promise<[string, string]> => {
    const name = `queries/${set}.yml`;
    return [name, await readFile(new URL(`../../../${name}`, import.meta.url), 'utf8')];
  }),
);

/** Programs of other vendors, which need only be there. */
const programs = await mkdtemp(join(tmpdir(), 'programs-'));
after(() => rm(programs, { recursive: true }));
for (const name of ['aws', 'az', 'bao', 'gcloud', 'mysql-query-exporter', 'vault'])
  await writeFile(join(programs, name), '#!/bin/sh\n', { mode: 0o755 });
const ENV = { PATH: programs, CREDENTIALS_DIRECTORY: 'secrets' };

for (const [page, count] of [
  ['targets.md', 8],
  ['credentials.md', 5],
  ['systemd.md', 1],
] as const) {
  const text = await readFile(new URL(`../../../docs/guides/${page}`, import.meta.url), 'utf8');
  const examples = [...text.matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml]) => yaml ?? '');

  test(`${page} has examples`, () => assert.equal(examples.length, count));

  for (const [i, example] of examples.entries())
    test(`example ${i + 1} of ${page} loads`, async () => {
      const yaml = example.replaceAll('/run/secrets/', 'secrets/');
      const named = [...yaml.matchAll(/\b(?:secrets|certs)\/[\w.-]+/g)].map(([file]) => [file, 'text']);
      const shipped = yaml.includes('query_files') ? files : [];
      const { lines, result } = await load(
        {
          'targets.yml': yaml,
          'secrets/mysql': 'of systemd',
          ...Object.fromEntries(shipped),
          ...Object.fromEntries(named),
        },
        ENV,
      );
      assert.deepEqual(lines, []);
      assert.ok(result.ok);
    });
}
