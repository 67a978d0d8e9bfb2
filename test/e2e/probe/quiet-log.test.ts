/**
 * All shipped sets on servers as they come, which lack much of what the sets are about: nothing fails, and the log
 * does not speak of it.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadShippedSets } from '../../../src/config/load.ts';
import { documentedAdvice } from '../../repo/docs/naming.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { checkMetrics } from '../../support/promtool.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';

const USER = 'quiet_log';
const PASSWORD = 'only what is printed';
const NO_SUCH_TABLE = 1146;

const sets = await loadShippedSets();
const servers = await realServers();
const documented = await documentedAdvice();

/** The account that `grants` prints; it says itself that a line about a table that is not there is not needed. */
async function createAccount({ createUser, flavour, root }: RealServer): Promise<void> {
  const { stdout } = await runCommand(
    {},
    'grants',
    ...[...sets.keys(), '--flavour', flavour, '--user', `${USER}@%`],
  );
  await createUser(USER, PASSWORD);
  for (const statement of stdout.split('\n').filter((line) => line.startsWith('GRANT'))) {
    await root(statement).catch((cause: { errno?: number }) => {
      if (cause.errno !== NO_SUCH_TABLE) throw cause;
    });
  }
}

for (const server of servers) {
  await createAccount(server);
  after(() => server.dropUser(USER));
}

/** Every parameter that switches something on. */
const ALL_ON = Object.fromEntries(
  [...sets.values()].map(({ name, params = {} }) => [
    name,
    Object.fromEntries(
      Object.entries(params).flatMap(([param, { type }]) => (type === 'boolean' ? [[param, true]] : [])),
    ),
  ]),
);

const FILES = {
  'targets.yml': JSON.stringify({
    defaults: {
      user: USER,
      password: PASSWORD,
      // Inside TLS that proves nobody's identity the first login is worth a warning.
      tls: { mode: 'disabled' },
      allow_public_key_retrieval: true,
      query_sets: [...sets.keys()],
      scrape_timeout: '30s',
      query_timeout: '30s',
    },
    targets: Object.fromEntries(
      servers.flatMap(({ name, port }) => [
        [name, { address: `127.0.0.1:${port}` }],
        [`${name}-all-on`, { address: `127.0.0.1:${port}`, params: ALL_ON }],
      ]),
    ),
  }),
};

for (const { name } of servers)
  for (const target of [name, `${name}-all-on`]) {
    test(`${target}: three probes of all sets leave no warning`, async () => {
      await using exporter = await Exporter.start(FILES, '--log.level=info');
      for (let i = 0; i < 3; i++) {
        const { text } = await exporter.probe(target, 30);
        assert.equal(metricValue(text, 'mysql_up'), 1);
        assert.deepEqual(errorsOf(text), []);
        const lines = await checkMetrics(text);
        assert.deepEqual(
          lines.filter((line) => !documented.some(({ fits }) => fits(line))),
          [],
        );
      }
      const lines = exporter.log.split('\n').filter((line) => line !== '');
      assert.deepEqual(
        lines.filter((line) => !/\blevel=info\b/.test(line)),
        [],
      );
      assert.ok(lines.some((line) => line.includes('level=info')));
    });

    test(`${target}: check --target finds nothing that fails`, async () => {
      const { code, stdout } = await runCommand(FILES, 'check', '--target', target);
      assert.match(stdout, /, 0 incomplete, 0 failed\n$/);
      assert.equal(code, 0);
    });
  }
