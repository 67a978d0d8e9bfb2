/** Whatever stands in a configuration, loading it ends with a result. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { load } from '../support/config-folder.ts';
import { YAML_STRUCTURE } from '../unit/config/yaml/pieces.ts';

test('no text makes the loader throw', async () => {
  const piece = fc.constantFrom(
    'targets',
    'defaults',
    'groups',
    'auth_modules',
    'query_files',
    'a',
    'dsn',
    'address',
    'tls',
    'constructor',
    '__proto__',
    ...YAML_STRUCTURE,
    ', ',
    '5',
    '"u:p@/"',
    '"',
    '${',
    'null',
    '*a',
    '&a ',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const { result } = await load({ 'targets.yml': value });
      assert.equal(typeof result.ok, 'boolean');
    }),
    { numRuns: 100 },
  );
});

test('no JSON of the right shape makes the loader throw', async () => {
  const keys = [
    'targets',
    'defaults',
    'groups',
    'auth_modules',
    'a',
    'dsn',
    'address',
    'tls',
    'labels',
    'session',
    'query_sets',
    'constructor',
    'toString',
    'user',
    'query_files',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'u@/', '5', 5, -1, true, null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
    ),
  }));
  const file = fc.dictionary(fc.constantFrom(...keys.slice(0, 4)), tree);
  await fc.assert(
    fc.asyncProperty(file, async (value) => {
      const { result } = await load({ 'targets.yml': JSON.stringify(value) });
      assert.equal(typeof result.ok, 'boolean');
    }),
    { numRuns: 100 },
  );
});

/** A metrics file of query-exporter, to stand beside a database file. */
const METRICS_FILE = `accounts:
  targets: [blue]
  collects:
    - query: SELECT user AS who, 1 AS cnt
      metrics:
        open: {type: Gauge, description: Open, labels: [who], value: cnt}
`;

test('no file makes the loader throw, as the configuration or as a query file', async () => {
  const key = fc.constantFrom(
    'dsn',
    'metrics',
    'collects',
    'Collects',
    'type',
    'targets',
    'query_sets',
    'a',
    'toString',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('a', 'u@/', 'gauge', 'SELECT 1', 5, true, null),
      fc.array(tie('tree'), { maxLength: 2 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 3 }), async (file) => {
      const text = JSON.stringify(file);
      const beside = { 'config-metrics.yml': METRICS_FILE, 'config-database.yml': text };
      assert.equal(typeof (await load({ 'targets.yml': text, ...beside })).lines.length, 'number');
      const targets = 'query_files: [theirs.yml]\ntargets: {a: {address: h, user: u, query_sets: [a]}}\n';
      assert.equal(
        typeof (await load({ 'targets.yml': targets, 'theirs.yml': text })).lines.length,
        'number',
      );
    }),
    { numRuns: 150 },
  );
});
