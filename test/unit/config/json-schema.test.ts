/** The committed JSON Schemas: fresh, and true for the files that are shipped. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fastify } from 'fastify';
import { jsonSchema, SCHEMA_KINDS, type SchemaKind } from '../../../src/config/json-schema.ts';
import { readYaml } from '../../../src/config/yaml/source.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const committed = (kind: SchemaKind) => readFile(`${ROOT}schemas/${kind}.json`, 'utf8');

for (const kind of SCHEMA_KINDS) {
  test(`schemas/${kind}.json is fresh`, async () => {
    const command = `node --import tsx src/cli.ts schema ${kind} > schemas/${kind}.json`;
    assert.ok((await committed(kind)) === jsonSchema(kind), `schemas/${kind}.json is stale: ${command}`);
  });

  test(`every key of ${kind} has a description`, () => {
    const bare: string[] = [];
    const visit = (part: unknown): void => {
      if (typeof part !== 'object' || part === null) return;
      for (const [key, value] of Object.entries(part)) {
        if (key === 'properties')
          for (const [name, property] of Object.entries(value as Record<string, object>))
            if (!('description' in property)) bare.push(name);
        visit(value);
      }
    };
    visit(JSON.parse(jsonSchema(kind)));
    assert.deepEqual([...new Set(bare)], []);
  });
}

/** Fastify's validator, told to change nothing; one of a kind, since to compile a schema takes longer than all else here. */
const validators = new Map(SCHEMA_KINDS.map((kind) => [kind, validatorOf(kind)]));

async function validatorOf(kind: SchemaKind) {
  const { $schema, ...body } = JSON.parse(await committed(kind));
  assert.match($schema, /draft-07/);
  const options = { removeAdditional: false, coerceTypes: false, useDefaults: false, strict: false } as const;
  const app = fastify({ ajv: { customOptions: options } });
  return app.post('/', { schema: { body } }, () => 'ok');
}

async function validate(kind: SchemaKind, value: unknown): Promise<string> {
  const app = await validators.get(kind);
  assert.ok(app !== undefined);
  const { body: answer } = await app.inject({ method: 'POST', url: '/', payload: value as object });
  return answer === 'ok' ? 'ok' : (JSON.parse(answer) as { message: string }).message;
}

const shipped = [
  ['targets', 'targets.yml'],
  ...(await readdir(`${ROOT}queries`, { recursive: true }))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => ['queries', `queries/${name}`] as const),
] as const;
for (const [kind, file] of shipped)
  test(`${file} fits the schema and names it`, async () => {
    const text = await readFile(ROOT + file, 'utf8');
    assert.equal(await validate(kind, readYaml(file, text).value), 'ok');
    const up = '../'.repeat(file.split('/').length - 1);
    assert.equal(text.split('\n')[0], `# yaml-language-server: $schema=${up}schemas/${kind}.json`);
  });

test('what does not fit is refused', async () => {
  assert.equal(await validate('targets', {}), "body must have required property 'targets'");
  assert.match(await validate('targets', { targets: { a: { adress: 'h' } } }), /must NOT have additional/);
  assert.match(await validate('queries', { query_sets: { '1a': {} } }), /property name must be valid/);
});
