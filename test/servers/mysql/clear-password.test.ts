/**
 * Tokens that programs print reach the server by mysql_clear_password, inside TLS whose peer has proven who it is, as
 * managed databases ask for them; nowhere else.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { rdsToken } from '../../../src/aws/rds-token.ts';
import { Pools } from '../../../src/mysql/pool/pools.ts';
import { type Authority, type Certificate, createAuthority } from '../../support/certificates.ts';
import { loadTarget } from '../../support/config-folder.ts';
import { PROGRAM } from '../../support/exporter.ts';
import { ask, names, play, seen } from '../../support/mysql.ts';
import {
  authSwitch,
  CAPABILITY,
  err,
  greeting,
  ok,
  type Peer,
  result,
  type Script,
  USUAL_CAPABILITIES,
} from '../../support/scripted-server.ts';

let authority: Authority;
let certificate: Certificate;
before(async () => {
  authority = await createAuthority();
  certificate = await authority.issue('IP:127.0.0.1');
});
after(() => authority.remove());

const AWS = {
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session/+='.repeat(120),
};

/** Asks for the password in clear text, as the plugin of RDS does, and lets in whom `accepts` says. */
const managed =
  (accepts: (password: string) => boolean, plugin = 'caching_sha2_password'): Script =>
  async (peer: Peer) => {
    peer.send(greeting({ capabilities: USUAL_CAPABILITIES | CAPABILITY.SSL, plugin }));
    const first = await peer.packet();
    if ((first.readUInt32LE(0) & CAPABILITY.SSL) !== 0) {
      await peer.encrypt({ cert: certificate.cert, key: certificate.key });
      await peer.packet();
    }
    peer.send(authSwitch('mysql_clear_password', Buffer.alloc(0)));
    const password = (await peer.packet()).toString().replace(/\0$/, '');
    if (!accepts(password)) return peer.send(err(1045, 'Access denied', '28000'));
    peer.send(ok());
    for (;;) {
      const sql = await peer.question();
      if (sql.startsWith('SET ')) peer.send(ok());
      else peer.send(...result(['one'], [['1']]));
    }
  };

/** The pool of a target as a configuration file describes it. */
async function poolBy(t: TestContext, port: number, command: readonly string[], tls: string) {
  const target = await loadTarget({
    'targets.yml': `targets: {a: {address: "127.0.0.1:${port}", user: exporter, connect_timeout: 20s,
      password_command: ${JSON.stringify(command)}, tls: ${tls}}}`,
  });
  const pools = new Pools({
    resolve: names,
    maxConnections: 10,
    maxResultBytes: 1e9,
    onRefused: () => {},
    onResultRefused: () => {},
    onServerChanged: () => {},
    onNotKilled: () => {},
    onConnect: () => {},
    onPasswordGiven: () => {},
  });
  t.after(() => pools.close());
  return pools.of(target);
}

const verified = () => `{mode: verify_identity, ca_file: ${authority.certFile}}`;

test('a token of rds-token logs in, and is the one that AWS would expect', async (t) => {
  Object.assign(process.env, AWS);
  let expected = '';
  const server = await play(
    t,
    managed((token) => {
      const [, year, month, day, hours, minutes, seconds] =
        /X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(token) ?? [];
      const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
      expected = rdsToken(
        { host: '127.0.0.1', port: server.port, user: 'exporter', region: 'eu-central-1' },
        {
          accessKeyId: AWS.AWS_ACCESS_KEY_ID,
          secretAccessKey: AWS.AWS_SECRET_ACCESS_KEY,
          sessionToken: AWS.AWS_SESSION_TOKEN,
        },
        date,
      );
      return token === expected;
    }),
  );
  const rds = ['rds-token', '--host={host}', '--port={port}', '--user={user}', '--region=eu-central-1'];
  const pool = await poolBy(t, server.port, [...PROGRAM, ...rds], verified());
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
  assert.ok(expected.length > 1_500, 'longer than a length of one byte');
});

test('a greeting that names the plugin gets a long token too', async (t) => {
  const server = await play(
    t,
    managed((token) => token === 'x'.repeat(3_000), 'mysql_clear_password'),
  );
  const printing = ['/bin/sh', '-c', 'head -c 3000 /dev/zero | tr "\\0" x'];
  const pool = await poolBy(t, server.port, printing, verified());
  assert.deepEqual(seen(await ask(pool, 'SELECT 1')), [['1']]);
});

for (const tls of ['{mode: disabled}', '{mode: required}'])
  test(`with tls ${tls} the token stays here`, async (t) => {
    const server = await play(
      t,
      managed(() => true),
    );
    const pool = await poolBy(t, server.port, ['/bin/echo', 'the-token-itself'], tls);
    const answer = await ask(pool, 'SELECT 1');
    assert.equal(answer.ok || answer.reason, 'auth');
    assert.match(answer.ok ? '' : answer.detail, /sent only inside TLS .* verify_ca or verify_identity/);
    assert.ok(!server.peers.some((peer) => peer.sent('the-token-itself')));
  });
