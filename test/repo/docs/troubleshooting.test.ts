/** The messages that docs/guides/troubleshooting.md explains are those that the program prints. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from '../../support/config-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const page = await readFile(`${ROOT}docs/guides/troubleshooting.md`, 'utf8');

/** The first cells of the table below a heading. */
const firstCells = (heading: string) =>
  [...(page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(.+?)` \|/gm)].map(
    ([, cell]) => cell ?? '',
  );

/** What a file must hold for each message. */
const FILES: Readonly<Record<string, string>> = {
  'unknown key "adress"; did you mean "address"?': 'targets: {a: {adress: h, user: u}}',
  'unknown key; after "password:" a space is missing':
    'targets: {a: {address: h, user: u, "password:secret": }}',
  'expected text, found number 8.4 (put quotes around it)': 'targets: {a: {address: 8.4, user: u}}',
  'the environment variable MYSQL_PASSWORD is not set':
    'targets: {a: {address: h, user: u, password: "${MYSQL_PASSWORD}"}}',
  'the target "a" has no user': 'targets: {a: {address: h}}',
  'unknown query set "sesions"; did you mean "sessions"?':
    'targets: {a: {address: h, user: u, query_sets: [sesions]}}',
  'a query set "sessions" comes with the program too':
    'query_files: [builtin, own.yml]\ntargets: {a: {address: h, user: u, query_sets: [sessions]}}',
  'unknown query set "global_status"; it comes with the program':
    'query_files: [own.yml]\ntargets: {a: {address: h, user: u, query_sets: [global_status]}}',
  'the target "a" has neither dsn nor address': 'targets: {a: {user: u}}',
};

/** Besides the configuration. */
const OWN =
  'query_sets: {sessions: {metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}\n';

test('each message of the page has a file here', () =>
  assert.deepEqual(firstCells('The configuration is refused'), Object.keys(FILES)));

for (const [message, yaml] of Object.entries(FILES))
  test(message, async () => {
    const { lines } = await load({ 'targets.yml': `${yaml}\n`, 'own.yml': OWN });
    assert.ok(
      lines.some((line) => line.includes(message)),
      lines.join('\n'),
    );
  });

test('each line of the log that the page explains is one that the program writes', async () => {
  const files = (await readdir(`${ROOT}src`, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const source = (await Promise.all(files.map((file) => readFile(`${ROOT}src/${file}`, 'utf8')))).join('\n');
  const explained = firstCells('The log').flatMap((cell) =>
    [...cell.matchAll(/msg=(?:"(.*?)"|(\w+))/g)].map(([, text, word]) => text ?? word),
  );
  assert.ok(explained.length > 4);
  assert.deepEqual(
    explained.filter((msg) => !new RegExp(`(?:log\\.\\w+\\(|begins: |goesOn: |ends: )'${msg}'`).test(source)),
    [],
  );
});
