/**
 * What a rogue server may not get out of us: the password, a file, more capabilities than we need. Proven by
 * the bytes that the client sent.
 */
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { test } from 'node:test';
import type { MysqlReason } from '../../../../src/model/reason.ts';
import type { ConnectionSpec } from '../../../../src/mysql/connect/open-connection.ts';
import { LOGIN, open, PASSWORD, play, query } from '../../../support/mysql.ts';
import {
  answering,
  authMoreData,
  authSwitch,
  CAPABILITY,
  err,
  greeting,
  letIn,
  ok,
  type Peer,
  SCRAMBLE,
  type Script,
} from '../../../support/scripted-server.ts';

const FULL_LOGIN = authMoreData(Buffer.of(4));

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly spec?: Partial<ConnectionSpec>;
  readonly reason: MysqlReason;
  readonly detail: RegExp;
}

/** Greets with one plugin, then goes on as the script says; the client's answers are read one by one. */
const asking = (plugin: string, ...packets: readonly Buffer[]): Script => {
  return async (peer) => {
    peer.send(greeting({ plugin }));
    await peer.packet();
    for (const packet of packets) {
      peer.send(packet);
      await peer.packet();
    }
    await peer.gone;
  };
};

const cases: readonly Case[] = [
  {
    name: 'mysql_clear_password in the greeting',
    script: asking('mysql_clear_password', authSwitch('mysql_clear_password')),
    reason: 'auth',
    detail: /mysql_clear_password/,
  },
  {
    name: 'mysql_clear_password by a switch',
    script: asking('mysql_native_password', authSwitch('mysql_clear_password')),
    reason: 'auth',
    detail: /mysql_clear_password/,
  },
  {
    name: 'mysql_clear_password although the target would allow it inside TLS',
    script: asking('mysql_native_password', authSwitch('mysql_clear_password')),
    spec: { allowClearPassword: true },
    reason: 'auth',
    detail: /mysql_clear_password/,
  },
  {
    name: 'mysql_clear_password as a second factor',
    script: asking(
      'mysql_native_password',
      Buffer.concat([Buffer.of(2), authSwitch('mysql_clear_password').subarray(1)]),
    ),
    reason: 'auth',
    detail: /mysql_clear_password/,
  },
  {
    name: 'a full login of caching_sha2_password',
    script: asking('mysql_native_password', authSwitch('caching_sha2_password'), FULL_LOGIN),
    reason: 'auth',
    detail: /TLS.*allow_public_key_retrieval/,
  },
  {
    name: 'a full login of caching_sha2_password, named in the greeting',
    script: asking('caching_sha2_password', authSwitch('caching_sha2_password'), FULL_LOGIN),
    reason: 'auth',
    detail: /TLS.*allow_public_key_retrieval/,
  },
  {
    name: 'a full login of caching_sha2_password without a switch',
    script: asking('caching_sha2_password', FULL_LOGIN),
    reason: 'auth',
    detail: /./,
  },
  {
    name: 'sha256_password',
    script: asking('mysql_native_password', authSwitch('sha256_password')),
    reason: 'auth',
    detail: /TLS.*allow_public_key_retrieval/,
  },
  {
    name: 'sha256_password, named in the greeting',
    script: asking('sha256_password', authSwitch('sha256_password')),
    reason: 'auth',
    detail: /TLS.*allow_public_key_retrieval/,
  },
  ...(
    [
      ['dialog', /PAM: pam_use_cleartext_plugin=ON on the server and tls mode verify_identity here/],
      ['auth_gssapi_client', /auth_gssapi_client.*\(Kerberos\).*give the account another plugin: ed25519 or/],
      ['authentication_ldap_sasl_client', /authentication_ldap_simple takes a password/],
      ['mysql_old_password', /set the password anew/],
    ] as const
  ).map(([plugin, detail]) => ({
    name: `the plugin ${plugin}, which we do not have`,
    script: asking('mysql_native_password', authSwitch(plugin)),
    reason: 'auth' as const,
    detail,
  })),
  ...['client_ed25519', 'parsec'].map((plugin) => ({
    name: `a signature of ${plugin} for 20 bytes`,
    script: asking('mysql_native_password', authSwitch(plugin)),
    reason: 'auth' as const,
    detail: new RegExp(`sends 21 bytes to sign for ${plugin}, not 32`),
  })),
  ...['strange', 'toString', '__proto__'].map((plugin) => ({
    name: `the plugin ${plugin}, which we do not have`,
    script: asking('mysql_native_password', authSwitch(plugin)),
    reason: 'auth' as const,
    detail: new RegExp(plugin),
  })),
];

