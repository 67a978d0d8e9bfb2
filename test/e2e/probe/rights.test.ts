/** Rights, accounts and passwords that change while the exporter runs and holds connections open. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'of_rights';
for (const server of servers) after(() => server.dropUser(USER));

/** Needs PROCESS, a right that a session has from its login to its end. */
const QUERIES = `
query_sets:
  rights:
    namespace: test
    metrics:
      one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}
      transactions: {query: SELECT COUNT(*) AS v FROM information_schema.innodb_trx, type: gauge, description: Number, value: v}
`;

async function startExporter(settings: string): Promise<Exporter> {
  const targets = servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`);
  for (const server of servers) await server.createUser(USER, 'secret');
  return await Exporter.start({
    'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: secret, query_sets: [rights], ${settings}}
targets:
${targets.join('\n')}
`,
    'queries.yml': QUERIES,
  });
}

test('a right that is given while connections are open counts from the next probe on', async () => {
  await using exporter = await startExporter('max_connection_age: 1h');
  for (const server of servers) {
    const before = await exporter.probe(server.name);
    assert.deepEqual(errorsOf(before.text), ['rights/transactions: sql'], server.name);
    await server.root(`GRANT PROCESS ON *.* TO '${USER}'@'%'`);
    const given = await exporter.probe(server.name);
    assert.deepEqual(errorsOf(given.text), [], server.name);
    assert.equal(metricValue(given.text, 'test_one'), 1);
  }
});

test('a right that is missing for good costs no connection for each probe', async () => {
  await using exporter = await startExporter('max_connection_age: 1h');
  for (const server of servers) {
    const opened = await server.globalStatus('Connections');
    for (let n = 0; n < 20; n++)
      assert.deepEqual(errorsOf((await exporter.probe(server.name)).text), ['rights/transactions: sql']);
    // Two that work side by side, and their replacements.
    assert.ok((await server.globalStatus('Connections')) - opened <= 6, server.name);
  }
});

test('an account that is dropped or gets another password is down within the age of a connection', async () => {
  await using exporter = await startExporter('max_connection_age: 1s');
  const change = {
    mariadb: `DROP USER '${USER}'@'%'`,
    mysql: `ALTER USER '${USER}'@'%' IDENTIFIED BY 'another'`,
  };
  for (const server of servers) {
    assert.equal(metricValue((await exporter.probe(server.name)).text, 'mysql_up'), 1);
    await server.root(change[server.flavour]);
    const down = await eventually(async () => {
      // MySQL remembers logins: it is to ask for the password again.
      await server.root('FLUSH PRIVILEGES');
      const { text } = await exporter.probe(server.name);
      assert.equal(metricValue(text, 'mysql_up'), 0);
      return text;
    });
    assert.match(down, /query_exporter_probe_error\{reason="(auth|backoff)"\} 1/);
  }
});

test('connections that are used steadily are replaced, and none of their probes fails', async () => {
  await using exporter = await startExporter('max_connection_age: 1s, max_connections: 1');
  for (const server of servers) {
    await server.root(`GRANT PROCESS ON *.* TO '${USER}'@'%'`);
    const ids = new Set<string>();
    await eventually(async () => {
      assert.deepEqual(errorsOf((await exporter.probe(server.name)).text), []);
      const [row] = await server.root(
        'SELECT GROUP_CONCAT(id) AS ids FROM information_schema.processlist WHERE user = ?',
        [USER],
      );
      ids.add(String(row?.['ids']));
      assert.ok(ids.size >= 3, [...ids].join());
    });
  }
});
