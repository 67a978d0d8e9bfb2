/** The port behind a web file: TLS, HTTP/2, client certificates, logins, headers, the rate limit, and their rotation. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { mountFolder } from '../../support/port/mounted-folder.ts';
import { askOnSession, askSecurely, HTTP_VERSIONS, openSession } from '../../support/port/secure-client.ts';
import { type ServedPort, servePort } from '../../support/port/served-port.ts';

const authority = await createAuthority();
const stranger = await createAuthority();
const folder = await mkdtemp(join(tmpdir(), 'port-'));
after(() =>
  Promise.all([authority.remove(), stranger.remove(), rm(folder, { recursive: true, force: true })]),
);
const [server, renewed, client] = await Promise.all([
  authority.issue('IP:127.0.0.1,DNS:localhost'),
  authority.issue('IP:127.0.0.1,DNS:localhost'),
  authority.issue('DNS:scraper.example,URI:spiffe://example/prometheus'),
]);
const foreign = await stranger.issue('DNS:scraper.example');

const HASH = hashSync('secret', 4);
const LOGIN = 'alice:secret';
const TLS = `tls_server_config: {cert_file: ${server.certFile}, key_file: ${server.keyFile}}\n`;
const USERS = `basic_auth_users: {alice: "${HASH}"}\n`;

const at = (exporter: ServedPort, more: ConnectionOptions = {}): ConnectionOptions => ({
  ...{ port: exporter.port, ca: authority.cert, servername: 'localhost' },
  ...more,
});

const open = await servePort(TLS);
after(() => open[Symbol.asyncDispose]());

/** Every route and every way to be refused, with no login. */
const paths = [
  { path: '/', status: 200 },
  { path: '/-/healthy', status: 200 },
  { path: '/-/ready', status: 200 },
  { path: '/metrics', status: 200 },
  { path: '/probe?target=nowhere', status: 200 },
  { path: '/metrics?target=nowhere', status: 200 },
  { path: '/probe', status: 400 },
  { path: '/probe?target=other', status: 404 },
  { path: '/scrape/other', status: 404 },
  { path: '/nothing', status: 404 },
  { path: '/%', status: 400 },
  { path: '/probe', method: 'POST', status: 405 },
  { path: '/metrics', method: 'DELETE', status: 405 },
  { path: '/metrics', method: 'HEAD', status: 200 },
  { path: '/probe?target=nowhere', method: 'HEAD', status: 200 },
  { path: '/nothing', method: 'HEAD', status: 404 },
] as const;

for (const version of HTTP_VERSIONS) {
  for (const protocol of ['TLSv1.2', 'TLSv1.3'] as const)
    test(`${version} over ${protocol}`, async () => {
      const options = at(open, { minVersion: protocol, maxVersion: protocol });
      const { status, text, tls } = await askSecurely(version, options, '/-/healthy');
      assert.deepEqual([status, text, tls], [200, 'healthy\n', protocol]);
    });

  for (const { path, status, ...method } of paths)
    test(`${version}: ${'method' in method ? method.method : 'GET'} ${path} is ${status}`, async () => {
      const answer = await askSecurely(version, at(open), path, method);
      assert.equal(answer.status, status, answer.text);
      assert.equal(
        answer.headers['x-content-type-options'],
        status === 400 && path === '/%' ? undefined : 'nosniff',
      );
      if (version === 'h2') assert.equal(answer.headers['connection'], undefined);
    });

  test(`${version}: a request that no framework would like`, async () => {
    for (const headers of [{ 'x-long': 'x'.repeat(12_000) }, { 'content-type': 'no/such' }]) {
      const answer = await askSecurely(version, at(open), '/-/healthy', { headers });
      assert.equal(answer.status, 200);
    }
  });
}

test('the log of all that has no error in it', () => assert.doesNotMatch(open.log, /level=error|Warning/));

test('older TLS, plain HTTP and another protocol are refused', async () => {
  await assert.rejects(
    askSecurely('http/1.1', at(open, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }), '/'),
    /protocol|version/i,
  );
  const socket = connect(open.port, '127.0.0.1').on('error', () => {});
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  await once(socket, 'close');
  assert.doesNotMatch(received, /HTTP|query_exporter/);
  const ftp = connectTls({ ...at(open), host: '127.0.0.1', ALPNProtocols: ['ftp'] });
  await assert.rejects(once(ftp, 'secureConnect'), /ALPN|no_application_protocol|no application protocol/i);
});