for (const { name, script, spec = {}, reason, detail } of cases)
  test(`without TLS a server asks for ${name}: ${reason}, and the password stays here`, async (t) => {
    const server = await play(t, script);
    const opened = await open(t, server, spec);
    assert.equal(opened.ok, false);
    assert.equal(opened.reason, reason, opened.detail);
    assert.match(opened.detail, detail);
    assert.ok(!opened.detail.includes(PASSWORD));
    const [peer] = server.peers;
    await peer?.gone;
    assert.ok(!peer?.sent(PASSWORD));
    for (const packet of packetsOf(peer)) assert.ok(packet.length !== 1, 'asked for an RSA key');
  });

const retrievals: readonly {
  readonly plugin: string;
  readonly before: readonly Buffer[];
  readonly request: number;
}[] = [
  { plugin: 'caching_sha2_password', before: [FULL_LOGIN], request: 2 },
  { plugin: 'sha256_password', before: [], request: 1 },
];

/** Plays the login up to the client's wish for the server's key. */
async function untilKeyIsAsked(
  peer: Peer,
  { before, plugin, request }: (typeof retrievals)[number],
): Promise<void> {
  peer.send(greeting());
  await peer.packet();
  peer.send(authSwitch(plugin));
  let answer = await peer.packet();
  for (const packet of before) {
    peer.send(packet);
    answer = await peer.packet();
  }
  assert.deepEqual(answer, Buffer.of(request));
}

for (const retrieval of retrievals)
  test(`${retrieval.plugin} without TLS works where the target allows the retrieval of the key`, async (t) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
    let decrypted = '';
    const server = await play(t, async (peer) => {
      await untilKeyIsAsked(peer, retrieval);
      peer.send(authMoreData(pem));
      const scrambled = privateDecrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING },
        await peer.packet(),
      );
      decrypted = Buffer.from(
        scrambled.map((byte, n) => byte ^ (SCRAMBLE[n % SCRAMBLE.length] ?? 0)),
      ).toString();
      peer.send(ok());
      peer.send((await peer.question()).startsWith('SET') ? ok() : err(1, 'unexpected'));
      await peer.question();
    });
    const opened = await open(t, server, { allowPublicKeyRetrieval: true });
    assert.equal(opened.ok, true, opened.ok ? '' : opened.detail);
    assert.equal(decrypted, `${PASSWORD}\0`);
    assert.ok(!server.peers[0]?.sent(PASSWORD));
  });

const refusals = [
  { when: 'in place of its key', withKey: false, hint: /refused when it was asked for its RSA key.*use TLS/ },
  { when: 'behind its key', withKey: true, hint: /^Access denied \(1045\)$/ },
];

for (const retrieval of retrievals)
  for (const { hint, when, withKey } of refusals)
    test(`${retrieval.plugin}: a server that refuses ${when}`, async (t) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const server = await play(t, async (peer) => {
        await untilKeyIsAsked(peer, retrieval);
        if (withKey) {
          peer.send(authMoreData(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))));
          await peer.packet();
        }
        peer.send(err(1045, 'Access denied', '28000'));
        await peer.gone;
      });
      const opened = await open(t, server, { allowPublicKeyRetrieval: true });
      assert.ok(!opened.ok);
      assert.equal(opened.reason, 'auth');
      assert.match(opened.detail, hint);
    });

test('caching_sha2_password without TLS works when the server remembers the login', async (t) => {
  const server = await play(t, async (peer) => {
    peer.send(greeting({ plugin: 'caching_sha2_password' }));
    await peer.packet();
    peer.send(authSwitch('caching_sha2_password'));
    await peer.packet();
    peer.send(authMoreData(Buffer.of(3)), ok());
    for (;;) peer.send((await peer.question()).startsWith('SET') ? ok() : err(1, 'unexpected'));
  });
  const opened = await open(t, server);
  assert.equal(opened.ok, true, opened.ok ? '' : opened.detail);
});

