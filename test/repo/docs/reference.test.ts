/** The pages of docs/reference that are made are fresh, and what they say holds without a key does. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { annotatedSchema } from '../../../src/config/json-schema.ts';
import { keySections } from '../../../tools/docs/key-sections.ts';
import { pageUrl, referencePages } from '../../../tools/docs/pages.ts';
import { load } from '../../support/config-folder.ts';

for (const { file, text } of await referencePages()) {
  test(`${file} is fresh`, async () => {
    const committed = await readFile(pageUrl(file), 'utf8').catch(() => '');
    assert.ok(committed === text, `${file} is stale: npm run docs`);
  });
}

const sections = keySections(annotatedSchema('targets'));
const fallbacksOf = (section: string) =>
  (sections.find(({ name }) => name === section)?.keys ?? []).flatMap(({ fallback, key }) =>
    fallback === undefined ? [] : [[key, fallback] as const],
  );

/** Those that only a target by pattern has. */
const OF_PATTERNS: readonly string[] = ['max_names'];

/** The one target of a file, when its defaults hold these keys; a pattern, when it must be one. */
async function targetWith(keys: string, pattern = ''): Promise<unknown> {
  const name = pattern === '' ? 'h:3306' : '*.example.com:3306';
  const { lines, result } = await load({
    'targets.yml': `defaults: {user: u, ${keys}}\ntargets: {"${name}": {query_sets: [s], ${pattern}}}\nquery_files: [q.yml]\n`,
    'q.yml':
      'query_sets: {s: {metrics: {orders: {query: SELECT 1 AS a, type: gauge, description: A, value: a}}}}\n',
  });
  assert.deepEqual(lines, []);
  if (!result.ok) return undefined;
  return pattern === '' ? result.config.targets.get(name) : result.config.patterns;
}

const plain = await targetWith('');
const cases = [
  ...fallbacksOf('Target')
    .filter(([key]) => !OF_PATTERNS.includes(key))
    .map(([key, fallback]) => [`${key}: ${fallback}`, key] as const),
  ...fallbacksOf('TLS').map(([key, fallback]) => [`tls: {${key}: ${fallback}}`, key] as const),
];

test('some keys of targets have a default', () => assert.ok(plain !== undefined && cases.length > 10));

for (const [keys, key] of cases)
  test(`${keys} is what holds without ${key}`, async () => assert.deepEqual(await targetWith(keys), plain));

for (const [key, fallback] of fallbacksOf('Target').filter(([key]) => OF_PATTERNS.includes(key)))
  test(`${key}: ${fallback} is what holds for a pattern without ${key}`, async () =>
    assert.deepEqual(await targetWith('', `${key}: ${fallback}`), await targetWith('', 'labels: {}')));

/** What the YAML of a default is, by the first words of what its key takes. */
const KINDS: readonly (readonly [values: RegExp, fits: (value: unknown) => boolean])[] = [
  [/^list of /, Array.isArray],
  [/^map of /, (value) => typeof value === 'object' && !Array.isArray(value)],
  [/^`true`/, (value) => typeof value === 'boolean'],
  [/number/, (value) => typeof value === 'number'],
  [/^text/, (value) => typeof value === 'string'],
];

test('every default of a query file is a value that its key takes', () => {
  const keys = keySections(annotatedSchema('queries')).flatMap((section) => section.keys);
  const wrong = keys.flatMap(({ fallback, key, values, words }) => {
    if (fallback === undefined) return [];
    const fits = KINDS.find(([first]) => first.test(values))?.[1];
    return (words?.includes(fallback) ?? fits?.(parse(fallback))) ? [] : [`${key}: ${fallback}`];
  });
  assert.deepEqual(wrong, []);
});
