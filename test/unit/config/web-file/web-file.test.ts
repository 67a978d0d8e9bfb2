/** Web files, good and bad, and the verdict on each: that of Prometheus' exporter toolkit, with every error at its place. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readWebFile, webFile } from '../../../../src/config/web-file/web-file.ts';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { createAuthority } from '../../../support/certificates.ts';

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
const folder = await mkdtemp(join(tmpdir(), 'web-file-'));
const authority = await createAuthority();
after(async () => {
  await authority.remove();
  await rm(folder, { recursive: true });
});
const server = await authority.issue('DNS:exporter.example,IP:127.0.0.1');
const other = await authority.issue('DNS:other.example');
await writeFile(join(folder, 'cert.pem'), server.cert);
await writeFile(join(folder, 'key.pem'), server.key);
await writeFile(join(folder, 'other.key'), other.key);
await writeFile(join(folder, 'ca.pem'), authority.cert);
await writeFile(join(folder, 'garbage.pem'), 'garbage\n');

/** Reads a file of this text; the diagnostics as `check` prints them, without the folder. */
async function read(text: string, name = 'web.yml') {
  const path = join(folder, name);
  await writeFile(path, text);
  const { diagnostics, settings } = await readWebFile(path);
  return { settings, lines: diagnostics.map((one) => formatDiagnostic(one).replaceAll(`${folder}/`, '')) };
}

const inline = (pem: Buffer, indent: number) =>
  pem
    .toString()
    .trim()
    .replaceAll('\n', `\n${' '.repeat(indent)}`);
const CERT = `cert: |\n    ${inline(server.cert, 4)}`;
const KEY = `key: |\n    ${inline(server.key, 4)}`;
const CLIENT_CA = `client_ca: |\n    ${inline(authority.cert, 4)}`;
const FILES = 'cert_file: cert.pem, key_file: key.pem';
const tls = (more = '') => `tls_server_config: {${FILES}${more === '' ? '' : `, ${more}`}}\n`;

interface Good {
  readonly name: string;
  readonly file: string;
  /** What `check` says besides. */
  readonly warnings?: readonly RegExp[];
}

