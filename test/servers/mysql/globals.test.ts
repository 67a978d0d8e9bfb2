/**
 * Global settings of a server that must not change what is read: every shipped set, and a set of our own with what
 * such settings break, under each of them.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemble } from '../../../src/commands/program.ts';
import { Deadline } from '../../../src/deadline.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { load } from '../../support/config-folder.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';

const QUERIES = fileURLToPath(new URL('../../../queries', import.meta.url));

/** What the settings below break in a session that inherits them. */
const CUSTOM = String.raw`
query_sets:
  custom:
    namespace: custom
    metrics:
      rows: {query: 'SELECT name, id AS v FROM independent.pairs', type: gauge, description: Rows, labels: [name], value: v}
      tables: {query: "SELECT table_name AS name, 1 AS v FROM information_schema.tables WHERE table_schema = 'independent'", type: gauge, description: Tables, labels: [name], value: v}
      join: {query: SELECT COUNT(*) AS v FROM independent.pairs a JOIN independent.pairs b JOIN independent.pairs c ON a.id < b.id + c.id, type: gauge, description: Join, value: v}
      words: {query: 'SELECT "a\\b" AS name, 1 || 0 AS v', type: gauge, description: Words, labels: [name], value: v}
      view: {query: "SELECT COUNT(*) AS v FROM independent.constant WHERE c = 'x'", type: gauge, description: View, value: v}
      changing: {query: SELECT COUNT(*) AS v FROM independent.changing, type: gauge, description: Changing, value: v}
`;

const SETUP = `
CREATE DATABASE independent CHARACTER SET utf8mb4;
CREATE TABLE independent.pairs (id INT PRIMARY KEY, name CHAR(40)) ENGINE=InnoDB;
INSERT INTO independent.pairs VALUES ${Array.from({ length: 20 }, (_, i) => `(${i}, 'name ${i}')`).join()};
CREATE TABLE independent.changing (id INT PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;
CREATE TABLE independent.\`数据\` (id INT);
CREATE TABLE independent.\`表格\` (id INT);
SET NAMES utf8mb4;
CREATE VIEW independent.constant AS SELECT 'x' AS c;
GRANT SELECT, SHOW VIEW ON independent.* TO exporter@'%';
`;

interface Setting {
  readonly variable: string;
  readonly value: string;
  readonly only?: 'mysql' | 'mariadb';
}

const SETTINGS: readonly Setting[] = [
  { variable: 'autocommit', value: '0' },
  { variable: 'init_connect', value: "'SET autocommit=0'" },
  { variable: 'sql_select_limit', value: '5' },
  { variable: 'max_join_size', value: '50' },
  { variable: 'sql_mode', value: "'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'" },
  { variable: 'sql_mode', value: "'PAD_CHAR_TO_FULL_LENGTH'" },
  { variable: 'sql_mode', value: "'ORACLE'", only: 'mariadb' },
  { variable: 'sql_mode', value: "'ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES'" },
  { variable: 'wsrep_sync_wait', value: '15', only: 'mariadb' },
  { variable: 'wsrep_dirty_reads', value: '0', only: 'mariadb' },
];

/** Whose series, or whether there are any, depend on what else the server has done. */
const UNSTEADY =
  /^mysql_(active_sessions|perf_schema|long_transactions|info_schema_(processlist|threads|innodb_metrics)|sys_|memory|sessions|statement)/;

interface Reading {
  readonly custom: readonly string[];
  readonly successes: readonly string[];
  readonly families: readonly string[];
}

