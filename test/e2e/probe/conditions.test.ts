/** Statements by flavour and version, requirements, ignored errors, and results that are kept. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';

const MARKER = 'conditions_marker';

const servers = await realServers();
const exporter = await Exporter.start({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [variants, requirements, only_mysql]}
targets:
${servers
  .map(
    ({ name, port }) =>
      `  ${name}: {address: "127.0.0.1:${port}", params: {with_params: {least: 2, names: [b, "it's", ${name}]}}}`,
  )
  .join('\n')}
`,
  'queries.yml': `
query_sets:
  with_params:
    namespace: test
    params:
      least: {type: integer, default: 1}
      names: {type: list, default: []}
      schema_name: {type: identifier, default: shop}
    queries:
      names:
        variants:
          - query: SELECT name, n AS v FROM (SELECT 'a' AS name, 9 AS n UNION ALL SELECT 'b', 1 UNION ALL SELECT 'it''s', 2 UNION ALL SELECT 'MySQL', 3 UNION ALL SELECT 'MariaDB', 4) t WHERE n >= :least AND name IN (:names)
        metrics: {names: {type: gauge, description: Names, labels: [name], value: v}}
      rows:
        query: SELECT COUNT(*) AS v FROM :schema_name.customers
        metrics: {rows: {type: gauge, description: Rows, value: v}}
  variants:
    namespace: test
    queries:
      flavour:
        variants:
          - {when: {flavour: mariadb, min_version: "10.2"}, query: SELECT 1 AS v}
          - {when: {flavour: mysql, min_version: "8.0.22", max_version: "99"}, query: SELECT 2 AS v}
        metrics: {flavour: {type: gauge, description: Flavour, value: v}}
      too_old:
        variants:
          - {when: {max_version: "5.5"}, query: SELECT 1 AS v}
        metrics: {too_old: {type: gauge, description: Old, value: v}}
      replication:
        variants:
          - {when: {flavour: mysql, min_version: "8.0.22"}, query: SHOW REPLICA STATUS}
          - {query: SHOW SLAVE STATUS}
        columns:
          rules: [{metric: slave_status_$0, type: untyped, description: $0, parse: status}]
  requirements:
    namespace: test
    queries:
      with_all:
        query: SELECT 3 AS v
        requires: {variables: {max_connections: 500, event_scheduler: ["ON", "OFF", "DISABLED"]}, tables: [shop.orders], columns: [shop.orders.Status]}
        metrics: {with_all: {type: gauge, description: All, value: v}}
      without_variable:
        query: SELECT 4 AS v
        requires: {variables: {no_such_variable: 1}}
        metrics: {without_variable: {type: gauge, description: None, value: v}}
      without_table:
        query: SELECT v FROM shop.no_such_table
        requires: {tables: [shop.no_such_table]}
        metrics: {without_table: {type: gauge, description: None, value: v}}
      without_column:
        query: SELECT no_such_column AS v FROM shop.orders
        requires: {columns: [shop.orders.no_such_column]}
        metrics: {without_column: {type: gauge, description: None, value: v}}
      ignored:
        query: SELECT v FROM shop.no_such_table
        ignore_errors: [1146, 1142]
        metrics: {ignored: {type: gauge, description: None, value: v}}
      off:
        query: SELECT nothing
        enabled: false
        metrics: {off: {type: gauge, description: Off, value: v}}
  only_mysql:
    namespace: test
    requires: {flavour: mysql}
    metrics:
      only_mysql: {query: SELECT 5 AS v, type: gauge, description: MySQL, value: v}
  nowhere:
    namespace: test
    requires: {tables: [no.such_table]}
    metrics:
      nowhere: {query: SELECT 7 AS v, type: gauge, description: Nowhere, value: v}
  only_kept:
    namespace: test
    metrics:
      only_kept: {query: SELECT 8 AS v, type: gauge, description: Kept, value: v, min_interval: 1m}
  kept:
    namespace: test
    queries:
      kept:
        query: SELECT 6 AS v /* ${MARKER} */
        min_interval: 1m
        metrics: {kept: {type: gauge, description: Kept, value: v}}
      failing:
        query: SELECT v FROM shop.no_such_table /* ${MARKER}_failing */
        min_interval: 1m
        metrics: {failing: {type: gauge, description: Fails, value: v}}
