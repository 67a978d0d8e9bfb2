/** Servers that run and turn our account away: the reason is that of the alert which helps. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { privateServer, type RealServer } from '../../support/real-servers.ts';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());
const USER = 'expiring';

const startExporter = (server: RealServer): Promise<Exporter> =>
  Exporter.start({
    'targets.yml': `
targets:
  it: {address: "127.0.0.1:${server.port}", user: ${USER}, password: secret, max_connection_age: 1s, query_sets: [global_status]}
`,
  });

async function isDownFor(reason: string, exporter: Exporter): Promise<void> {
  const { text } = await exporter.probe('it');
  assert.equal(metricValue(text, 'mysql_up'), 0);
  assert.equal(metricValue(text, 'query_exporter_probe_error', { reason }), 1, text);
}

for (const server of servers)
  test(`${server.name}: an expired password is auth`, async () => {
    await server.createUser(USER, 'secret');
    await server.root(`ALTER USER '${USER}'@'%' PASSWORD EXPIRE`);
    await using exporter = await startExporter(server);
    await isDownFor('auth', exporter);
  });

test('MySQL that lets an expired password in and refuses all statements is auth', async (t) => {
  const server = await privateServer('mysql', { args: ['--disconnect-on-expired-password=OFF'] });
  t.after(() => server.stop());
  await server.createUser(USER, 'secret');
  await server.root(`ALTER USER '${USER}'@'%' PASSWORD EXPIRE`);
  await using exporter = await startExporter(server);
  await isDownFor('auth', exporter);
});

test('MySQL in offline mode is refused, also for connections that are open', async () => {
  const server = servers[1];
  assert.ok(server?.flavour === 'mysql');
  await server.createUser(USER, 'secret');
  await using exporter = await startExporter(server);
  assert.equal(metricValue((await exporter.probe('it')).text, 'mysql_up'), 1);
  await server.root('SET GLOBAL offline_mode = ON');
  try {
    await eventually(() => isDownFor('refused', exporter));
  } finally {
    await server.root('SET GLOBAL offline_mode = OFF');
  }
});
