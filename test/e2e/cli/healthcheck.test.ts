/** `healthcheck` asks the exporter that runs, wherever that was told to listen. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAuthority } from '../../support/certificates.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';

const files = { 'targets.yml': 'targets: {nowhere: {address: "127.0.0.1:1", user: x}}\n' };
const authority = await createAuthority();
after(() => authority.remove());
const { certFile, keyFile } = await authority.issue('IP:127.0.0.1');

const check = (...args: readonly string[]) => runCommand({}, 'healthcheck', ...args);
const addressOf = ({ url }: Exporter) => new URL(url).host;

test('an exporter that answers is healthy, without a word of its web file or behind a login', async () => {
  await using plain = await Exporter.start(files);
  assert.deepEqual(await check(`--web.listen-address=${addressOf(plain)}`), {
    code: 0,
    stdout: 'healthy\n',
    stderr: '',
  });
  const login = 'basic_auth_users: {a: $2b$04$abcdefghijklmnopqrstuuT7hX5GmAJTRz0Gz2CTnWR9wJnsUJb5K}\n';
  await using guarded = await Exporter.start({ ...files, 'web.yml': login }, '--web.config.file=web.yml');
  assert.equal((await check(`--web.listen-address=${addressOf(guarded)}`)).code, 0);
});

test('TLS, and TLS that wants a certificate of the client', async () => {
  for (const more of [
    '',
    `, client_ca_file: ${authority.certFile}, client_auth_type: RequireAndVerifyClientCert`,
  ]) {
    const web = `tls_server_config: {cert_file: ${certFile}, key_file: ${keyFile}${more}}\n`;
    await using exporter = await Exporter.start({ ...files, 'web.yml': web }, '--web.config.file=web.yml');
    const { code, stderr } = await check(`--web.listen-address=${addressOf(exporter)}`);
    assert.deepEqual([code, stderr], [0, ''], more);
  }
});

test('a socket file and a prefix', async () => {
  const path = join(tmpdir(), `healthcheck-${process.pid}.sock`);
  await using _exporter = await Exporter.start(
    files,
    `--web.listen-address=unix://${path}`,
    '--web.external-url=https://example.com/mysql',
  );
  assert.equal(
    (await check(`--web.listen-address=unix://${path}`, '--web.external-url=https://example.com/mysql')).code,
    0,
  );
  const without = await check(`--web.listen-address=unix://${path}`);
  assert.equal(without.code, 1);
  assert.match(without.stderr, /: answers 404$/m);
});

test('nothing there, and a server that is no exporter', async () => {
  const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const broken = await check(`--web.listen-address=127.0.0.1:${port}`);
  assert.deepEqual([broken.code, broken.stderr], [1, `127.0.0.1:${port}: answers 500\n`]);
  await new Promise((resolve) => server.close(resolve));
  const absent = await check(`--web.listen-address=127.0.0.1:${port}`);
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /ECONNREFUSED/);
});
