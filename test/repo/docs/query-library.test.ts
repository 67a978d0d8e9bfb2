/** docs/reference/query-library.md tells of all that the query files have. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadShippedSets } from '../../../src/config/load.ts';
import { DEFAULT_QUERY_SETS } from '../../../src/config/targets-file/precedence.ts';

const sets = [...(await loadShippedSets()).values()];
const page = await readFile(new URL('../../../docs/reference/query-library.md', import.meta.url), 'utf8');

test('every set, parameter and family is there', () => {
  for (const { name, params = {}, queries } of sets) {
    const section = page.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    const families = queries.flatMap(({ metrics }) => metrics.map(({ family }) => family));
    for (const part of [...families, ...Object.keys(params), ...queries.map((query) => query.name)])
      assert.ok(section.includes(`\`${part}\``), `${part} of ${name}`);
  }
});

test('those on by default are marked, and all links lead somewhere', () => {
  const rows = [...page.matchAll(/^\| \[([\w.]+)\]\(#([\w-]+)\) \|.*\| (yes)? \|$/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    sets.map(({ name }) => name).sort(),
  );
  assert.deepEqual(
    rows.flatMap(([, name, , mark]) => (mark === 'yes' ? [name] : [])),
    [...DEFAULT_QUERY_SETS].sort(),
  );
  for (const [, name = '', anchor] of rows) assert.equal(anchor, name.replaceAll('.', ''));
});

test('what nobody described is told', () => {
  const bare = sets.flatMap(({ description, name, params = {} }) => [
    ...(description === '' ? [name] : []),
    ...Object.entries(params).flatMap(([param, { description: about }]) =>
      about === undefined ? [`${name}.${param}`] : [],
    ),
  ]);
  assert.deepEqual(bare, []);
});