test('without HTTP/2 the client gets HTTP/1.1', async () => {
  await using exporter = await servePort(`${TLS}http_server_config: {http2: false}\n`);
  const socket = connectTls({ ...at(exporter), host: '127.0.0.1', ALPNProtocols: ['h2', 'http/1.1'] });
  await once(socket, 'secureConnect');
  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('ciphers and curves are those of the file', async () => {
  const cipher = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
  await using exporter = await servePort(
    TLS.replace('}', `, cipher_suites: [${cipher}], curve_preferences: [CurveP384], max_version: TLS12}`),
  );
  const tls = async (options: ConnectionOptions) => {
    const socket = connectTls({ ...at(exporter, options), host: '127.0.0.1' });
    await once(socket, 'secureConnect');
    const of = [socket.getCipher().standardName, socket.getProtocol()];
    socket.destroy();
    return of;
  };
  assert.deepEqual(await tls({}), [cipher, 'TLSv1.2']);
  await assert.rejects(
    tls({ ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' }),
    /handshake/i,
  );
  await assert.rejects(tls({ ecdhCurve: 'P-256' }), /handshake|curve|group/i);
});

/** Which clients may ask: one without certificate, one of the authority, one of another authority. */
const policies = [
  { policy: 'NoClientCert', ca: false, none: true, ours: true, theirs: true },
  { policy: 'RequestClientCert', ca: true, none: true, ours: true, theirs: true },
  { policy: 'RequireAnyClientCert', ca: true, none: false, ours: true, theirs: true },
  { policy: 'RequireClientCert', ca: false, none: false, ours: true, theirs: true },
  { policy: 'VerifyClientCertIfGiven', ca: true, none: true, ours: true, theirs: false },
  { policy: 'RequireAndVerifyClientCert', ca: true, none: false, ours: true, theirs: false },
] as const;

const shown = {
  none: {},
  ours: { cert: client.cert, key: client.key },
  theirs: { cert: foreign.cert, key: foreign.key },
};

async function mayAsk(exporter: ServedPort, who: keyof typeof shown): Promise<boolean> {
  const answers = HTTP_VERSIONS.map((version) =>
    askSecurely(version, at(exporter, shown[who]), '/-/healthy').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  const [first, second] = await Promise.all(answers);
  assert.equal(first, second, 'HTTP/1.1 and HTTP/2 differ');
  return first === true;
}

for (const { ca, policy, ...may } of policies)
  test(`client certificates: ${policy}`, async () => {
    const more = `client_auth_type: ${policy}${ca ? `, client_ca_file: ${authority.certFile}` : ''}`;
    await using exporter = await servePort(TLS.replace('}', `, ${more}}`));
    for (const who of ['none', 'ours', 'theirs'] as const)
      assert.equal(await mayAsk(exporter, who), may[who], who);
  });

const names = [
  { allowed: 'spiffe://example/prometheus', may: true },
  { allowed: 'scraper.example', may: true },
  { allowed: 'Scraper.example', may: false },
  { allowed: '*.example', may: false },
] as const;

for (const { allowed, may } of names)
  test(`a client that is verified, allowed ${allowed}: ${may ? 'may ask' : 'is refused'}`, async () => {
    const more = `client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${authority.certFile}`;
    await using exporter = await servePort(
      TLS.replace('}', `, ${more}, client_allowed_sans: ["${allowed}"]}`),
    );
    assert.equal(await mayAsk(exporter, 'ours'), may);
    assert.equal(await mayAsk(exporter, 'theirs'), false);
  });

for (const version of HTTP_VERSIONS)
  test(`${version}: a login, and headers on every answer`, async () => {
    const headers =
      'http_server_config: {headers: {Strict-Transport-Security: max-age=1, X-Frame-Options: deny}}\n';
    await using exporter = await servePort(TLS + USERS + headers);
    const ask = (login?: string, path = '/metrics', method = 'GET') =>
      askSecurely(version, at(exporter), path, { method, ...(login !== undefined && { login }) });
    const refused = await ask();
    assert.deepEqual([refused.status, refused.text], [401, 'Unauthorized\n']);
    assert.equal(refused.headers['www-authenticate'], 'Basic');
    for (const path of ['/', '/-/healthy', '/probe?target=nowhere', '/nothing', '/%'])
      assert.equal((await ask('alice:wrong', path)).status, 401, path);
    assert.equal((await ask('bob:secret')).status, 401);
    assert.equal((await ask(undefined, '/metrics', 'HEAD')).status, 401);
    for (const [path, status] of [
      ['/metrics', 200],
      ['/nothing', 404],
      ['/probe', 400],
    ] as const) {
      const answer = await ask(LOGIN, path);
      assert.equal(answer.status, status);
      assert.equal(answer.headers['strict-transport-security'], 'max-age=1');
      assert.equal(answer.headers['x-frame-options'], 'deny');
    }
    const refusals = await exporter.own('query_exporter_requests_refused_total', '{reason="login"}');
    assert.ok(refusals >= 8, `${refusals} refusals`);
  });

test('health needs no login where the operator says so, and nothing else is open', async () => {
  await using exporter = await servePort(USERS, { healthWithoutLogin: true });
  const status = async (path: string) => (await exporter.get(path)).status;
  for (const path of ['/-/healthy', '/-/ready', '/-/healthy?x=1'])
    assert.equal(await status(path), 200, path);
  for (const path of [
    '/',
    '/metrics',
    '/-/healthy/',
    '/-/healthy/../../metrics',
    '/-/reload',
    '//-/healthy',
    '/-/READY',
  ])
    assert.equal(await status(path), 401, path);
});

test('known logins are answered while others guess', async () => {
  // A check of this cost takes seconds: whoever waited for it would come behind it.
  await using exporter = await servePort(
    `basic_auth_users: {alice: "${HASH}", slow: "${HASH.replace('$04$', '$13$')}"}\n`,
  );
  const ask = (login: string) =>
    exporter.get('/metrics', {
      headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    });
  assert.equal((await ask(LOGIN)).status, 200);
  let isGuessed = false;
  const guess = ask('slow:guess').then(({ status }) => {
    isGuessed = true;
    return status;
  });
  for (let n = 0; n < 20; n++) assert.equal((await ask(LOGIN)).status, 200);
  assert.equal(isGuessed, false);
  assert.equal(await guess, 401);
});

test('above the rate the answer is 429, before headers and login', async () => {
  await using exporter = await servePort(
    `${USERS}rate_limit: {interval: 1h, burst: 3}\nhttp_server_config: {headers: {X-Frame-Options: deny}}\n`,
  );
  for (let n = 0; n < 3; n++) assert.equal((await exporter.get('/-/healthy')).status, 401);
  const answer = await exporter.get('/-/healthy');
  const { headers, status } = answer;
  assert.deepEqual(
    [status, await answer.text(), headers.get('x-frame-options')],
    [429, 'Too Many Requests\n', null],
  );
});

test('a probe whose stream is reset is canceled, and its session goes on', async () => {
  // Nobody answers at a listener that never speaks: the probe lasts until it is canceled.
  const connections: Socket[] = [];
  const silent = createServer((socket) => {
    connections.push(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const target = `{address: "127.0.0.1:${port}", user: x, connect_timeout: 60s, scrape_timeout: 60s}`;
  await using exporter = await servePort(TLS, { targets: `targets: {silent: ${target}}\n` });
  const session = await openSession(at(exporter));
  const stream = session.request({ ':path': '/probe?target=silent' });
  stream.on('error', () => {}).end();
  await eventually(() => assert.equal(connections.length, 1));
  const inFlight = () => exporter.own('query_exporter_probes_in_flight');
  assert.equal(await inFlight(), 1);
  stream.close(8);
  await eventually(async () => assert.equal(await inFlight(), 0));
  assert.equal((await askOnSession(session, '/-/healthy')).status, 200);
  session.destroy();
  for (const socket of connections) socket.destroy(); // a connect belongs to all who want it, and goes on
});

test('many clients that begin TLS and say no more: others are served', async () => {
  await using exporter = await servePort(TLS);
  const sockets = Array.from({ length: 400 }, () =>
    connect(exporter.port, '127.0.0.1').on('error', () => {}),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const version of HTTP_VERSIONS)
    assert.equal((await askSecurely(version, at(exporter), '/-/healthy')).status, 200);
  await eventually(() => {
    const closed = sockets.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length;
    assert.ok(closed >= 100, `${closed} of 400 were given up`);
  });
  for (const socket of sockets) socket.destroy();
});

test('certificate, authority of clients, users and headers are taken over without a restart', async () => {
  const { at: mounted, swap } = await mountFolder(join(folder, 'rotation'));
  const web = (user: string, header: string) => `
tls_server_config: {cert_file: cert.pem, key_file: key.pem, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}
basic_auth_users: {${user}: "${HASH}"}
http_server_config: {headers: {X-XSS-Protection: "${header}"}}
`;
  const first = { 'cert.pem': server.cert, 'key.pem': server.key, 'ca.pem': authority.cert };
  await swap({ ...first, 'web.yml': web('alice', '0') });
  await using exporter = await servePort({ path: join(mounted, 'web.yml') });
  const ours = at(exporter, shown.ours);
  const before = await askSecurely('h2', ours, '/-/healthy', { login: LOGIN });
  assert.deepEqual([before.status, before.headers['x-xss-protection']], [200, '0']);
  const session = await openSession(ours);

  await swap({
    'cert.pem': renewed.cert,
    'key.pem': renewed.key,
    'ca.pem': stranger.cert,
    'web.yml': web('bob', '1'),
  });
  const theirs = at(exporter, shown.theirs);
  await eventually(async () => {
    const { headers, serial, status } = await askSecurely('h2', theirs, '/-/healthy', {
      login: 'bob:secret',
    });
    assert.deepEqual([status, headers['x-xss-protection']], [200, '1']);
    assert.notEqual(serial, before.serial);
  });
  assert.equal((await askSecurely('http/1.1', theirs, '/-/healthy', { login: LOGIN })).status, 401);
  await assert.rejects(askSecurely('http/1.1', ours, '/-/healthy', { login: 'bob:secret' }));
  // A connection from before stays, with the users of now.
  assert.equal((await askOnSession(session, '/-/healthy', { login: 'bob:secret' })).status, 200);
  session.destroy();
});

const breaks = [
  { name: 'no YAML', change: { 'web.yml': 'tls_server_config: {' }, says: /web\.yml/ },
  {
    name: 'a key of another certificate',
    change: { 'key.pem': renewed.key },
    says: /does not belong to the certificate/,
  },
  {
    name: 'a certificate that is cut',
    change: { 'cert.pem': server.cert.subarray(0, 100) },
    says: /holds no certificate/,
  },
  { name: 'an unknown key', change: { 'web.yml': 'tls: {}' }, says: /unknown key/ },
] as const;

for (const [n, { change, name, says }] of breaks.entries())
  test(`while running: ${name}: the last good state serves, and the log says it once`, async () => {
    const { at: mounted, swap } = await mountFolder(join(folder, `broken-${n}`));
    const web = `tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n${USERS}`;
    const good = { 'cert.pem': server.cert, 'key.pem': server.key, 'web.yml': web };
    await swap(good);
    await using exporter = await servePort({ path: join(mounted, 'web.yml') });
    const ask = () => askSecurely('h2', at(exporter), '/-/healthy', { login: LOGIN });
    const { serial } = await ask();
    await swap({ ...good, ...change });
    await eventually(async () => {
      assert.equal((await ask()).status, 200);
      assert.match(exporter.log, /level=error msg="web file not taken over/);
    });
    const said = exporter.log.match(/not taken over.*/g) ?? [];
    assert.match(said.join('\n'), says);
    await swap({ ...good, ...change }); // the same again is no news
    assert.equal((await ask()).serial, serial);
    await swap({ ...good, 'cert.pem': renewed.cert, 'key.pem': renewed.key });
    await eventually(async () => assert.notEqual((await ask()).serial, serial));
    assert.deepEqual(exporter.log.match(/not taken over.*/g), said);
  });
