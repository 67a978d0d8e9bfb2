/** What servers, accounts and queries get wrong: each has its reason, and all else is answered. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'bad_data';
const PASSWORD = 'p"a\\ss=w&rd';

/** A query per mistake, and what it is answered with. */
const MISTAKES = [
  { name: 'syntax_error', sql: 'SELECT 1 AS AS v', reason: 'sql' },
  { name: 'no_privilege', sql: 'SELECT COUNT(*) AS v FROM mysql.user', reason: 'sql' },
  { name: 'no_table', sql: 'SELECT v FROM shop.no_such_table', reason: 'sql' },
  { name: 'a_write', sql: 'SELECT shop.writes() AS v', reason: 'sql' },
  { name: 'missing_column', sql: 'SELECT 1 AS w', reason: 'missing_column' },
  { name: 'ambiguous_column', sql: 'SELECT 1 AS v, 2 AS v', reason: 'missing_column' },
  { name: 'text_value', sql: "SELECT 'much' AS v", reason: 'invalid_value' },
  { name: 'empty_value', sql: "SELECT '' AS v", reason: 'invalid_value' },
  { name: 'date_value', sql: 'SELECT NOW() AS v', reason: 'invalid_value' },
  { name: 'out_of_range', sql: "SELECT '1e400' AS v", reason: 'invalid_value' },
  {
    name: 'million_rows',
    sql: 'SELECT 1 AS v FROM seq a JOIN seq b JOIN seq c JOIN seq d JOIN seq e JOIN seq f',
    reason: 'limit',
  },
  {
    name: 'huge_cell',
    sql: "SELECT 1 AS v, REPEAT('x', 9000000) AS a, REPEAT('x', 9000000) AS b",
    reason: 'limit',
  },
] as const;

const DIGITS =
  'seq AS (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)';

const servers = await realServers();
const silent = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => silent.once('listening', resolve));
const silentAddress = silent.address();
const silentPort = typeof silentAddress === 'object' ? silentAddress?.port : 0;
after(() => silent.close());

