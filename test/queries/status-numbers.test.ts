/**
 * Numbers of SHOW GLOBAL STATUS that mean something else than their names say.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

const MOST = 12;
const REFUSED = 5;
const servers = await Promise.all(
  (['mariadb', 'mysql'] as const).map((flavour) =>
    privateServer(flavour, { args: [`--max-connections=${MOST}`] }),
  ),
);
after(() => Promise.all(servers.map((server) => server.stop())));

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: ['global_status', 'global_variables'],
    },
    targets: Object.fromEntries(
      servers.flatMap(({ name, port }) => {
        const address = `127.0.0.1:${port}`;
        return [
          [name, { address, max_connections: 1 }],
          [`${name}_usual`, { address }],
        ];
      }),
    ),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

async function ask(target: string): Promise<(name: string, labels?: Record<string, string>) => number> {
  const { text } = await exporter.probe(target, 30);
  assert.deepEqual(errorsOf(text), []);
  return (name, labels) => metricValue(text, `mysql_global_${name}`, labels) ?? Number.NaN;
}

for (const server of servers) {
  test(`${server.name}: clients that are refused are counted where the alert MySQLConnectionsRefused looks`, async () => {
    await server.createUser('client', 'secret');
    const login = { host: '127.0.0.1', port: server.port, user: 'client', password: 'secret' };
    const before = await ask(server.name);
    await assert.rejects(createConnection({ ...login, password: 'wrong' }));
    const open: Connection[] = [];
    try {
      // Not worked out from Threads_connected: the session of the refused login may still be leaving.
      for (let refused = 0; refused < REFUSED; ) {
        const code = await createConnection(login).then(
          (connection) => void open.push(connection),
          (error: NodeJS.ErrnoException) => error.code,
        );
        if (code !== undefined) {
          assert.equal(code, 'ER_CON_COUNT_ERROR');
          refused++;
        }
      }
      const now = await ask(server.name);
      const grown = (name: string, labels?: Record<string, string>) =>
        now(name, labels) - before(name, labels);
      const named = grown('status_connection_errors_total', { error: 'max_connections' });
      if (server.flavour === 'mysql') assert.equal(named, REFUSED);
      else {
        assert.equal(named, 0, 'the rule can say it simpler now');
        assert.equal(
          grown('status_aborted_connects') -
            grown('status_access_denied_errors') -
            grown('status_aborted_connects_preauth'),
          REFUSED,
        );
        assert.ok(now('status_max_used_connections') > now('variables_max_connections'));
        assert.ok(now('status_threads_connected') > 0.8 * now('variables_max_connections'));
      }
    } finally {
      for (const connection of open) connection.destroy();
    }
  });
}

for (const server of servers)
  test(`${server.name}: of the statements of a probe SHOW GLOBAL STATUS counts itself alone`, async () => {
    const others = (await server.globalStatus('Threads_running')) - 1;
    for (let n = 0; n < 5; n++) {
      const now = await ask(`${server.name}_usual`);
      assert.equal(now('status_threads_running') - others, 1);
    }
  });

test('MySQL: a time in the zone of the process is left out, one in that of the session is true', async () => {
  const [, mysql] = servers;
  assert.ok(mysql?.flavour === 'mysql');
  await mysql.root("INSTALL COMPONENT 'file://component_validate_password'");
  const { text } = await exporter.probe('MySQL', 30);
  const names = parseExposition(text).map(({ name }) => name);
  assert.ok(names.includes('mysql_global_status_validate_password_dictionary_file_words_count'));
  assert.ok(!names.includes('mysql_global_status_validate_password_dictionary_file_last_parsed'));
  const reached = metricValue(text, 'mysql_global_status_max_used_connections_time') ?? 0;
  assert.ok(Math.abs(Date.now() / 1000 - reached) < 300);
  await mysql.root("UNINSTALL COMPONENT 'file://component_validate_password'");
});