const good: readonly Good[] = [
  { name: 'an empty file', file: '' },
  { name: 'a file of comments', file: '---\n# nothing\n\n' },
  { name: 'a file that is null', file: 'null\n' },
  { name: 'an empty map', file: '{}\n' },
  {
    name: 'sections without a value',
    file: 'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n',
  },
  { name: 'users without TLS', file: `basic_auth_users: {alice: ${HASH}}\n` },
  { name: 'certificate and key in files', file: tls() },
  { name: 'certificate and key in the file itself', file: `tls_server_config:\n  ${CERT}\n  ${KEY}\n` },
  {
    name: 'the certificate from a file, the key in the file itself',
    file: `tls_server_config:\n  cert_file: cert.pem\n  ${KEY}\n`,
  },
  {
    name: 'the key from a file, the certificate in the file itself',
    file: `tls_server_config:\n  ${CERT}\n  key_file: key.pem\n`,
  },
  {
    name: 'both kinds: the file wins',
    file: `tls_server_config:\n  cert: garbage\n  key: garbage\n  cert_file: cert.pem\n  key_file: key.pem\n`,
  },
  { name: 'empty texts beside files', file: tls('cert: "", key: "", client_ca: "", client_auth_type: ""') },
  { name: 'min_version alone leaves plain HTTP', file: 'tls_server_config: {min_version: TLS13}\n' },
  {
    name: 'client_allowed_sans alone leaves plain HTTP',
    file: 'tls_server_config: {client_allowed_sans: [a]}\n',
    warnings: [/^web\.yml:1:21: warning: has no effect without TLS/],
  },
  ...['NoClientCert', 'RequestClientCert', 'RequireAnyClientCert', 'RequireClientCert'].map((policy) => ({
    name: `client_auth_type ${policy} without an authority`,
    file: tls(`client_auth_type: ${policy}`),
  })),
  ...['RequestClientCert', 'VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'].map((policy) => ({
    name: `client_auth_type ${policy} with an authority`,
    file: tls(`client_auth_type: ${policy}, client_ca_file: ca.pem`),
  })),
  {
    name: 'the authority in the file itself',
    file: `tls_server_config:\n  ${CERT}\n  ${KEY}\n  ${CLIENT_CA}\n  client_auth_type: RequireAndVerifyClientCert\n`,
  },
  {
    name: 'allowed names of verified clients',
    file: tls(
      'client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem, client_allowed_sans: [a, 10.0.0.1]',
    ),
  },
  {
    name: 'an empty list of allowed names, which refuses everybody',
    file: tls('client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: []'),
    warnings: [/client_allowed_sans|the list is empty: every client is refused/],
  },
  ...['TLS10', 'TLS11', 'TLS12', 'TLS13'].map((version) => ({
    name: `min_version ${version}`,
    file: tls(`min_version: ${version}`),
  })),
  { name: 'max_version TLS12', file: tls('max_version: TLS12') },
  {
    name: 'a list of ciphers, those of TLS 1.3 among them',
    file: tls('cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'),
  },
  {
    name: 'ciphers that HTTP/2 forbids, without HTTP/2',
    file: `${tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]')}http_server_config: {http2: false}\n`,
  },
  {
    name: 'ciphers that HTTP/2 forbids, where TLS 1.3 is the least',
    file: tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA], min_version: TLS13'),
  },
  { name: 'curves', file: tls('curve_preferences: [CurveP256, X25519, CurveP384, CurveP521]') },
  { name: 'the order of ciphers', file: tls('prefer_server_cipher_suites: false') },
  {
    name: 'every header',
    file: `http_server_config:
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Content-Type-Options: nosniff
    X-Frame-Options: sameorigin
    X-XSS-Protection: "1; mode=block"
    Content-Security-Policy: >
      default-src 'none';
      frame-ancestors 'none'
`,
  },
  {
    name: "a word of YAML 1.1 that Go's reader takes for false",
    file: `${tls()}http_server_config: {http2: off}\n`,
  },
  {
    name: 'hashes of every kind',
    file: `basic_auth_users: {a: ${HASH}, b: ${HASH.replace('2y', '2a')}, c: ${HASH.replace('2y', '2b')}}\n`,
  },
  {
    name: 'a hash that takes seconds',
    file: `basic_auth_users: {alice: ${HASH.replace('$10$', '$15$')}}\n`,
    warnings: [/^web\.yml:1:20: warning: the cost 15 of this hash/],
  },
  { name: 'a rate limit', file: 'rate_limit: {interval: 250ms, burst: 20}\n' },
  { name: 'a rate limit that is off', file: 'rate_limit: {interval: 0, burst: 0}\n' },
  {
    name: 'a rate limit without burst, which refuses everything',
    file: 'rate_limit: {interval: 1s}\n',
    warnings: [/warning: without a burst of 1 at least every request is refused/],
  },
  {
    name: 'a bare interval',
    file: 'rate_limit: {interval: 1000, burst: 5}\n',
    warnings: [/warning: a bare number is nanoseconds here: write 1s/],
  },
];