const exporter = await Exporter.start({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: '${PASSWORD}', query_sets: [mixed], query_timeout: 30s, scrape_timeout: 30s}
targets:
  refused: {address: "127.0.0.1:1"}
  silent: {address: "127.0.0.1:${silentPort}", connect_timeout: 500ms}
  no_name: {address: "no-such-host.invalid:3306", connect_timeout: 500ms}
  no_socket: {address: "unix:///no/such/socket"}
${servers
  .map(
    ({ name, port }) => `
  ${name}: {address: "127.0.0.1:${port}"}
  ${name}_wrong_password: {address: "127.0.0.1:${port}", user: ${USER}, password: wrong}
  ${name}_no_account: {address: "127.0.0.1:${port}", user: nobody_here, password: wrong}
  ${name}_no_database: {address: "127.0.0.1:${port}", database: no_such_database}
  ${name}_bad_session: {address: "127.0.0.1:${port}", session: {no_such_variable: 1}}
  ${name}_twice_named: {address: "127.0.0.1:${port}", query_sets: [twins]}
`,
  )
  .join('')}
`,
  'queries.yml': `
query_sets:
  mixed:
    namespace: test
    metrics:
${MISTAKES.map(
  ({ name, sql }) =>
    `      ${name}: {query: ${JSON.stringify(sql.includes('seq a') ? `WITH ${DIGITS} ${sql}` : sql)}, type: gauge, description: Bad, value: v}`,
).join('\n')}
      good: {query: SELECT 1 AS v, type: gauge, description: Good, value: v}
    queries:
      nulls:
        query: SELECT 'a' AS l, NULL AS v UNION ALL SELECT NULL, 2
        metrics:
          null_skipped: {type: gauge, description: No value, labels: [l], value: v}
          null_zero: {type: gauge, description: No value, labels: [l], value: v, on_null: zero}
          null_nan: {type: gauge, description: No value, labels: [l], value: v, on_null: nan}
      half_valid:
        query: SELECT 1 AS v UNION ALL SELECT 'x'
        metrics:
          half_valid: {type: gauge, description: One of two, value: v}
      half_strict:
        query: SELECT 1 AS v UNION ALL SELECT 'x'
        metrics:
          half_lenient: {type: gauge, description: One of two, value: v}
          half_strict: {type: gauge, description: None of two, value: v, on_invalid: error}
      null_error:
        query: SELECT NULL AS v
        metrics: {null_error: {type: gauge, description: No value, value: v, on_null: error}}
      negative:
        query: SELECT -1 AS v
        metrics: {negative_total: {type: counter, description: Negative, value: v}}
      duplicates:
        query: SELECT 'x' AS l, 1 AS v UNION ALL SELECT 'x', 2 UNION ALL SELECT 'y', 3
        metrics: {duplicates: {type: gauge, description: Twice, labels: [l], value: v}}
      long_label:
        query: SELECT REPEAT('x', 2000) AS l, 1 AS v
        metrics: {long_label: {type: gauge, description: Long, labels: [l], value: v}}
      long_match:
        query: SELECT REPEAT('1', 5000) AS l, 1 AS v
        metrics: {long_match: {type: gauge, description: Half a number, labels: [{column: l, as: l, match: "(1+)", truncate: 10}], value: v}}
      slow_match:
        query: WITH ${DIGITS} SELECT REPEAT('1', 4096) AS l, 1 AS v FROM seq a JOIN seq b
        metrics: {slow_match: {type: gauge, description: Takes long, labels: [{column: l, as: l, match: "(1+)x"}], value: v}}
      long_line:
        query: SELECT CONCAT(REPEAT('x', 20000), ' 17') AS t
        metrics: {long_line: {type: gauge, description: Far behind, extract: {column: t, match: '(?<n>\\d+)$'}, value: n}}
      whole_number:
        query: SELECT CONCAT(REPEAT('x', 4094), ' 123456789') AS t
        metrics: {whole_number: {type: gauge, description: Not cut, extract: {column: t, match: '(?<n>\\d+)$'}, value: n}}
      odd_labels:
        query: >-
          SELECT CONCAT('quote " backslash \\\\', CHAR(92), ' newline ', CHAR(10), ' é', CHAR(13)) AS l, 18446744073709551615 AS v
        metrics: {odd_labels: {type: gauge, description: "Help with \\\\ and\\nnewline", labels: [l], value: v}}
      exact:
        query: SELECT 12345678901234567890 AS id, CAST(0.1 AS DECIMAL(30,20)) AS v, bits, X'ff' AS raw FROM shop.bits
        metrics: {exact: {type: gauge, description: Exact, labels: [id, {column: raw, as: bytes}], values: [v, bits], value_label: kind}}
  twins:
    namespace: test
    queries:
      one: {query: "SELECT 'a' AS l, 1 AS v", metrics: {twin: {type: gauge, description: Twin, labels: [l], value: v}}}
      two: {query: "SELECT 'a' AS l, 2 AS v UNION ALL SELECT 'b', 3", metrics: {twin: {type: gauge, description: Twin, labels: [l], value: v}}}
`,
});
after(() => exporter[Symbol.asyncDispose]());

const DOWN = [
  ['refused', 'refused'],
  ['silent', 'connect_timeout'],
  ['no_name', 'dns'],
  ['no_socket', 'refused'],
] as const;

for (const [target, reason] of DOWN) {
  test(`${target} is down: ${reason}`, async () => {
    const { status, text } = await exporter.probe(target);
    assert.equal(status, 200);
    assert.equal(metricValue(text, 'mysql_up'), 0);
    assert.equal(metricValue(text, 'query_exporter_probe_error', { reason }), 1);
    assert.equal(metricValue(text, 'mysql_exporter_collector_success', { collector: 'collect.mixed' }), 0);
  });
}

for (const server of servers) {
  before(async () => {
    await server.root(
      "DROP TABLE IF EXISTS shop.bits; CREATE TABLE shop.bits (bits BIT(40)); INSERT INTO shop.bits VALUES (b'1010')",
    );
    await server.root(
      `DROP FUNCTION IF EXISTS shop.writes;
       CREATE FUNCTION shop.writes() RETURNS INT MODIFIES SQL DATA
       BEGIN INSERT INTO shop.bits VALUES (1); RETURN 1; END`,
    );
    await server.createUser(USER, PASSWORD, 'SELECT, INSERT, EXECUTE ON shop.*');
  });
  after(async () => {
    await server.root('DROP FUNCTION shop.writes');
    await server.dropUser(USER);
  });

  test(`${server.name}: every mistake has its reason, the rest is intact`, async () => {
    const { status, text } = await exporter.probe(server.name, 30);
    assert.equal(status, 200);
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.deepEqual(
      new Set(errorsOf(text)),
      new Set([
        ...MISTAKES.map(({ name, reason }) => `mixed/${name}: ${reason}`),
        'mixed/null_error: invalid_value',
        'mixed/half_strict: invalid_value',
        'mixed/negative: invalid_value',
        'mixed/long_label: limit',
        'mixed/long_match: limit',
        'mixed/long_line: limit',
      ]),
    );
    for (const { name } of MISTAKES)
      assert.equal(metricValue(text, `test_${name}`), undefined, `${name} has no sample`);
    assert.equal(metricValue(text, 'test_good'), 1);
    // Its pattern takes the square of a text on JavaScript's engine, and so runs on another.
    assert.equal(metricValue(text, 'test_slow_match'), 1);
    assert.equal(metricValue(text, 'test_half_valid'), 1);
    assert.equal(metricValue(text, 'test_whole_number'), 123456789);
    assert.equal(metricValue(text, 'test_half_lenient'), undefined, 'all samples of a query or none');
    assert.equal(metricValue(text, 'mysql_exporter_collector_success', { collector: 'collect.mixed' }), 0);
  });

  test(`${server.name}: NULL, duplicates and odd texts`, async () => {
    const { text } = await exporter.probe(server.name, 30);
    const of = (name: string) =>
      parseExposition(text)
        .filter((sample) => sample.name === name)
        .map(({ labels, value }) => ({ labels, value }));
    assert.deepEqual(of('test_null_skipped'), [{ labels: { l: '' }, value: 2 }]);
    assert.deepEqual(of('test_null_zero'), [
      { labels: { l: 'a' }, value: 0 },
      { labels: { l: '' }, value: 2 },
    ]);
    assert.deepEqual(of('test_null_nan')[0]?.value, Number.NaN);
    assert.deepEqual(of('test_duplicates'), [
      { labels: { l: 'x' }, value: 1 },
      { labels: { l: 'y' }, value: 3 },
    ]);
    assert.match(text, /# HELP test_odd_labels Help with \\\\ and\\nnewline\n/);
    assert.deepEqual(of('test_odd_labels'), [
      { labels: { l: 'quote " backslash \\\\ newline \n é\r' }, value: 2 ** 64 },
    ]);
    assert.deepEqual(of('test_exact'), [
      { labels: { id: '12345678901234567890', bytes: '�', kind: 'v' }, value: 0.1 },
      { labels: { id: '12345678901234567890', bytes: '�', kind: 'bits' }, value: 10 },
    ]);
  });

  test(`${server.name}: one series from two queries is exposed once`, async () => {
    const { text } = await exporter.probe(`${server.name}_twice_named`);
    assert.deepEqual(
      parseExposition(text)
        .filter(({ name }) => name === 'test_twin')
        .map(({ labels, value }) => [labels['l'], value]),
      [
        ['a', 1],
        ['b', 3],
      ],
    );
  });

  const REFUSED = [
    ['wrong_password', 'auth', 'backoff'],
    ['no_account', 'auth', 'backoff'],
    ['no_database', 'auth', 'backoff'], // this account has no rights on it, and the server says only that
    ['bad_session', 'sql', 'sql'],
  ] as const;
  for (const [kind, first, second] of REFUSED) {
    test(`${server.name}: ${kind} is ${first}, then ${second}`, async () => {
      for (const reason of [first, second]) {
        const { status, text } = await exporter.probe(`${server.name}_${kind}`);
        assert.equal(status, 200);
        assert.equal(metricValue(text, 'mysql_up'), 0);
        assert.equal(metricValue(text, 'query_exporter_probe_error', { reason }), 1, text);
      }
    });
  }
}

test('the log has a line per failed query and no password', async () => {
  const { log } = exporter;
  for (const { name, reason } of MISTAKES) {
    assert.match(
      log,
      new RegExp(
        `level=warn msg="query failed" target=MySQL query_set=mixed query=${name} reason=${reason} duration=\\d+ms err=`,
      ),
    );
  }
  assert.match(log, /msg="target is down" target=refused reason=refused err=/);
  assert.match(
    log,
    /msg="duplicate series dropped" target=MariaDB query_set=mixed query=duplicates series=1/,
  );
  for (const secret of [PASSWORD, JSON.stringify(PASSWORD).slice(1, -1)]) assert.ok(!log.includes(secret));
});
