/** No key without a use: each stands in an example of the documentation or in a file that is shipped. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { jsonSchema, type SchemaKind } from '../../../src/config/json-schema.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (file: string) => readFile(new URL(file, ROOT), 'utf8');

/** Every key of every map in a text, which may be a page with blocks of YAML. */
function keysIn(text: string, file: string): string[] {
  const blocks = file.endsWith('.md')
    ? [...text.matchAll(/```ya?ml\n([^`]*)```/g)].map(([, yaml]) => yaml)
    : [text];
  const keys: string[] = [];
  for (const block of blocks) {
    JSON.stringify(parse(block ?? ''), (key, value: unknown) => {
      keys.push(key);
      return value;
    });
  }
  return keys;
}

/** Names of properties, wherever they stand in a schema. */
function propertiesOf(kind: SchemaKind): ReadonlySet<string> {
  const names = new Set<string>();
  JSON.stringify(JSON.parse(jsonSchema(kind)), (key, value: unknown) => {
    if (key === 'properties' && typeof value === 'object')
      for (const name of Object.keys(value ?? {})) names.add(name);
    return value;
  });
  return names;
}

async function usedIn(files: readonly string[]): Promise<ReadonlySet<string>> {
  const texts = await Promise.all(files.map(async (file) => keysIn(await read(file), file)));
  return new Set(texts.flat());
}

const shipped = (await readdir(new URL('queries/', ROOT))).map((file) => `queries/${file}`);

for (const [kind, files] of [
  ['queries', ['docs/guides/query-sets.md', ...shipped]],
  ['targets', ['docs/guides/targets.md', 'targets.yml']],
] as const) {
  test(`every key of ${kind} is used by an example or a shipped file`, async () => {
    const used = await usedIn(files);
    const unused = [...propertiesOf(kind)].filter((key) => !used.has(key));
    assert.deepEqual(unused, []);
  });
}
