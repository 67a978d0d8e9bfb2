/** The rooms of the house and the one way that imports may point. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** What each room may import from, itself aside. Files beside the rooms have a room named after them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['commands', 'telemetry', 'version.ts'],
  commands: [
    ...['http', 'probe', 'mysql', 'query-set', 'exposition', 'telemetry', 'convert', 'config', 'grants'],
    ...['sql', 'diagnostics', 'model', 'deadline.ts', 'version.ts'],
  ],
  http: [...['probe', 'mysql', 'exposition', 'telemetry', 'config', 'diagnostics', 'model', 'deadline.ts']],
  probe: ['query-set', 'mysql', 'exposition', 'telemetry', 'config', 'model', 'deadline.ts'],
  'query-set': ['config', 'sql', 'model'],
  mysql: ['config', 'sql', 'model', 'deadline.ts'],
  exposition: ['model'],
  telemetry: ['exposition'],
  config: ['grants', 'sql', 'diagnostics', 'model'],
  convert: ['config', 'diagnostics', 'model'],
  grants: ['config', 'sql', 'diagnostics', 'model'],
  sql: ['config', 'diagnostics'],
  diagnostics: ['config'],
  model: ['config'],
  'deadline.ts': [],
  'version.ts': [],
};

/** Packages that these rooms alone know. */
const OWNED: Readonly<Record<string, readonly string[]>> = {
  mysql2: ['mysql'],
  'prom-client': ['exposition'],
  fastify: ['http'],
  yaml: ['config', 'convert'],
  commander: ['cli.ts'],
  'p-limit': ['probe'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = (await readdir(SRC, { recursive: true })).filter((path) => path.endsWith('.ts')).sort();
const imports: Import[] = [];
for (const from of files) {
  const text = await readFile(join(SRC, from), 'utf8');
  for (const [, to = ''] of text.matchAll(/^(?:import|export)[^;]*?from '([^']+)';/gm))
    imports.push({ from, to });
}

const roomOf = (file: string) => file.split('/')[0] ?? '';
const inside = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to }) => ({ from, to: relative(SRC, join(SRC, dirname(from), to)) }));

test('there is something to check', () => assert.ok(files.length > 40 && inside.length > 100));

test('imports point one way', () => {
  const wrong = inside.filter(
    ({ from, to }) => roomOf(from) !== roomOf(to) && !MAY_IMPORT[roomOf(from)]?.includes(roomOf(to)),
  );
  assert.deepEqual(wrong, []);
});

test('no file imports itself, however long the way', () => {
  const to = new Map(
    files.map((file) => [file, inside.filter(({ from }) => from === file).map((edge) => edge.to)]),
  );
  const reaches = (start: string, file: string, seen: Set<string>): boolean =>
    (to.get(file) ?? []).some(
      (next) => next === start || (!seen.has(next) && reaches(start, next, seen.add(next))),
    );
  assert.deepEqual(
    files.filter((file) => reaches(file, file, new Set())),
    [],
  );
});

test('a driver, a framework, a parser is known to one room', () => {
  const wrong = imports.filter(({ from, to }) => {
    const owners = OWNED[to.split('/')[0] ?? ''];
    return owners !== undefined && !owners.includes(roomOf(from));
  });
  assert.deepEqual(wrong, []);
});

test('no index.ts, no room without a subject', () => {
  assert.deepEqual(
    files.filter((file) => /(^|\/)(index|utils?|helpers?|common|types|misc)(\.ts|\/)/.test(file)),
    [],
  );
});