`,
});
after(() => exporter[Symbol.asyncDispose]());

/** Why queries were skipped, as `query: reason`. */
const skippedIn = (text: string) =>
  parseExposition(text)
    .filter(({ name }) => name === 'query_exporter_query_skipped')
    .map(({ labels }) => `${labels['query']}: ${labels['reason']}`);

async function statements(server: RealServer, pattern: string): Promise<number> {
  const [row] = await server.root(
    "SELECT COUNT(*) AS n FROM mysql.general_log WHERE command_type = 'Query' AND user_host LIKE 'exporter%' AND argument LIKE ?",
    [pattern],
  );
  return Number(row?.['n']);
}

for (const server of servers) {
  const isMysql = server.flavour === 'mysql';
  before(() => server.root("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON"));
  after(() => server.root("SET GLOBAL general_log = OFF; SET GLOBAL log_output = 'FILE'"));

  test(`${server.name}: each query has its statement, or a reason to be skipped`, async () => {
    const { text } = await exporter.probe(server.name);
    assert.deepEqual(errorsOf(text), []);
    assert.equal(metricValue(text, 'test_flavour'), isMysql ? 2 : 1);
    assert.equal(metricValue(text, 'test_with_all'), 3);
    assert.equal(metricValue(text, 'test_only_mysql'), isMysql ? 5 : undefined);
    assert.deepEqual(
      new Set(skippedIn(text)),
      new Set([
        'too_old: version',
        'without_variable: variable',
        'without_table: table',
        'without_column: column',
        'ignored: ignored_error',
        ...(isMysql ? [] : ['only_mysql: flavour']),
      ]),
    );
    for (const set of ['variants', 'requirements', 'only_mysql']) {
      assert.equal(metricValue(text, 'mysql_exporter_collector_success', { collector: `collect.${set}` }), 1);
    }
    assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'too_old' }), undefined);
    assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'off' }), undefined);
  });

  test(`${server.name}: a server is up also when there was nothing to ask`, async () => {
    for (const set of ['nowhere', 'only_kept']) {
      for (let i = 0; i < 3; i++) {
        const { text } = await exporter.probe(server.name, 10, `&query_set=${set}`);
        assert.equal(metricValue(text, 'mysql_up'), 1, `${set}, probe ${i + 1}`);
      }
    }
  });

  test(`${server.name}: parameters of the target are in its statements`, async () => {
    const { text } = await exporter.probe(server.name, 10, '&query_set=with_params');
    assert.deepEqual(errorsOf(text), []);
    const names = parseExposition(text).filter(({ name }) => name === 'test_names');
    assert.deepEqual(
      names.map(({ labels }) => labels['name']),
      ["it's", server.name],
    );
    assert.ok((metricValue(text, 'test_rows') ?? 0) > 0);
  });

  test(`${server.name}: facts are asked once per connection, not per probe`, async () => {
    await exporter.probe(server.name);
    const before = await statements(server, 'SHOW GLOBAL VARIABLES WHERE%');
    for (let i = 0; i < 10; i++) await exporter.probe(server.name);
    // Which connection gets which query varies; each of the three learns what each of three plans wants at most once.
    const learned = await statements(server, 'SHOW GLOBAL VARIABLES WHERE%');
    assert.ok(learned > 0 && learned - before <= 6, `${learned} times, ${before} before`);
  });

  test(`${server.name}: a result is kept for its interval, a failure is not`, async () => {
    const before = [
      await statements(server, `%${MARKER} */`),
      await statements(server, `%${MARKER}_failing */`),
    ];
    for (let i = 0; i < 3; i++) {
      const { text } = await exporter.probe(server.name, 10, '&query_set=kept');
      assert.equal(metricValue(text, 'test_kept'), 6);
      const age = metricValue(text, 'query_exporter_query_age_seconds', { query: 'kept' }) ?? -1;
      assert.ok(age >= 0 && age < 30);
      assert.deepEqual(errorsOf(text), ['kept/failing: sql']);
    }
    assert.equal((await statements(server, `%${MARKER} */`)) - (before[0] ?? 0), 1);
    assert.equal((await statements(server, `%${MARKER}_failing */`)) - (before[1] ?? 0), 3);
  });
}

test('what was skipped is not in the log', () =>
  assert.doesNotMatch(exporter.log, /query=(too_old|without|ignored)/));
