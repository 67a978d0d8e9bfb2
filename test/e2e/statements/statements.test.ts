/** Statements from files, from other queries and from procedures, as a probe sees them; and facts, once per plan. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'statements';
const DATABASE = 'statements_test';
const MANY = 40;

const servers = await realServers();
for (const server of servers) {
  before(async () => {
    await server.root(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}`);
    await server.root(`CREATE TABLE ${DATABASE}.t (a INT)`);
    await server.root(
      `CREATE PROCEDURE ${DATABASE}.totals(IN least INT) BEGIN SELECT 'a' AS name, least AS v UNION ALL SELECT 'b', 7; SELECT 'ignored'; END`,
    );
    await server.root(
      `CREATE PROCEDURE ${DATABASE}.writes() BEGIN SELECT 1 AS v; INSERT INTO t VALUES (1); END`,
    );
    await server.root(`CREATE PROCEDURE ${DATABASE}.sleeps() BEGIN SELECT 1 AS v; SELECT SLEEP(60); END`);
    await server.root(`CREATE PROCEDURE ${DATABASE}.silent() BEGIN END`);
    await server.createUser(USER, USER, `EXECUTE, SELECT, INSERT ON ${DATABASE}.*`);
  });
  after(async () => {
    await server.root(`DROP DATABASE ${DATABASE}`);
    await server.dropUser(USER);
  });
}

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: ${USER}, database: ${DATABASE}, allow_public_key_retrieval: true}
targets:
${servers
  .flatMap(({ name, port }) => [
    `  ${name}: {address: "127.0.0.1:${port}", query_sets: [sources, calls]}`,
    `  ${name}_facts: {address: "127.0.0.1:${port}", query_sets: [facts, more_facts, counts], max_connections: 1}`,
  ])
  .join('\n')}
`,
  'queries.yml': `
query_sets:
  sources:
    namespace: test
    queries:
      from_file:
        query_file: orders.sql
        metrics: {from_file: {type: gauge, description: File, value: v}}
      flavour:
        enabled: false
        variants:
          - {when: {flavour: mariadb}, query: SELECT 1 AS v}
          - {when: {flavour: mysql}, query_file: two.sql}
        metrics: {flavour: {type: gauge, description: Flavour, value: v}}
      by_reference:
        query_ref: flavour
        metrics: {by_reference: {type: gauge, description: Reference, value: v}}
    metrics:
      short: {query_file: orders.sql, type: gauge, description: Short, value: v}
  calls:
    namespace: test
    params: {least: {type: integer, default: 5}}
    queries:
      totals:
        query: CALL totals(:least)
        allow_call: true
        metrics: {totals: {type: gauge, description: Totals, labels: [name], value: v}}
      writing:
        query: CALL writes()
        allow_call: true
        metrics: {writing: {type: gauge, description: Writes, value: v}}
      sleeping:
        query: CALL sleeps()
        allow_call: true
        timeout: 2s
        metrics: {sleeping: {type: gauge, description: Sleeps, value: v}}
      silent:
        query: CALL silent()
        allow_call: true
        metrics: {silent: {type: gauge, description: Nothing, value: v}}
  facts:
    namespace: test
    queries:
${Array.from(
  { length: MANY },
  (_, n) => `      fact_${n}:
        query: SELECT ${n} AS v
        requires: {variables: {max_connections: 500, no_such_${n}: 1}, tables: [${DATABASE}.t${n}], columns: [${DATABASE}.t.c${n}]}
        metrics: {fact_${n}: {type: gauge, description: Fact, value: v}}`,
).join('\n')}
  more_facts:
    namespace: test
    queries:
      there:
        query: SELECT 1 AS v
        requires: {variables: {max_connections: 500}, tables: [${DATABASE}.t], columns: [${DATABASE}.t.a]}
        metrics: {there: {type: gauge, description: There, value: v}}
  counts:
    namespace: test
    queries:
      counts:
        query: SHOW SESSION STATUS WHERE Variable_name IN ('Com_select', 'Com_show_variables')
        key_value:
          key: Variable_name
          value: Value
          rules: [{metric: $0, type: untyped, description: $0}]
`,
  'orders.sql': '-- orders of today\nSELECT 42 AS v;\n',
  'two.sql': 'SELECT 2 AS v',
};

const exporter = await Exporter.start(files);
after(() => exporter[Symbol.asyncDispose]());

for (const server of servers) {
  test(`${server.name}: statements from files and from another query`, async () => {
    const { text } = await exporter.probe(server.name);
    assert.equal(metricValue(text, 'test_from_file'), 42);
    assert.equal(metricValue(text, 'test_short'), 42);
    assert.equal(metricValue(text, 'test_by_reference'), server.flavour === 'mysql' ? 2 : 1);
    assert.equal(metricValue(text, 'test_flavour'), undefined);
  });

  test(`${server.name}: procedures give their first result, fail with their error, and end in time`, async () => {
    for (let n = 0; n < 3; n++) {
      const { text } = await exporter.probe(server.name);
      assert.equal(metricValue(text, 'test_totals', { name: 'a' }), 5);
      assert.equal(metricValue(text, 'test_totals', { name: 'b' }), 7);
      assert.deepEqual([...errorsOf(text)].sort(), [
        'calls/silent: missing_column',
        'calls/sleeping: timeout',
        'calls/writing: sql',
      ]);
      assert.deepEqual(await server.untilIdle(USER), []);
    }
    assert.match(exporter.log, /query=writing .*READ ONLY transaction/);
    assert.deepEqual(await server.root(`SELECT * FROM ${DATABASE}.t`), []);
  });

  test(`${server.name}: ${MANY + 1} conditional queries of two sets learn their facts together`, async () => {
    for (const probe of [1, 2, 3]) {
      const { text } = await exporter.probe(`${server.name}_facts`);
      assert.deepEqual(errorsOf(text), []);
      assert.equal(metricValue(text, 'test_there'), 1);
      assert.equal(
        metricValue(text, 'query_exporter_query_skipped', { query: 'fact_7', reason: 'variable' }),
        1,
      );
      // All on one connection: one statement each for its introduction, variables, tables and columns, and the query that runs.
      assert.equal(metricValue(text, 'test_com_show_variables'), 1);
      assert.equal(metricValue(text, 'test_com_select'), 3 + probe);
    }
  });
}

test('check names the .sql file and the line of the query that wants it', async () => {
  const { code, stdout } = await runCommand({ ...files, 'two.sql': 'DELETE FROM t' }, 'check', 'targets.yml');
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^queries\.yml:13:38: error: query_file: in the file \/.*\/two\.sql the query begins with DELETE, which is no statement that reads: /m,
  );
});
