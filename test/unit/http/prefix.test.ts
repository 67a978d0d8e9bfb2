/** The path of the external URL before all routes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { servePort } from '../../support/port/served-port.ts';

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
const served = await servePort(undefined, { externalUrl: new URL('https://monitor.example/db/mysql/') });
after(() => served[Symbol.asyncDispose]());

const cases = [
  { path: '/db/mysql/', status: 200 },
  { path: '/db/mysql/-/healthy', status: 200 },
  { path: '/db/mysql/metrics', status: 200 },
  { path: '/db/mysql/probe?target=nowhere', status: 200 },
  { path: '/db/mysql/probe', status: 400 },
  { path: '/db/mysql/probe', method: 'POST', status: 405 },
  { path: '/db/mysql/nothing', status: 404 },
  { path: '/-/healthy', status: 404 },
  { path: '/metrics', status: 404 },
  { path: '/db/mysqlmetrics', status: 404 },
  { path: '/db', status: 404 },
  { path: '/db/mysql', status: 302, location: '/db/mysql/' },
  { path: '/', status: 302, location: 'https://monitor.example/db/mysql/' },
  { path: '/', method: 'HEAD', status: 302, location: 'https://monitor.example/db/mysql/' },
] as const;

for (const { path, status, ...more } of cases) {
  const method = 'method' in more ? more.method : 'GET';
  test(`${method} ${path} is ${status}`, async () => {
    const answer = await served.get(path, { method });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    if ('location' in more) assert.equal(answer.headers.get('location'), more.location);
  });
}

test('the links of the page lead to where the routes are', async () => {
  const page = await (await served.get('/db/mysql/')).text();
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link);
  const paths = links.filter((link) => link !== 'data:,'); // no picture of the page
  assert.ok(paths.length >= 4);
  for (const link of paths) {
    const { pathname, search } = new URL(link, 'http://x/db/mysql/');
    assert.equal((await served.get(pathname + search)).status, 200, link);
  }
});

test('health without login is below the path, too', async () => {
  await using other = await servePort(`basic_auth_users: {alice: "${HASH}"}\n`, {
    externalUrl: new URL('http://monitor.example/db'),
    healthWithoutLogin: true,
  });
  assert.equal((await other.get('/db/-/healthy')).status, 200);
  assert.equal((await other.get('/-/healthy')).status, 401);
  assert.equal((await other.get('/db/')).status, 401);
});
