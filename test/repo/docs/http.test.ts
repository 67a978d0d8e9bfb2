/** What docs/reference/http.md says about paths and their answers holds. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { ANY_OTHER } from '../../../src/http/route.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { Exporter } from '../../support/exporter.ts';

const page = await readFile(new URL('../../../docs/reference/http.md', import.meta.url), 'utf8');
const table = page.split('\n## ')[0] ?? '';
// Files of query-exporter have a test of their own.
const paths = [...table.matchAll(/^\| `(\/.*?)` \|/gm)]
  .map(([, path = '']) => path)
  .filter((path) => path !== '/PATH');

const exporter = await Exporter.start({
  'targets.yml': `
defaults: {user: u, connect_timeout: 100ms}
targets: {NAME: {address: "127.0.0.1:1"}}
scrapes: {NAME: {}}
`,
});
after(() => exporter[Symbol.asyncDispose]());

test('the page lists every path that the exporter has itself', () => {
  const listed = paths.map((path) => path.replace(/\?.*/, ''));
  assert.deepEqual(
    ROUTES.flatMap(({ path }) =>
      path === ANY_OTHER || listed.includes(path.replace('*', 'NAME')) ? [] : [path],
    ),
    [],
  );
  assert.ok(listed.includes('/scrape/NAME'));
});

const READ = { GET: 200, HEAD: 200, POST: 405 };
/** What the page says of it. */
const METHODS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '/-/reload': { GET: 405, HEAD: 405, POST: 200, PUT: 200 },
};

for (const path of paths) {
  const methods = Object.entries(METHODS[path] ?? READ);
  test(`${path}: ${methods.map(([method, status]) => `${method} ${status}`).join(', ')}`, async () => {
    for (const [method, status] of methods) {
      const response = await fetch(new URL(path, exporter.url), { method });
      await response.arrayBuffer();
      assert.equal(response.status, status, method);
    }
  });
}

test('each parameter of /probe that the page lists is looked at', async () => {
  const [, section = ''] = page.split('\n## Parameters of /probe\n');
  const [rows = ''] = section.split('\n## ');
  const names = [...rows.matchAll(/^\| `([\w[\]]+)` \|/gm)].map(([, name = '']) => name);
  assert.deepEqual(names, ['target', 'query_set', 'collect[]', 'auth_module', 'debug', 'module']);
  for (const name of names) {
    const url = new URL('/probe?target=NAME', exporter.url);
    url.searchParams.append(name, 'none-of-that-name');
    const response = await fetch(url);
    await response.arrayBuffer();
    assert.equal(response.status, 400, name);
  }
});