test('the client offers no more than it needs, and says who it is', async (t) => {
  let login = Buffer.alloc(0);
  const server = await play(t, async (peer) => {
    login = Buffer.from(await letIn(peer));
    for (;;) {
      await peer.question();
      peer.send(ok());
    }
  });
  const opened = await open(t, server, { database: 'information_schema' });
  assert.ok(opened.ok);
  const offered = login.readUInt32LE(0);
  const off = ['LOCAL_FILES', 'MULTI_STATEMENTS', 'SSL'] as const;
  for (const name of off) assert.equal(offered & CAPABILITY[name], 0, name);
  const on = ['PROTOCOL_41', 'SECURE_CONNECTION', 'PLUGIN_AUTH', 'CONNECT_ATTRS', 'CONNECT_WITH_DB'] as const;
  for (const name of on) assert.notEqual(offered & CAPABILITY[name], 0, name);
  assert.ok(login.includes('program_name'));
  assert.ok(login.includes('mysql-query-exporter'));
  assert.ok(login.includes(`${LOGIN.user}\0`));
  assert.ok(login.includes('information_schema\0'));
  assert.ok(!login.includes(PASSWORD));
});

const echo = `Access denied; your password is ${PASSWORD}, twice ${PASSWORD}`;
const clean = /your password is <secret>, twice <secret>/;

const echoes: readonly { readonly name: string; readonly script: Script }[] = [
  { name: 'in place of a greeting', script: (peer) => peer.send(err(1129, echo, '')) },
  {
    name: 'at the login',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(err(1045, echo, '28000'));
    },
  },
  {
    name: 'as the name of a plugin',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(authSwitch(echo));
    },
  },
  {
    name: 'while the session is set up',
    script: async (peer) => {
      await letIn(peer);
      for (;;) {
        await peer.question();
        peer.send(err(1231, echo));
      }
    },
  },
];
for (const { name, script } of echoes)
  test(`an error that repeats the password ${name} is cleaned`, async (t) => {
    const server = await play(t, script);
    const opened = await open(t, server);
    assert.equal(opened.ok, false);
    assert.match(opened.detail, clean);
    assert.ok(!opened.detail.includes(PASSWORD));
  });

test('an error that repeats the password in answer to a query is cleaned', async (t) => {
  const server = await play(
    t,
    answering((peer: Peer) => peer.send(err(1105, echo))),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  const answer = await query(opened.connection, 'SELECT 1');
  assert.equal(answer.ok, false);
  assert.match(answer.detail, clean);
});

test('a login without a password replaces nothing', async (t) => {
  const server = await play(t, async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(err(1045, 'denied', '28000'));
  });
  const opened = await open(t, server, { login: { user: 'nobody', password: '' } });
  assert.equal(opened.ok, false);
  assert.equal(opened.detail, 'denied (1045)');
});

test('a long error of a server is cut', async (t) => {
  const server = await play(
    t,
    answering((peer: Peer) => peer.send(err(1105, 'x'.repeat(100_000)))),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  const answer = await query(opened.connection, 'SELECT 1');
  assert.ok(!answer.ok && answer.detail.length < 1_100);
});

test('a long error of a server at the login is cut', async (t) => {
  const server = await play(t, async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(err(1045, 'x'.repeat(100_000), '28000'));
  });
  const opened = await open(t, server);
  assert.ok(!opened.ok && opened.detail.length < 1_100);
});

function packetsOf(peer: Peer | undefined): readonly Buffer[] {
  const packets: Buffer[] = [];
  let rest = peer?.received ?? Buffer.alloc(0);
  while (rest.length >= 4) {
    const end = 4 + rest.readUIntLE(0, 3);
    packets.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return packets;
}

test('words of a result are cleaned too: a server may call a column by the password', async (t) => {
  const server = await play(
    t,
    answering((peer) => peer.send(ok())),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  const failed = { ok: false, reason: 'missing_column', detail: `there are a, ${PASSWORD}` } as const;
  assert.equal(opened.connection.withoutSecret(failed).detail, 'there are a, <secret>');
});
