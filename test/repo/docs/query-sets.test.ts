/** Every example of docs/guides/query-sets.md, on both servers, gives what the page shows. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const PAGE = await readFile(new URL('../../../docs/guides/query-sets.md', import.meta.url), 'utf8');

/** One of the shipped files: an example takes the place of its set. */
const SHIPPED = fileURLToPath(new URL('../../../queries/long_transactions.yml', import.meta.url));

const querySets = z.object({ query_sets: z.record(z.string(), z.object({ namespace: z.string() })) });

/** A section with its example and what the example gives. */
const examples = PAGE.split(/^## /m).flatMap((section) => {
  const yaml = /```yaml\n([^`]*)```/.exec(section)?.[1];
  const shown = /```text\n([^`]*)```/.exec(section)?.[1];
  if (yaml === undefined && shown === undefined) return [];
  assert.ok(yaml !== undefined && shown !== undefined, `half an example in ${section.slice(0, 40)}`);
  const [[set, { namespace }] = ['', { namespace: '' }]] = Object.entries(
    querySets.parse(parse(yaml)).query_sets,
  );
  // A statement in a file of its own, which its first line names.
  const [, sql = '', file] = /```sql\n(-- (\S+)\n[^`]*)```/.exec(section) ?? [];
  return [
    {
      title: section.split('\n', 1)[0] ?? '',
      yaml,
      shown,
      set,
      namespace,
      sql: file === undefined ? {} : { [file]: sql },
    },
  ];
});

const servers = await realServers();
const procedures = servers.map(async ({ root }) => {
  await root('DROP PROCEDURE IF EXISTS shop.stock_by_warehouse');
  await root(
    "CREATE PROCEDURE shop.stock_by_warehouse(IN least INT) SELECT 'north' AS warehouse, least AS articles",
  );
  await root("GRANT EXECUTE ON PROCEDURE shop.stock_by_warehouse TO exporter@'%'");
});
await Promise.all(procedures);
const exporter = await Exporter.start({
  'targets.yml': `
query_files: ["example-*.yml", ${SHIPPED}]
defaults: {user: exporter, password: exporter, query_sets: [${examples.map(({ set }) => set).join(', ')}]}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  ...Object.fromEntries(examples.map(({ set, yaml }) => [`example-${set}.yml`, yaml])),
  ...Object.assign({}, ...examples.map(({ sql }) => sql)),
});
after(async () => {
  await exporter[Symbol.asyncDispose]();
  for (const { root } of servers) await root('DROP PROCEDURE shop.stock_by_warehouse');
});

test('the page has examples, and nothing in them is worth a warning', () => {
  assert.ok(examples.length >= 8);
  assert.ok(!exporter.log.includes('warning'), exporter.log);
});

for (const { name } of servers) {
  for (const { namespace, set, shown, title } of examples) {
    test(`${name}: ${title}`, async () => {
      const { text } = await exporter.probe(name, 10, `&query_set=${set}`);
      assert.deepEqual(errorsOf(text), []);
      const lines = text.split('\n').filter((line) => new RegExp(`^(# \\w+ )?${namespace}_`).test(line));
      assert.equal(`${lines.join('\n')}\n`, shown);
    });
  }
}
