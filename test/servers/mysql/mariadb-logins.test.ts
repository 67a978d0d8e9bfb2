/** The logins that MariaDB has and the driver has not, on the releases that have them, with and without TLS. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findMariadbRelease, findMariadbWithPlugins, type Program } from '../../../harness/programs.ts';
import type { TlsMode } from '../../../src/model/config.ts';
import { createTlsPolicy } from '../../../src/mysql/connect/tls.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { NO_TLS, open, query } from '../../support/mysql.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';

interface Release {
  readonly name: string;
  readonly program: Program;
  readonly plugins: readonly ('ed25519' | 'parsec')[];
}

const releases: readonly Release[] = [
  { name: '10.11', program: await findMariadbWithPlugins(), plugins: ['ed25519'] },
  { name: '11.8', program: await findMariadbRelease('11.8'), plugins: ['ed25519', 'parsec'] },
];

const PASSWORDS = ['correct horse battery', "pä'ss🔑 ", 'x'.repeat(200)];

let authority: Authority;
const servers = new Map<string, PrivateServer>();

before(async () => {
  authority = await createAuthority();
  const { certFile, keyFile } = await authority.issue('IP:127.0.0.1');
  const args = [`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`];
  for (const { name, plugins, program } of releases) {
    const server = await privateServer('mariadb', { args }, program);
    servers.set(name, server);
    for (const plugin of plugins) {
      await server.root(`INSTALL SONAME 'auth_${plugin}'`);
      for (const [i, password] of PASSWORDS.entries())
        await server.root(`CREATE USER ${plugin}_${i}@'%' IDENTIFIED VIA ${plugin} USING PASSWORD(?)`, [
          password,
        ]);
    }
  }
});
after(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await authority.remove();
});

function serverOf({ name }: Release): PrivateServer {
  const server = servers.get(name);
  assert.ok(server);
  return server;
}

/** What a login comes to: the plugin of the account, or the reason and what is said. */
async function logIn(
  t: Parameters<typeof open>[0],
  server: PrivateServer,
  login: { readonly user: string; readonly password: string },
  mode: TlsMode = 'disabled',
): Promise<string> {
  const { host, port } = server;
  const tls = createTlsPolicy({ ...NO_TLS, mode, caFile: authority.certFile }, { kind: 'tcp', host, port });
  const opened = await open(t, server, { login, tls, allowFullLogin: false });
  if (!opened.ok) return `${opened.reason}: ${opened.detail}`;
  const cipher = await query(opened.connection, "SHOW STATUS LIKE 'Ssl_cipher'");
  assert.equal(
    cipher.ok && cipher.rows[0]?.[1] !== '',
    mode !== 'disabled',
    'encrypted when it was asked for',
  );
  const user = await query(opened.connection, 'SELECT CURRENT_USER()');
  return user.ok ? String(user.rows[0]?.[0]) : user.reason;
}

for (const release of releases)
  for (const plugin of release.plugins)
    for (const mode of ['disabled', 'required', 'verify_identity'] as const) {
      for (const [i, password] of PASSWORDS.entries())
        test(`MariaDB ${release.name}, TLS ${mode}: ${plugin} with a password of ${password.length} letters`, async (t) => {
          const user = `${plugin}_${i}`;
          assert.equal(await logIn(t, serverOf(release), { user, password }, mode), `${user}@%`);
        });
      test(`MariaDB ${release.name}, TLS ${mode}: ${plugin} with a wrong password is auth`, async (t) => {
        const login = { user: `${plugin}_0`, password: 'wrong' };
        const seen = await logIn(t, serverOf(release), login, mode);
        assert.match(seen, /^auth: Access denied .*\(1045\)$/);
      });
    }

for (const release of releases)
  test(`MariaDB ${release.name}: an account of the operating system, and one of PAM`, async (t) => {
    const server = serverOf(release);
    await server.root("CREATE USER by_socket@'%' IDENTIFIED VIA unix_socket");
    const bySocket = await logIn(t, server, { user: 'by_socket', password: 'x' });
    assert.match(bySocket, /^auth: .*\(1698\); the account logs in as a user of the operating system/);
    await server.root("INSTALL SONAME 'auth_pam_v1'; CREATE USER by_pam@'%' IDENTIFIED VIA pam");
    const byPam = await logIn(t, server, { user: 'by_pam', password: 'x' });
    assert.match(byPam, /^auth: .* plugin dialog, .*pam_use_cleartext_plugin=ON/);
  });

test('an account with two ways in is let in by the one whose password is right', async (t) => {
  const release = releases.find(({ plugins }) => plugins.includes('parsec'));
  assert.ok(release);
  await serverOf(release).root(
    "CREATE USER two@'%' IDENTIFIED VIA ed25519 USING PASSWORD('other') OR parsec USING PASSWORD('pw')",
  );
  assert.equal(await logIn(t, serverOf(release), { user: 'two', password: 'pw' }), 'two@%');
});
