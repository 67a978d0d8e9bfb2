/** Files of query-exporter and query-exporter-simple, unchanged, by their own flags, on real servers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();

const DATABASES = `
live:
${servers
  .map(
    ({ name, port }) => `  ${name}:\n    type: mysql\n    dsn: exporter:exporter@tcp(127.0.0.1:${port})/\n`,
  )
  .join('')}
early:
${servers
  .map(
    ({ name, port }) =>
      `  early-${name}:\n    type: mysql\n    dsn: tcp(127.0.0.1:${port})/\n    user: exporter\n    pass: exporter\n`,
  )
  .join('')}
gone:
  dead-1:
    type: mysql
    dsn: exporter:exporter@tcp(127.0.0.1:1)/information_schema?timeout=1s
`;

/** The mistake of the second path is that of query-exporter's own sample: the column has another name. */
const METRICS = `
sessions:
  targets: [live, gone]
  collects:
    - query: SELECT user AS who, COUNT(*) AS open_now, MAX(time) AS longest FROM information_schema.processlist GROUP BY 1
      timeout: 9
      metrics:
        sessions_open:
          type: gauge
          description: Open sessions by user
          labels: [who]
          value: open_now
        sessions_longest_seconds:
          type: Gauge
          description: Longest time in the present state by user
          labels: [who]
          value: longest
my-path:
  targets:
  - live
  collects:
  - Query: SELECT 'x' AS kind, 7 AS opened
    Metrics:
      mistaken:
        type: counter
        description: A column that is not there
        labels: [kind]
        value: open
  - query: SELECT 5 AS five, 'text' AS t, NULL AS nothing
    metrics:
      good: {type: gauge, value: five}
      null_value: {type: gauge, value: nothing}
  - query: SELECT SLEEP(60) AS too_long
    metrics:
      slow: {type: gauge, value: too_long}
  - query: SELECT 'text' AS t
    metrics:
      not_a_number: {type: gauge, description: No number, value: t}
columns:
  targets: [live]
  collects:
  - query: SELECT 'x' AS kind, 7 AS opened, 8 AS cnt, 9 AS cnt
    metrics:
      open_now: {type: gauge, description: A column that is not there, labels: [kind], value: open}
      of_who: {type: gauge, description: A label that is not there, labels: [who], value: opened}
      opened: {type: gauge, description: Opened, labels: [kind], value: opened}
      last: {type: counter, description: The last of two, value: cnt}
early:
  targets: [early]
  collects:
  - query: SELECT SUBSTRING_INDEX(USER(), '@', 1) AS who, 1 AS one
    metrics:
      login: {type: guage, description: Login, labels: [who], value: one}
`;

const exporter = await Exporter.start(
  { 'db.yml': DATABASES, 'metrics.yml': METRICS },
  '--config-database=db.yml',
  '--config-metrics=metrics.yml',
  '--address=127.0.0.1:0',
  '--threads=4',
);
after(() => exporter[Symbol.asyncDispose]());

test("query-exporter's files: a path answers for all instances of its groups", async () => {
  const { status, text } = await exporter.get('/sessions');
  assert.equal(status, 200);
  for (const { name: instance } of servers) {
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 1);
    const labels = { instance, who: 'exporter' };
    assert.ok((metricValue(text, 'query_exporter_sessions_open', labels) ?? 0) >= 1);
    assert.ok((metricValue(text, 'query_exporter_sessions_longest_seconds', labels) ?? -1) >= 0);
  }
  assert.equal(metricValue(text, 'query_exporter_status', { instance: 'dead-1' }), 0);
  assert.ok(text.includes('# HELP query_exporter_sessions_open Open sessions by user\n'));
  assert.ok(text.includes('# TYPE query_exporter_sessions_longest_seconds gauge\n'));
});

test('a column that is missing costs its metric only, and of two of one name the last counts', async () => {
  const { text } = await exporter.get('/columns');
  for (const { name: instance } of servers) {
    assert.equal(metricValue(text, 'query_exporter_opened', { instance, kind: 'x' }), 7);
    assert.equal(metricValue(text, 'query_exporter_last', { instance }), 9);
    for (const metric of ['query_exporter_open_now', 'query_exporter_of_who']) {
      assert.equal(metricValue(text, metric, { instance }), undefined);
      assert.equal(
        metricValue(text, 'query_exporter_metric_error', { instance, metric, reason: 'missing_column' }),
        1,
      );
    }
    const query = { instance, query_set: 'columns', query: 'open_now' };
    assert.equal(metricValue(text, 'query_exporter_query_success', query), 0);
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 0);
  }
  assert.match(
    exporter.log,
    /msg="metric failed" .*metric=query_exporter_open_now reason=missing_column err=.*opened/,
  );
});

test('a login beside the DSN, and the spelling of types, of early versions of query-exporter', async () => {
  const { text } = await exporter.get('/early');
  for (const { name } of servers) {
    const labels = { instance: `early-${name}`, who: 'exporter' };
    assert.equal(metricValue(text, 'query_exporter_login', labels), 1, text);
  }
});

