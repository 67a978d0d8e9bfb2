/** Procedures that run over their time, as their definer and as the account that calls them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'runaway';
const DATABASE = 'runaway_test';
const SECURITIES = ['definer', 'invoker'] as const;
const servers = await realServers();

for (const server of servers) {
  before(async () => {
    await server.root(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}`);
    for (const security of SECURITIES)
      await server.root(
        `CREATE PROCEDURE ${DATABASE}.as_${security}() SQL SECURITY ${security} BEGIN SELECT SLEEP(30) AS v; END`,
      );
    await server.createUser(USER, 'secret', `EXECUTE ON ${DATABASE}.*`);
  });
  after(async () => {
    await server.root(`DROP DATABASE ${DATABASE}`);
    await server.dropUser(USER);
  });
}

async function startExporter(): Promise<Exporter> {
  const targets = servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`);
  const sets = SECURITIES.map(
    (security) =>
      `  ${security}: {namespace: test, queries: {call: {query: "CALL ${DATABASE}.as_${security}()", allow_call: true, ` +
      'timeout: 400ms, metrics: {slow: {type: gauge, description: Slow, value: v}}}}}',
  );
  return await Exporter.start({
    'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: secret, query_sets: [definer, invoker]}
targets:
${targets.join('\n')}
`,
    'queries.yml': `query_sets:\n${sets.join('\n')}\n`,
  });
}

const LEFT_ALONE = /could not be killed; it is called again in \d+ s/;

const notKilled = async (exporter: Exporter): Promise<string | undefined> =>
  /^query_exporter_statements_not_killed_total (\d+)$/m.exec((await exporter.get('/metrics')).text)?.[1];

for (const server of servers) {
  test(`${server.name}: a procedure that runs as another account and over its time is not called by each probe`, async () => {
    await using exporter = await startExporter();
    const probe = (more = '') => exporter.probe(server.name, 10, `&query_set=definer${more}`);
    assert.deepEqual(errorsOf((await probe()).text), ['definer/call: timeout']);
    if (server.flavour === 'mariadb') {
      // Its time limit holds inside a CALL, for whomever it runs as.
      assert.deepEqual(await server.untilIdle(USER), []);
      return assert.equal(await notKilled(exporter), '0');
    }
    await eventually(() => assert.match(exporter.log, /statement not killed.*\(1095\)/));
    for (let n = 0; n < 3; n++) {
      assert.deepEqual(errorsOf((await probe()).text), ['definer/call: timeout']);
      assert.match((await probe('&debug=true')).text, LEFT_ALONE);
    }
    assert.equal(await notKilled(exporter), '1');
  });

  test(`${server.name}: a procedure that runs as our account is killed, and called by each probe`, async () => {
    await using exporter = await startExporter();
    for (let n = 0; n < 2; n++) {
      const { text } = await exporter.probe(server.name, 10, '&query_set=invoker');
      assert.deepEqual(errorsOf(text), ['invoker/call: timeout']);
      assert.deepEqual(await server.untilIdle(USER), []);
    }
    assert.doesNotMatch(exporter.log, LEFT_ALONE);
    assert.equal(await notKilled(exporter), '0');
  });
}
