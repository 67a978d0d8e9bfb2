/**
 * The five TLS modes against right, wrong and strange certificates: scripted servers for what goes wrong on the
 * way, real ones for what they really offer.
 */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FullLogin, TlsMode, TlsSettings } from '../../../src/model/config.ts';
import type { MysqlReason } from '../../../src/model/reason.ts';
import type { ResolveHost } from '../../../src/mysql/connect/resolver.ts';
import { createTlsPolicy, provesIdentity } from '../../../src/mysql/connect/tls.ts';
import { type Authority, type Certificate, createAuthority } from '../../support/certificates.ts';
import { stopClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import {
  ask,
  closedDownTo,
  type Endpoint,
  LOGIN,
  NO_TLS,
  open,
  openSockets,
  PASSWORD,
  type PoolChanges,
  play,
  poolOf,
  query,
  seen,
} from '../../support/mysql.ts';
import { EXPORTER, type PrivateServer, privateServer, realServers } from '../../support/real-servers.ts';
import {
  authMoreData,
  authSwitch,
  CAPABILITY,
  framed,
  greeting,
  ok,
  type Peer,
  result,
  type Script,
  silence,
  USUAL_CAPABILITIES,
} from '../../support/scripted-server.ts';

const CAPABILITIES = USUAL_CAPABILITIES | CAPABILITY.SSL;

/** Known to `before` below. */
let ours: Authority;
let theirs: Authority;
let forAddress: Certificate;
let forName: Certificate;
let byStranger: Certificate;

before(async () => {
  ours = await createAuthority();
  theirs = await createAuthority();
  forAddress = await ours.issue('IP:127.0.0.1');
  forName = await ours.issue('DNS:db.example');
  byStranger = await theirs.issue('IP:127.0.0.1');
});
after(() => Promise.all([ours.remove(), theirs.remove()]));

/** Speaks TLS when the client wants it, then lets in and answers. */
const encrypting =
  (certificate: () => Certificate, then: (peer: Peer) => Promise<void> = letInAndAnswer): Script =>
  async (peer) => {
    peer.send(greeting({ capabilities: CAPABILITIES }));
    const first = await peer.packet();
    if ((first.readUInt32LE(0) & CAPABILITY.SSL) === 0) return await answerAll(peer);
    const { cert, key } = certificate();
    await peer.encrypt({ cert, key });
    await then(peer);
  };

async function letInAndAnswer(peer: Peer): Promise<void> {
  await peer.packet(); // the login, again and encrypted
  await answerAll(peer);
}

async function answerAll(peer: Peer): Promise<void> {
  peer.send(ok());
  for (;;) {
    const sql = await peer.question();
    if (sql.startsWith('SET ')) peer.send(ok());
    else peer.send(...result(['one'], [['1']]));
  }
}

function withTls(
  endpoint: Endpoint,
  settings: Partial<TlsSettings>,
  host = endpoint.host,
): NonNullable<PoolChanges['spec']> {
  const address = { kind: 'tcp', host, port: endpoint.port } as const;
  const all = { ...NO_TLS, ...settings };
  return {
    address,
    tls: createTlsPolicy(all, address),
    allowClearPassword: provesIdentity(all),
    allowFullLogin: all.fullLogin === 'any' || provesIdentity(all),
  };
}

interface Case {
  readonly name: string;
  readonly mode: TlsMode;
  readonly certificate: () => Certificate;
  readonly ca?: () => string;
  readonly serverName?: string;
  /** The target's host; a name leads to the server too. */
  readonly host?: string;
  readonly expected: MysqlReason | 'encrypted' | 'clear';
}

const address = () => forAddress;
const name = () => forName;
const stranger = () => byStranger;
const ca = () => ours.certFile;

const cases: readonly Case[] = [
  { name: 'a certificate that fits', mode: 'disabled', certificate: address, expected: 'clear' },
  { name: 'a certificate nobody knows', mode: 'preferred', certificate: stranger, expected: 'encrypted' },
  { name: 'a certificate nobody knows', mode: 'required', certificate: stranger, expected: 'encrypted' },
  {
    name: 'a certificate of our authority',
    mode: 'verify_ca',
    certificate: address,
    ca,
    expected: 'encrypted',
  },
  { name: 'a certificate for another name', mode: 'verify_ca', certificate: name, ca, expected: 'encrypted' },
  {
    name: 'a certificate of another authority',
    mode: 'verify_ca',
    certificate: stranger,
    ca,
    expected: 'tls',
  },
  {
    name: 'a certificate that no public authority signed',
    mode: 'verify_ca',
    certificate: address,
    expected: 'tls',
  },
  {
    name: 'a certificate for our address',
    mode: 'verify_identity',
    certificate: address,
    ca,
    expected: 'encrypted',
  },
  {
    name: 'a certificate for a name, reached by address',
    mode: 'verify_identity',
    certificate: name,
    ca,
    expected: 'tls',
  },
  {
    name: 'a certificate of another authority',
    mode: 'verify_identity',
    certificate: stranger,
    ca,
    expected: 'tls',
  },
  {
    name: 'a certificate for the name that server_name gives',
    mode: 'verify_identity',
    certificate: name,
    ca,
    serverName: 'db.example',
    expected: 'encrypted',
  },
  {
    name: 'a certificate for another name than server_name',
    mode: 'verify_identity',
    certificate: name,
    ca,
    serverName: 'other.example',
    expected: 'tls',
  },
  {
    name: 'a certificate for our address, but server_name says otherwise',
    mode: 'verify_identity',
    certificate: address,
    ca,
    serverName: 'db.example',
    expected: 'tls',
  },
  {
    name: 'a certificate for the name that we dial',
    mode: 'verify_identity',
    certificate: name,
    ca,
    host: 'db.example',
    expected: 'encrypted',
  },
  {
    name: 'a certificate for another name than we dial',
    mode: 'verify_identity',
    certificate: name,
    ca,
    host: 'other.example',
    expected: 'tls',
  },
  {
    name: 'a certificate for the address behind the name that we dial',
    mode: 'verify_identity',
    certificate: address,
    ca,
    host: 'db.example',
    expected: 'tls',
  },
];

const here: ResolveHost = async () => ({ ok: true, addresses: ['127.0.0.1'] });

for (const { name, mode, certificate, ca, serverName, host, expected } of cases)
  test(`${mode}, ${name}: ${expected}`, async (t) => {
    const server = await play(t, encrypting(certificate));
    const settings = { mode, caFile: ca?.(), serverName };
    const pool = poolOf(t, server, { spec: withTls(server, settings, host), resolve: here });
    const answer = await ask(pool, 'SELECT 1');
    const [peer] = server.peers;
    if (expected === 'encrypted' || expected === 'clear') {
      assert.deepEqual(seen(answer), [['1']], answer.ok ? '' : answer.detail);
      assert.equal(peer?.encrypted, expected === 'encrypted');
      // And once more: a resumed session must not be judged otherwise.
      peer?.cut();
      await peer?.gone;
      assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
      return;
    }
    assert.equal(seen(answer), expected);
    assert.ok(!peer?.sent(LOGIN.user), 'told a stranger who we are');
    await eventually(() => assert.equal(server.open, 0));
    assert.equal(seen(await ask(pool, 'SELECT 1')), expected);
  });

const modes: readonly TlsMode[] = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'];
for (const mode of modes)
  test(`${mode}, a server without TLS: ${mode === 'disabled' || mode === 'preferred' ? 'clear' : 'tls'}`, async (t) => {
    const server = await play(t, async (peer) => {
      peer.send(greeting());
      await peer.packet();
      await answerAll(peer);
    });
    const settings = { mode, caFile: ours.certFile };
    const answer = await ask(poolOf(t, server, { spec: withTls(server, settings) }), 'SELECT 1');
    assert.deepEqual(seen(answer), mode === 'disabled' || mode === 'preferred' ? [['1']] : 'tls');
    if (!answer.ok) assert.match(answer.detail, new RegExp(`offers no TLS.*${mode}`));
    if (!answer.ok) assert.equal(server.peers[0]?.received.length, 0);
  });

interface Fault {
  readonly name: string;
  readonly script: Script;
  readonly reason: MysqlReason;
  /** When only the connect timeout ends it: whether all has happened that will. */
  readonly isStuck?: (peer: Peer) => boolean;
}

const CONNECT_MS = 10_000;

const greetingWithTls: Script = async (peer) => {
  peer.send(greeting({ capabilities: CAPABILITIES }));
  await peer.packet();
};

const faults: readonly Fault[] = [
  {
    name: 'offers TLS and then says nothing',
    script: async (peer) => {
      await greetingWithTls(peer);
      await silence(peer);
    },
    reason: 'connect_timeout',
    isStuck: (peer) => peer.received.length > 0,
  },
  {
    name: 'offers TLS and then speaks no TLS',
    script: async (peer) => {
      await greetingWithTls(peer);
      peer.raw('HTTP/1.1 400 Bad Request\r\n\r\n');
      await silence(peer);
    },
    reason: 'tls',
  },
  {
    name: 'offers TLS and lets us in without',
    script: async (peer) => {
      await greetingWithTls(peer);
      peer.send(ok());
      await silence(peer);
    },
    reason: 'tls',
  },
  {
    name: 'offers TLS and slips in an answer to the login before it',
    script: async (peer) => {
      const hello = greeting({ capabilities: CAPABILITIES });
      peer.raw(Buffer.concat([framed(hello, 0), framed(ok(), 2)]));
      await silence(peer);
    },
    reason: 'lost',
  },
  {
    name: 'offers TLS and closes',
    script: async (peer) => {
      await greetingWithTls(peer);
      peer.cut();
    },
    reason: 'tls',
  },
  {
    name: 'offers TLS and resets',
    script: async (peer) => {
      await greetingWithTls(peer);
      peer.reset();
    },
    reason: 'tls',
  },
  {
    name: 'finishes TLS and then says nothing',
    script: encrypting(address, (peer) => peer.gone),
    reason: 'connect_timeout',
    isStuck: (peer) => peer.encrypted && peer.sent(LOGIN.user),
  },
  {
    name: 'finishes TLS and closes',
    script: encrypting(address, async (peer) => peer.cut()),
    reason: 'lost',
  },
];

for (const mode of ['preferred', 'verify_identity'] as const)
  for (const { name, script, reason, isStuck } of faults)
    test(`${mode}, a server that ${name}: ${reason}, and no clear text instead`, async (t) => {
      const clock = isStuck === undefined ? undefined : stopClock(t);
      const before = await openSockets();
      const server = await play(t, script);
      const spec = withTls(server, { mode, caFile: ours.certFile });
      const pool = poolOf(t, server, { spec, connectTimeoutMs: CONNECT_MS });
      const asked = ask(pool, 'SELECT 1', CONNECT_MS + 1);
      if (clock !== undefined && isStuck !== undefined) {
        await eventually(() => assert.ok(server.peers.some(isStuck), 'the server waits for more'));
        clock.forward(CONNECT_MS);
      }
      const answer = await asked;
      assert.equal(seen(answer), reason, answer.ok ? '' : answer.detail);
      // Of the attempt itself, and not of who waited for it.
      if (isStuck !== undefined) assert.match(answer.ok ? '' : answer.detail, /no end in time/);
      assert.equal(server.peers.length, 1); // no second try without TLS
      assert.ok(!server.peers[0]?.sent(PASSWORD));
      await eventually(() => assert.equal(server.open, 0));
      await closedDownTo(before + 1);
    });

const clear = (peer: Peer): Promise<void> => askFor(peer, 'mysql_clear_password', []);
const clearCases: readonly { readonly mode: TlsMode; readonly expected: 'sent' | MysqlReason }[] = [
  { mode: 'preferred', expected: 'auth' },
  { mode: 'required', expected: 'auth' },
  { mode: 'verify_ca', expected: 'sent' },
  { mode: 'verify_identity', expected: 'sent' },
];
for (const { mode, expected } of clearCases)
  test(`mysql_clear_password inside TLS of mode ${mode}: ${expected}`, async (t) => {
    const server = await play(t, encrypting(address, clear));
    const spec = withTls(server, { mode, caFile: ours.certFile });
    const answer = await open(t, server, spec);
    assert.equal(answer.ok ? 'sent' : answer.reason, expected);
    assert.equal(server.peers[0]?.sent(`${PASSWORD}\0`), expected === 'sent');
  });

const fullLogins: readonly (readonly [plugin: string, packets: readonly Buffer[]])[] = [
  ['caching_sha2_password', [authMoreData(Buffer.of(4))]],
  ['sha256_password', []],
];
const passwordModes: readonly (readonly [TlsMode, FullLogin, expected: 'warned' | 'silent' | MysqlReason])[] =
  [
    ['preferred', 'any', 'warned'],
    ['required', 'any', 'warned'],
    ['verify_ca', 'any', 'silent'],
    ['preferred', 'verified', 'auth'],
    ['required', 'verified', 'auth'],
    ['verify_ca', 'verified', 'silent'],
    ['verify_identity', 'verified', 'silent'],
  ];
for (const [plugin, packets] of fullLogins)
  for (const [mode, fullLogin, expected] of passwordModes)
    test(`a full login of ${plugin} inside TLS of mode ${mode}, allowed for ${fullLogin}: ${expected}`, async (t) => {
      const server = await play(
        t,
        encrypting(address, (peer) => askFor(peer, plugin, packets)),
      );
      let warned = 0;
      const pool = poolOf(t, server, {
        maxConnections: 2,
        spec: withTls(server, { mode, fullLogin, caFile: ours.certFile }),
        onPasswordGiven: () => warned++,
      });
      const answers = await Promise.all([
        ask(pool, 'SELECT 1'),
        ask(pool, 'SELECT 1'),
        ask(pool, 'SELECT 1'),
      ]);
      const [answer] = answers;
      assert.ok(answer);
      assert.equal(answer.ok ? (warned > 0 ? 'warned' : 'silent') : answer.reason, expected);
      assert.ok(warned <= 1);
      assert.equal(server.peers[0]?.sent(`${PASSWORD}\0`), expected !== 'auth');
      if (!answer.ok) assert.match(answer.detail, /full_login: verified/);
    });

test('caching_sha2_password inside TLS needs no key of the server', async (t) => {
  const server = await play(
    t,
    encrypting(address, (peer) => askFor(peer, 'caching_sha2_password', [authMoreData(Buffer.of(4))])),
  );
  const answer = await open(t, server, withTls(server, { mode: 'verify_ca', caFile: ours.certFile }));
  assert.equal(answer.ok, true, answer.ok ? '' : answer.detail);
});

/** Switches to a plugin, takes what the client says to each packet, lets it in. */
async function askFor(peer: Peer, plugin: string, packets: readonly Buffer[]): Promise<void> {
  await peer.packet();
  peer.send(authSwitch(plugin));
  await peer.packet();
  for (const packet of packets) {
    peer.send(packet);
    await peer.packet();
  }
  await answerAll(peer);
}

test('certificate files are read at the first connection and again when they change', async (t) => {
  const own = await createAuthority();
  t.after(own.remove);
  const server = await play(t, encrypting(address));
  const missing = `${own.certFile}.later`;
  const pool = poolOf(t, server, { spec: withTls(server, { mode: 'verify_ca', caFile: missing }) });
  const answer = await ask(pool, 'SELECT 1');
  assert.equal(seen(answer), 'tls');
  assert.match(answer.ok ? '' : answer.detail, /TLS files cannot be used/);
  await writeFile(missing, 'no certificate');
  assert.equal(seen(await ask(pool, 'SELECT 1')), 'tls');
  await writeFile(`${missing}.new`, ours.cert);
  await rename(`${missing}.new`, missing);
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
});

test('the client shows its own certificate when it has one', async (t) => {
  const client = await ours.issue('DNS:client.example');
  const server = await play(t, async (peer) => {
    await greetingWithTls(peer);
    await peer.encrypt({
      cert: forAddress.cert,
      key: forAddress.key,
      ca: ours.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    await letInAndAnswer(peer);
  });
  const settings = { mode: 'verify_ca', caFile: ours.certFile } as const;
  const without = await open(t, server, withTls(server, settings));
  assert.equal(seenOpen(without), 'tls');
  const own = { ...settings, certFile: client.certFile, keyFile: client.keyFile };
  assert.equal((await open(t, server, withTls(server, own))).ok, true);
});

test('a minimal version that the server does not reach is tls', async (t) => {
  const server = await play(t, async (peer) => {
    await greetingWithTls(peer);
    await peer.encrypt({ cert: forAddress.cert, key: forAddress.key, maxVersion: 'TLSv1.2' } as object);
    await letInAndAnswer(peer);
  });
  const settings = { mode: 'required', minVersion: 'TLSv1.3' } as const;
  assert.equal(seenOpen(await open(t, server, withTls(server, settings))), 'tls');
  assert.equal(
    seenOpen(await open(t, server, withTls(server, { ...settings, minVersion: 'TLSv1.2' }))),
    'open',
  );
});

function seenOpen(opened: Awaited<ReturnType<typeof open>>): string {
  return opened.ok ? 'open' : `${opened.reason}`;
}

const CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

interface RealCase {
  readonly mode: TlsMode;
  readonly ca?: 'right' | 'wrong';
  readonly serverName?: string;
  readonly expected: 'encrypted' | 'clear' | MysqlReason;
}

const realCases: readonly RealCase[] = [
  { mode: 'disabled', expected: 'clear' },
  { mode: 'preferred', expected: 'encrypted' },
  { mode: 'required', expected: 'encrypted' },
  { mode: 'verify_ca', ca: 'right', expected: 'encrypted' },
  { mode: 'verify_ca', ca: 'wrong', expected: 'tls' },
  { mode: 'verify_ca', expected: 'tls' },
  { mode: 'verify_identity', ca: 'wrong', expected: 'tls' },
  { mode: 'verify_identity', ca: 'right', serverName: 'other.example', expected: 'tls' },
];

test('a real MariaDB with a certificate for its address', async (t) => {
  const server: PrivateServer = await privateServer('mariadb', {
    args: [`--ssl-cert=${forAddress.certFile}`, `--ssl-key=${forAddress.keyFile}`],
  });
  t.after(server.stop);
  const identified: RealCase = { mode: 'verify_identity', ca: 'right', expected: 'encrypted' };
  for (const real of [...realCases, identified]) {
    await t.test(title(real), (t) => tryReal(t, server, real, ours.certFile));
  }
});

test('a real MariaDB without TLS', async (t) => {
  const server = (await realServers()).find(({ flavour }) => flavour === 'mariadb');
  assert.ok(server);
  const expected: readonly RealCase[] = [
    { mode: 'preferred', expected: 'clear' },
    { mode: 'required', expected: 'tls' },
  ];
  for (const real of expected) await t.test(title(real), (t) => tryReal(t, server, real, ours.certFile));
});

test('a real MySQL with the certificates it made itself', async (t) => {
  const server = (await realServers()).find(({ flavour }) => flavour === 'mysql');
  assert.ok(server);
  const [row] = await server.root('SELECT @@datadir AS datadir');
  const authorityOfServer = join(String(row?.['datadir']), 'ca.pem');
  // Its certificate carries no address, as mysql's own client finds too.
  const unidentified: RealCase = { mode: 'verify_identity', ca: 'right', expected: 'tls' };
  for (const real of [...realCases.filter(({ mode }) => mode !== 'disabled'), unidentified]) {
    await t.test(title(real), (t) => tryReal(t, server, real, authorityOfServer));
  }
  await t.test(
    'without TLS a full login is refused, and allowed with the retrieval of its key',
    async (t) => {
      await server.createUser('tls_sha2', PASSWORD, 'SELECT ON shop.*');
      const login = { user: 'tls_sha2', password: PASSWORD };
      const refused = await open(t, server, { login });
      assert.equal(refused.ok ? 'open' : refused.reason, 'auth');
      const allowed = await open(t, server, { login, allowPublicKeyRetrieval: true });
      assert.equal(allowed.ok, true, allowed.ok ? '' : allowed.detail);
      // The server remembers the login now, so it needs no key.
      assert.equal((await open(t, server, { login })).ok, true);
      await server.dropUser('tls_sha2');
    },
  );
});

function title({ mode, ca, serverName, expected }: RealCase): string {
  const authorityText = ca === undefined ? 'no authority' : `the ${ca} authority`;
  return `${mode}, ${authorityText}${serverName === undefined ? '' : `, server_name ${serverName}`}: ${expected}`;
}

async function tryReal(
  t: Parameters<typeof open>[0],
  server: Endpoint,
  { mode, ca, serverName, expected }: RealCase,
  right: string,
): Promise<void> {
  const caFile = ca === undefined ? undefined : ca === 'right' ? right : theirs.certFile;
  const spec = withTls(server, { mode, caFile, serverName });
  const opened = await open(t, server, { ...spec, login: EXPORTER });
  if (!opened.ok) return assert.equal(opened.reason, expected, opened.detail);
  const cipher = await query(opened.connection, CIPHER);
  assert.ok(cipher.ok);
  assert.equal(cipher.rows[0]?.[1] === '' ? 'clear' : 'encrypted', expected);
}