/** Everything that a new exporter reads from a server now. */
async function read({ port }: PrivateServer, addRow?: () => Promise<unknown>): Promise<Reading> {
  const { lines, result } = await load({
    'targets.yml': `
query_files: [custom.yml, ${QUERIES}/*.yml]
targets:
  a: {address: "127.0.0.1:${port}", user: exporter, password: exporter, scrape_timeout: 1m, query_timeout: 50s, max_load: 100%}
`,
    'custom.yml': CUSTOM,
  });
  assert.ok(result.ok, lines.join('\n'));
  const { current, pools, prober } = assemble(
    result.config,
    createLogger({ level: 'error', format: 'logfmt' }),
    100,
  );
  try {
    const { catalog } = current();
    const target = catalog.targets.get('a');
    assert.ok(target);
    const plan = catalog.plan(target, catalog.querySetNames);
    const probe = async () => {
      using until = Deadline.after(60_000);
      const { registry, snapshot } = await prober.probe(plan, until);
      assert.equal(snapshot.down, undefined);
      return parseExposition(registry.render().text);
    };
    if (addRow !== undefined) {
      await probe();
      await addRow();
    }
    const samples = await probe();
    const textOf = ({ labels, name, value }: (typeof samples)[number]) =>
      `${name}${JSON.stringify(labels)} ${value}`;
    return {
      custom: samples.filter(({ name }) => name.startsWith('custom_')).map(textOf),
      successes: samples
        .filter(({ name }) => name === 'query_exporter_query_success' || name.endsWith('_query_skipped'))
        .map(textOf),
      families: [...new Set(samples.map(({ name }) => name))].filter((name) => !UNSTEADY.test(name)).sort(),
    };
  } finally {
    await pools.close();
  }
}

for (const flavour of ['mariadb', 'mysql'] as const)
  test(flavour, async (t) => {
    const server = await privateServer(
      flavour,
      flavour === 'mysql' ? { args: ['--performance-schema=ON'] } : {},
    );
    after(server.stop);
    await server.root(SETUP);
    // With connections of the first probe idle: a transaction that is still open would hold the table.
    const addRow = () =>
      server.root(
        'SET autocommit=1, lock_wait_timeout=1; INSERT INTO independent.changing VALUES (); ALTER TABLE independent.changing ADD COLUMN (a INT)',
      );
    await read(server); // a server's first answers create what later ones show
    const expected = await read(server);
    assert.equal(expected.custom.length, 20 + 5 + 4, expected.custom.join('\n'));

    for (const { only, value, variable } of SETTINGS) {
      if (only !== undefined && only !== flavour) continue;
      await t.test(`${variable}=${value}`, async () => {
        await server.root(`SET GLOBAL ${variable}=${value}`);
        try {
          const { custom, families, successes } = await read(server);
          assert.deepEqual(custom, expected.custom);
          assert.deepEqual(successes, expected.successes);
          // What differs alone: of long lists, a report shows the beginning.
          assert.deepEqual(
            families.filter((name) => !expected.families.includes(name)),
            [],
          );
          assert.deepEqual(
            expected.families.filter((name) => !families.includes(name)),
            [],
          );
        } finally {
          await server.root(`SET GLOBAL ${variable}=DEFAULT`);
        }
      });
    }

    await t.test('autocommit=0: numbers move on, and no lock stays', async () => {
      await server.root('SET GLOBAL autocommit=0');
      try {
        const before = (await read(server)).custom.find((line) => line.startsWith('custom_changing'));
        const afterwards = (await read(server, addRow)).custom.find((line) =>
          line.startsWith('custom_changing'),
        );
        assert.notEqual(afterwards, before);
      } finally {
        await server.root('SET GLOBAL autocommit=1');
      }
    });
  });

test('a MariaDB in latin1 that ignores what clients say about character sets', async () => {
  const args = ['--skip-character-set-client-handshake', '--character-set-server=latin1'];
  const server = await privateServer('mariadb', { args });
  after(server.stop);
  await server.root(`SET NAMES utf8mb4; ${SETUP}`);
  const { custom } = await read(server);
  assert.equal(custom.length, 20 + 5 + 4, custom.join('\n'));
  assert.ok(custom.includes('custom_tables{"name":"数据"} 1'));
});
