/** Where the credentials of AWS come from, and what is said when they do not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../../harness/free-port.ts';
import { findCredentials } from '../../../src/aws/aws-credentials.ts';

const OF_ENV = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'the secret' };

test('those of the environment come first', async () => {
  const env = { ...OF_ENV, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' };
  const credentials = { accessKeyId: 'AKIA1', secretAccessKey: 'the secret' };
  assert.deepEqual(await findCredentials(env), {
    ok: true,
    credentials: { ...credentials, sessionToken: undefined },
  });
  assert.deepEqual(await findCredentials({ ...env, AWS_SESSION_TOKEN: 'session' }), {
    ok: true,
    credentials: { ...credentials, sessionToken: 'session' },
  });
});

/** An endpoint as containers have it; closed after the test. */
async function endpoint(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/credentials`;
}

test('the endpoint of a container is asked with the token of its file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'aws-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, 'of the pod\n');
  const url = await endpoint(t, ({ headers, method, url: path }, response) => {
    const isRight = method === 'GET' && path === '/v1/credentials' && headers.authorization === 'of the pod';
    response.statusCode = isRight ? 200 : 403;
    response.end(JSON.stringify({ AccessKeyId: 'ASIA2', SecretAccessKey: 'x', Token: 'y', Expiration: 'z' }));
  });
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file };
  assert.deepEqual(await findCredentials(env), {
    ok: true,
    credentials: { accessKeyId: 'ASIA2', secretAccessKey: 'x', sessionToken: 'y' },
  });
  const other = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'other' };
  assert.match(await said(other), /answers 403$/);
});

async function said(env: NodeJS.ProcessEnv): Promise<string> {
  const found = await findCredentials(env);
  return found.ok ? 'found' : found.detail;
}

const FULL = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
const absent: readonly (readonly [env: NodeJS.ProcessEnv, detail: RegExp])[] = [
  [{}, /^no credentials of AWS: set AWS_ACCESS_KEY_ID .* use aws rds generate-db-auth-token/],
  [{ AWS_ACCESS_KEY_ID: 'a' }, /^only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set$/],
  [{ AWS_SECRET_ACCESS_KEY: 'hunter2' }, /^only one of/],
  [{ ...OF_ENV, AWS_ACCESS_KEY_ID: '' }, /^only one of/],
  [{ [FULL]: 'no url' }, /is no URL$/],
  [{ [FULL]: 'file:///etc/passwd' }, /neither https nor on the machine itself/],
  [{ [FULL]: 'http://10.0.0.1/' }, /neither https nor on the machine itself/],
  [{ [FULL]: 'http://127.0.0.1.example.com/' }, /neither https nor on the machine itself/],
  [{ [FULL]: 'http://127.0.0.1@example.com/' }, /neither https nor on the machine itself/],
  [
    { [FULL]: 'http://127.0.0.1:1/', AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nonexistent' },
    /cannot be read$/,
  ],
  [{ [FULL]: 'http://127.0.0.1:1/', AWS_CONTAINER_AUTHORIZATION_TOKEN: 'a\r\nb: c' }, /is no header$/],
];
for (const [env, detail] of absent)
  test(`no credentials: ${JSON.stringify(env)}`, async () => {
    const text = await said(env);
    assert.match(text, detail);
    assert.ok(!text.includes('hunter2'));
  });

const answers: readonly (readonly [name: string, body: string, detail: RegExp])[] = [
  ['nothing', '', /without AccessKeyId and SecretAccessKey$/],
  ['no JSON', '<html>', /without AccessKeyId/],
  ['null', 'null', /without AccessKeyId/],
  ['a list', '["hunter2"]', /without AccessKeyId/],
  ['half of them', '{"AccessKeyId": "a", "SecretAccessKey": ""}', /without AccessKeyId/],
  ['too much', ' '.repeat(100_000), /answers too much$/],
];
for (const [name, body, detail] of answers)
  test(`an endpoint that answers ${name}`, async (t) => {
    const url = await endpoint(t, (_request, response) => response.end(body));
    assert.match(await said({ [FULL]: url }), detail);
  });

test('an endpoint that is not there', async () => {
  assert.match(
    await said({ [FULL]: `http://127.0.0.1:${await freePort()}/` }),
    /cannot be asked \(ECONNREFUSED\)$/,
  );
});

test('a redirect is not followed', async (t) => {
  const url = await endpoint(t, (_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  assert.match(await said({ [FULL]: url }), /cannot be asked/);
});