test('a wrong column, a text, a NULL and a slow query are reported, never 0, and stop nothing', async () => {
  const { status, text } = await exporter.get('/my-path');
  assert.equal(status, 200);
  const samples = parseExposition(text);
  for (const { name: instance } of servers) {
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 0);
    assert.equal(metricValue(text, 'query_exporter_good', { instance }), 5);
    const error = (query: string, reason: string) =>
      metricValue(text, 'query_exporter_query_error', { instance, query_set: 'my-path', query, reason });
    assert.equal(error('mistaken', 'missing_column'), 1);
    assert.equal(error('slow', 'timeout'), 1);
  }
  for (const name of ['mistaken', 'null_value', 'slow', 'not_a_number'])
    assert.ok(!samples.some((sample) => sample.name === `query_exporter_${name}`), name);
  assert.ok(text.includes('# HELP query_exporter_good \n'), 'no description is an empty HELP');
  assert.match(exporter.log, /query=mistaken reason=missing_column .*opened/);
});

test('one instance can also be probed, and paths that are not there are 404', async () => {
  const { text } = await exporter.probe(servers[0]?.name ?? '', 10, '&query_set=sessions');
  assert.equal(metricValue(text, 'query_exporter_sessions_open', { who: 'exporter' }) !== undefined, true);
  const unknown = await exporter.get('/session');
  assert.deepEqual([unknown.status, unknown.text], [404, 'nothing here; did you mean /sessions?\n']);
  assert.equal((await exporter.get('/sessions', { method: 'HEAD' })).status, 200);
  assert.equal((await exporter.get('/sessions', { method: 'POST' })).status, 405);
});

const simple = (dsn: string) => `
dsn: ${dsn}
metrics:
  up_seconds:
    query: SHOW GLOBAL STATUS LIKE 'Uptime'
    type: counter
    description: Seconds since the start
    value: Value
  connections:
    query: SELECT user AS instance, COUNT(*) AS cnt FROM information_schema.processlist GROUP BY 1
    type: gauge
    description: Connections by user
    labels: [instance]
    value: cnt
`;

/** Of /metrics what the target answered, which stands behind the exporter's own. */
const targetPart = (text: string) => text.slice(text.indexOf('# HELP mysql_up '));

for (const { name, port } of servers)
  for (const flags of [['--config=own.yml', '--bind=127.0.0.1:0'], ['--config.file=own.yml']])
    test(`${name}: query-exporter-simple's file by ${flags[0]?.split('=')[0]}`, async () => {
      const file = simple(`exporter:exporter@tcp(127.0.0.1:${port})/`);
      await using exporter = await Exporter.start({ 'own.yml': file }, ...flags);
      const { status, text } = await exporter.get('/metrics');
      assert.equal(status, 200);
      const samples = parseExposition(targetPart(text));
      const value = (name: string) => samples.find((sample) => sample.name === name)?.value ?? -1;
      assert.ok(value('query_exporter_up_seconds') > 0);
      assert.equal(value('mysql_up'), 1);
      assert.match(text, /^query_exporter_build_info\{.*\} 1$/m);
      assert.equal(value('query_exporter_status'), -1);
      // A name that the exporter has too: the file's wins.
      const connections = samples.filter((sample) => sample.name === 'query_exporter_connections');
      assert.ok(connections.some(({ labels }) => labels['instance'] === 'exporter'));
      assert.ok(!text.includes('query_exporter_connections{state='));
      assert.equal(text.split('# TYPE query_exporter_connections ').length, 2);
      assert.equal(metricValue((await exporter.probe('default')).text, 'mysql_up'), 1);
    });

test("query-exporter-simple's file: a dead server leaves the exporter's own metrics", async () => {
  await using exporter = await Exporter.start(
    { 'config.yml': simple('u:p@tcp(127.0.0.1:1)/') },
    '--config=config.yml',
  );
  const { status, text } = await exporter.get('/metrics');
  assert.equal(status, 200);
  const samples = parseExposition(targetPart(text));
  assert.equal(samples.find(({ name }) => name === 'mysql_up')?.value, 0);
  assert.match(text, /^process_cpu_seconds_total \S+$/m);
  assert.ok(!samples.some(({ name }) => name === 'query_exporter_up_seconds'));
});

const usage = [
  {
    args: ['--config-database=a'],
    message: /--config-database needs --config-metrics too: .*, and there is no config-metrics\.yml here/,
  },
  {
    args: ['--config-metrics=a'],
    message: /--config-metrics needs --config-database too: .*, and there is no config-database\.yml here/,
  },
  {
    args: ['--config-metrics=a', '--config-database=b', '--config.file=c'],
    message: /--config-database and --config-metrics name both files of query-exporter: leave c out/,
  },
  { args: ['check', 'a', '--config=b'], message: /--config names the one file of query-exporter-simple/ },
  { args: ['check', 'a', '--config.file=b'], message: /both a and b: check one of them/ },
  { args: ['--config=a', '--config.file=b'], message: /cannot be used with option '--config\.file/ },
  { args: ['--config=a', '--config-metrics=b'], message: /cannot be used with option '--config-metrics/ },
  { args: ['--bind=9104'], message: /Expected \[HOST\]:PORT/ },
] as const;
for (const { args, message } of usage)
  test(`${args.join(' ')} is a usage error`, async () => {
    const { code, stderr } = await runCommand({}, ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  });

test('postgres ends the start, by name and position', async () => {
  const files = { 'd.yml': DATABASES.replace('type: mysql', 'type: postgres'), 'm.yml': METRICS };
  const { code, stderr } = await runCommand(files, '--config-database=d.yml', '--config-metrics=m.yml');
  assert.equal(code, 1);
  assert.match(stderr, /^d\.yml:4:11: error: the type postgres is not supported/m);
});