test('the example of the guide is good', async () => {
  const guide = await readFile(new URL('../../../../docs/guides/port.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(tls_server_config:[^`]*)```/.exec(guide) ?? [];
  const { lines, settings } = await read(
    example
      .replace('server.crt', 'cert.pem')
      .replace('server.key', 'key.pem')
      .replace('clients-ca.crt', 'ca.pem'),
  );
  assert.deepEqual(lines, []);
  assert.equal(settings?.users.size, 1);
});

for (const { name, file, warnings = [] } of good) {
  test(`good: ${name}`, async () => {
    const { lines, settings } = await read(file);
    assert.notEqual(settings, undefined, lines.join('\n'));
    assert.equal(lines.length, warnings.length, lines.join('\n'));
    for (const [n, warning] of warnings.entries()) assert.match(lines[n] ?? '', warning);
  });
}

interface Bad {
  readonly name: string;
  readonly file: string;
  /** All that is said. */
  readonly lines: readonly (string | RegExp)[];
}

const bad: readonly Bad[] = [
  {
    name: 'not YAML',
    file: 'tls_server_config: {cert_file: [\n',
    lines: [/^web\.yml:\d:\d+: error: /],
  },
  {
    name: 'an unknown section',
    file: 'tls_config: {}\n',
    lines: [
      'web.yml:1:1: error: unknown key "tls_config"; valid keys are tls_server_config, http_server_config, basic_auth_users, rate_limit',
    ],
  },
  {
    name: 'an unknown key of each section',
    file: 'tls_server_config: {certfile: a}\nhttp_server_config: {http3: true}\nrate_limit: {bursts: 1}\n',
    lines: [
      'web.yml:1:21: error: unknown key "certfile"; did you mean "cert_file"?',
      'web.yml:2:22: error: unknown key "http3"; did you mean "http2"?',
      'web.yml:3:14: error: unknown key "bursts"; did you mean "burst"?',
    ],
  },
  {
    name: 'a key twice',
    file: `basic_auth_users:\n  alice: ${HASH}\n  alice: ${HASH}\n`,
    lines: ['web.yml:3:3: error: duplicate key "alice": keep one of them'],
  },
  {
    name: 'a certificate without a key',
    file: 'tls_server_config: {cert_file: cert.pem}\n',
    lines: [/^web\.yml:1:1: error: TLS is on here and needs key_file/],
  },
  {
    name: 'a key without a certificate',
    file: 'tls_server_config: {key_file: key.pem}\n',
    lines: [/^web\.yml:1:1: error: TLS is on here and needs cert_file/],
  },
  {
    name: 'an empty text for the certificate',
    file: 'tls_server_config: {cert_file: "", key_file: key.pem}\n',
    lines: [/needs cert_file/],
  },
  {
    name: 'an authority alone',
    file: 'tls_server_config: {client_ca_file: ca.pem}\n',
    lines: [
      /needs cert_file/,
      /needs key_file/,
      /:21: error: client_ca_file has no effect without client_auth_type/,
    ],
  },
  {
    name: 'a client_auth_type alone, be it none',
    file: 'tls_server_config: {client_auth_type: NoClientCert}\n',
    lines: [/needs cert_file/, /needs key_file/],
  },
  {
    name: 'a certificate file that is not there',
    file: 'tls_server_config: {cert_file: nowhere.pem, key_file: key.pem}\n',
    lines: ['web.yml:1:32: error: cert_file: the file "nowhere.pem" does not exist'],
  },
  {
    name: 'a key file that is not there',
    file: 'tls_server_config: {cert_file: cert.pem, key_file: nowhere.pem}\n',
    lines: ['web.yml:1:52: error: key_file: the file "nowhere.pem" does not exist'],
  },
  {
    name: 'a certificate file that is a folder',
    file: 'tls_server_config: {cert_file: ., key_file: key.pem}\n',
    lines: ['web.yml:1:32: error: cert_file: the file "." is a folder'],
  },
  {
    name: 'files that hold something else',
    file: 'tls_server_config: {cert_file: garbage.pem, key_file: garbage.pem}\n',
    lines: [
      /cert_file: the file "garbage.pem" holds no certificate/,
      /key_file: the file "garbage.pem" holds no private key/,
    ],
  },
  {
    name: 'the key of another certificate',
    file: 'tls_server_config: {cert_file: cert.pem, key_file: other.key}\n',
    lines: ['web.yml:1:52: error: the key does not belong to the certificate'],
  },
  {
    name: 'an authority without client_auth_type',
    file: tls('client_ca_file: ca.pem'),
    lines: [
      /error: client_ca_file has no effect without client_auth_type, such as RequireAndVerifyClientCert/,
    ],
  },
  {
    name: 'an authority with NoClientCert, in the file itself',
    file: `tls_server_config:\n  ${CERT}\n  ${KEY}\n  ${CLIENT_CA}\n  client_auth_type: NoClientCert\n`,
    lines: [/error: client_ca has no effect without client_auth_type/],
  },
  {
    name: 'an authority that is not there',
    file: tls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: nowhere.pem'),
    lines: [/error: client_ca_file: the file "nowhere.pem" does not exist/],
  },
  {
    name: 'an unknown client_auth_type',
    file: tls('client_auth_type: RequireAndVerifyClient'),
    lines: [/error: client_auth_type: expected one of .*; did you mean "RequireAndVerifyClientCert"\?$/],
  },
  ...['NoClientCert', 'RequestClientCert', 'VerifyClientCertIfGiven'].map((policy) => ({
    name: `allowed names with ${policy}`,
    file: tls(`client_auth_type: ${policy}, client_allowed_sans: [a]`),
    lines: [/error: client_allowed_sans needs client_auth_type RequireAndVerifyClientCert/],
  })),
  {
    name: 'an unknown cipher',
    file: tls('cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]'),
    lines: [/error: cipher_suites\[0\]: expected one of TLS_AES_128_GCM_SHA256/],
  },
  {
    name: 'an unknown curve',
    file: tls('curve_preferences: [X448]'),
    lines: [/error: curve_preferences\[0\]: expected one of CurveP256/],
  },
  {
    name: 'an unknown version',
    file: tls('min_version: "1.2"'),
    lines: [/error: min_version: expected one of TLS10, TLS11, TLS12, TLS13, found text "1.2"/],
  },
  {
    name: 'versions the wrong way round',
    file: tls('min_version: TLS13, max_version: TLS12'),
    lines: [/error: max_version TLS12 is below min_version TLS13: nobody could connect/],
  },
  {
    name: 'ciphers that HTTP/2 forbids, with HTTP/2',
    file: tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]'),
    lines: [/error: HTTP\/2 needs one of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, .*http2: false/],
  },
  {
    name: 'ciphers of TLS 1.3 alone for TLS 1.2 alone',
    file: `${tls('cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12')}http_server_config: {http2: false}\n`,
    lines: [/error: none of these is for TLS 1.2/],
  },
  {
    name: 'a password that is no hash',
    file: 'basic_auth_users: {alice: hunter2}\n',
    lines: [/^web\.yml:1:27: error: alice: expected a bcrypt hash/],
  },
  {
    name: 'a hash of another kind, and one of an impossible cost',
    file: `basic_auth_users: {a: "$1$abcdefgh$abcdefghabcdefghabcdef", b: ${HASH.replace('$10$', '$32$')}}\n`,
    lines: [/error: a: expected a bcrypt hash/, /error: b: expected a bcrypt hash/],
  },
  {
    name: 'a hash that is cut',
    file: `basic_auth_users: {alice: ${HASH.slice(0, 40)}}\n`,
    lines: [/error: alice: expected a bcrypt hash/],
  },
  {
    name: 'a header that may not be set',
    file: 'http_server_config: {headers: {Server: mine}}\n',
    lines: [/^web\.yml:1:32: error: unknown key "Server"; valid keys are Strict-Transport-Security, /],
  },
  {
    name: 'headers with values that may not be set',
    file: 'http_server_config: {headers: {X-Content-Type-Options: sniff, X-Frame-Options: DENY}}\n',
    lines: [
      /error: X-Content-Type-Options: expected one of nosniff/,
      /error: X-Frame-Options: expected one of deny, sameorigin/,
    ],
  },
  {
    name: 'a header that cannot be sent',
    file: 'http_server_config: {headers: {X-XSS-Protection: "a\\u0000b"}}\n',
    lines: [/error: X-XSS-Protection: has a character that no header may have/],
  },
  {
    name: 'an interval that is none',
    file: 'rate_limit: {interval: 5 seconds, burst: 1}\n',
    lines: [/error: interval: expected a duration such as 250ms or 1s/],
  },
  {
    name: 'a burst that is no whole number',
    file: 'rate_limit: {interval: 1s, burst: 1.5}\n',
    lines: [/error: burst: expected a whole number/],
  },
  {
    name: 'mistakes everywhere, all said at once',
    file: 'tls_server_config: {cert_file: nowhere.pem}\nbasic_auth_users: {alice: x}\nrate_limit: {burst: 1.5}\n',
    lines: [
      /:1:1: error: TLS is on here and needs key_file/,
      /:1:32: error: cert_file: the file "nowhere.pem" does not exist/,
      /:2:27: error: alice: expected a bcrypt hash/,
      /:3:21: error: burst: expected a whole number/,
    ],
  },
];

for (const { name, file, lines: expected } of bad) {
  test(`bad: ${name}`, async () => {
    const { lines, settings } = await read(file);
    assert.equal(settings, undefined);
    assert.equal(lines.length, expected.length, lines.join('\n'));
    for (const [n, line] of expected.entries())
      if (typeof line === 'string') assert.equal(lines[n], line);
      else assert.match(lines[n] ?? '', line);
  });
}

test('bad: a file that is not there', async () => {
  const { diagnostics, settings } = await readWebFile(join(folder, 'nowhere.yml'));
  assert.deepEqual(
    [settings, diagnostics.map(({ message }) => message)],
    [undefined, ['the file does not exist']],
  );
});

test('what must stay secret is in no message', async () => {
  const { lines } = await read(`
tls_server_config: {key: hunter2, cert: [hunter2], client_ca: {hunter2: hunter2}}
basic_auth_users: {alice: hunter2, bob: [hunter2], carol: 12345}
`);
  assert.ok(lines.length >= 5, lines.join('\n'));
  assert.doesNotMatch(lines.join('\n'), /hunter2|12345/);
  const key = await read(
    `tls_server_config: {cert_file: cert.pem, key_file: "${'-----BEGIN PRIVATE KEY-----'}\\nhunter2"}\n`,
  );
  assert.equal(key.lines.length, 1);
  assert.doesNotMatch(key.lines.join('\n'), /hunter2/);
});

test('what is left out has the defaults of the toolkit, and dollars stay', async () => {
  const { settings } = await read(`${tls()}basic_auth_users: {alice: ${HASH}}\n`);
  assert.deepEqual(
    { ...settings, tls: undefined },
    { tls: undefined, http2: true, headers: [], users: new Map([['alice', HASH]]), rateLimit: undefined },
  );
  const { allowedSans, clientAuth, context } = settings?.tls ?? {};
  assert.deepEqual([allowedSans, clientAuth], [undefined, 'NoClientCert']);
  assert.deepEqual([context?.minVersion, context?.maxVersion], ['TLSv1.2', 'TLSv1.3']);
});

const intervals = [
  ['1s', 1000],
  ['250ms', 250],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['500us', 0.5],
  ['1ms2us', 1.002],
] as const;

for (const [interval, ms] of intervals) {
  test(`an interval of ${interval} is ${ms} ms`, async () => {
    const { settings } = await read(`rate_limit: {interval: ${interval}, burst: 3}\n`);
    assert.deepEqual(settings?.rateLimit, { intervalMs: ms, burst: 3 });
  });
}

test('a header in several lines is sent as one', async () => {
  const { settings } = await read(`http_server_config:
  headers:
    Content-Security-Policy: |
      default-src 'none';
        frame-ancestors 'none'
`);
  assert.deepEqual(settings?.headers, [
    ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ]);
});

test('a certificate that is out of date is said', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * 86_400_000 });
  const { lines, settings } = await read(tls());
  assert.notEqual(settings, undefined);
  assert.match(lines.join('\n'), /^web\.yml:1:21: warning: the certificate is out of date since /);
});

test('a file has changed when its content has, also when it comes or goes', async () => {
  const path = join(folder, 'changing.yml');
  const ca = join(folder, 'changing-ca.pem');
  const text = tls('client_auth_type: RequestClientCert, client_ca_file: changing-ca.pem');
  await writeFile(path, text);
  await rm(ca, { force: true });
  const { hasChanged, read: again } = webFile(path);
  const first = await again();
  assert.equal(first.settings, undefined);
  assert.equal(await hasChanged(first), false);
  await writeFile(ca, authority.cert);
  assert.equal(await hasChanged(first), true);
  const second = await again();
  assert.notEqual(second.settings, undefined);
  await writeFile(path, text);
  assert.equal(await hasChanged(second), false);
  await rm(ca);
  assert.equal(await hasChanged(second), true);
});
