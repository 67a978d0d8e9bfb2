/** Every way to name a server and its credentials, on real servers. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { privateServer } from '../../support/real-servers.ts';

const USER = 'addressed';
const PASSWORD = 'p@ss:w/rd#%40 $x';

const servers = await Promise.all([
  privateServer('mariadb', { bindAddress: '127.0.0.1,::1' }),
  privateServer('mysql', { bindAddress: '127.0.0.1,::1' }),
]);
const folder = await mkdtemp(join(tmpdir(), 'addresses-'));
after(() => rm(folder, { recursive: true }));
const passwordFile = join(folder, 'password');
await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
const userFile = join(folder, 'user');
await writeFile(userFile, `${USER}\n`);

const QUERIES = `
query_sets:
  who:
    namespace: test
    queries:
      who:
        query: SELECT USER() AS user, COALESCE(DATABASE(), '') AS db, @@session.sort_buffer_size AS sort_buffer
        metrics:
          who: {type: gauge, description: Who, labels: [user, db], value: sort_buffer}
`;

for (const server of servers) {
  after(() => server.stop());
  const { port } = server;
  const socket = server.process.socketPath;
  await server.createUser(USER, PASSWORD, 'SELECT ON *.*');
  const encoded = encodeURIComponent(PASSWORD);
  const targets: Readonly<Record<string, string>> = {
    'host and port': `{address: "127.0.0.1:${port}"}`,
    'a name': `{address: "localhost:${port}"}`,
    IPv6: `{address: "[::1]:${port}"}`,
    'a socket': `{address: "unix://${socket}"}`,
    'a DSN over TCP': `{dsn: '${USER}:${PASSWORD.replace('$', '$$$$')}@tcp(127.0.0.1:${port})/mysql?sort_buffer_size=65536'}`,
    'a DSN over IPv6': `{dsn: '${USER}:${PASSWORD.replace('$', '$$$$')}@tcp([::1]:${port})/'}`,
    'a DSN over a socket': `{dsn: '${USER}:${PASSWORD.replace('$', '$$$$')}@unix(${socket})/mysql'}`,
    'a URL': `{dsn: 'mysql://${USER}:${encoded}@127.0.0.1:${port}/mysql?ssl-mode=DISABLED'}`,
    'a URL with a socket': `{dsn: 'mysql://${USER}:${encoded}@/mysql?socket=${socket}'}`,
    'a variable': `{address: "127.0.0.1:${port}", password: "\${TEST_PASSWORD}"}`,
    'a password file': `{address: "127.0.0.1:${port}", password_file: ${passwordFile}}`,
    'a user file': `{address: "127.0.0.1:${port}", user_file: ${userFile}}`,
    'a password command': `{address: "127.0.0.1:${port}", password_command: [cat, ${passwordFile}]}`,
    'a database and a session': `{address: "127.0.0.1:${port}", database: mysql, session: {sort_buffer_size: 65536}}`,
  };

  test(`${server.name}: all of them`, async () => {
    process.env['TEST_PASSWORD'] = PASSWORD;
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
auth_modules: {monitor: {user: ${USER}, password: '${PASSWORD.replace('$', '$$$$')}'}}
defaults: {auth_module: monitor, query_sets: [who], allow_public_key_retrieval: true}
targets:
${Object.entries(targets)
  .map(([name, target]) => `  ${name}: ${target}`)
  .join('\n')}
`,
      'queries.yml': QUERIES,
    });
    for (const name of Object.keys(targets)) {
      const { text } = await exporter.probe(name);
      assert.equal(metricValue(text, 'mysql_up'), 1, `${name}: ${exporter.log}`);
      const db = /DSN over TCP|DSN over a socket|URL|database/.test(name) ? 'mysql' : '';
      const buffer = metricValue(text, 'test_who', { db });
      assert.ok(buffer !== undefined, `${name} is not in database "${db}": ${text}`);
      if (/over TCP|session/.test(name)) assert.equal(buffer, 65536, name);
    }
    assert.ok(!exporter.log.includes('p@ss'), 'no password in the log');
    for (const path of ['/', '/metrics']) assert.ok(!(await exporter.get(path)).text.includes('p@ss'));
  });

  test(`${server.name}: a password that is rotated under way`, async () => {
    const file = join(folder, 'rotated');
    await server.createUser('rotated', 'old');
    await writeFile(file, 'old', { mode: 0o600 });
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
defaults: {query_sets: [who]}
targets:
  it: {address: "127.0.0.1:${port}", user: rotated, password_file: ${file}}
`,
      'queries.yml': QUERIES,
    });
    const up = async () => metricValue((await exporter.probe('it')).text, 'mysql_up');
    const killAll = async () => {
      await exporter.untilConnected();
      const rows = await server.root(
        "SELECT id AS id FROM information_schema.processlist WHERE user = 'rotated'",
      );
      for (const { id } of rows) await server.root(`KILL ${Number(id)}`);
      await eventually(async () => assert.equal(await server.connections('rotated'), 0));
    };
    assert.equal(await up(), 1);
    await server.root("ALTER USER rotated@'%' IDENTIFIED BY 'new'");
    assert.equal(await up(), 1, 'the open connection lives on');
    await killAll();
    assert.equal(await up(), 0, 'the old password is refused');
    await writeFile(file, 'new');
    assert.equal(await up(), 1, 'the new one is tried at once, without waiting for the back-off');
    await rm(file);
    await killAll();
    const { text } = await exporter.probe('it');
    assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'credentials' }), 1);
    assert.match(exporter.log, /the password file \S+ cannot be read \(ENOENT\)/);
  });

  test(`${server.name}: a user that is rotated together with the password`, async () => {
    const files = { user: join(folder, 'lease-user'), password: join(folder, 'lease-password') };
    const lease = async (name: string) => {
      await writeFile(files.user, name);
      await writeFile(files.password, `of ${name}`, { mode: 0o600 });
    };
    await server.createUser('lease_1', 'of lease_1');
    await lease('lease_1');
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
defaults: {query_sets: [who]}
targets:
  it: {address: "127.0.0.1:${port}", user_file: ${files.user}, password_file: ${files.password}}
`,
      'queries.yml': QUERIES,
    });
    const probe = async () => (await exporter.probe('it')).text;
    const user = async (text: string) => /user="([^@"]*)/.exec(text)?.[1];
    assert.equal(await user(await probe()), 'lease_1');
    const rows = await server.root(
      "SELECT id AS id FROM information_schema.processlist WHERE user = 'lease_1'",
    );
    await server.dropUser('lease_1');
    for (const { id } of rows) await server.root(`KILL ${Number(id)}`);
    await eventually(async () => assert.equal(await server.connections('lease_1'), 0));
    assert.equal(metricValue(await probe(), 'query_exporter_probe_error', { reason: 'auth' }), 1);
    assert.equal(metricValue(await probe(), 'query_exporter_probe_error', { reason: 'backoff' }), 1);
    await server.createUser('lease_2', 'of lease_2');
    await lease('lease_2');
    assert.equal(await user(await probe()), 'lease_2', 'the new one is tried at once');
  });
}
