/** Converted files give what the source gave, on real servers; and what the command does with files and streams. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, type Files, runCommand } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const folder = await mkdtemp(join(tmpdir(), 'convert-'));
after(() => rm(folder, { recursive: true }));

const dsn = (port: number) => `exporter:exporter@tcp(127.0.0.1:${port})/`;
const DATABASES = `live:
${servers.map(({ name, port }) => `  ${name}: {type: mysql, dsn: "${dsn(port)}"}\n`).join('')}`;
const METRICS = `# What the sample asks.
numbers:
  targets: [live]
  collects:
    - query: SELECT 'a "quoted" one' AS kind, 7 AS opened, NULL AS nothing UNION ALL SELECT 'b', 2.5, 1
      metrics:
        opened: {type: gauge, description: Opened things, labels: [kind], value: opened}
        seen: {type: counter, description: Seen things, value: opened, labels: [kind]}
        nothing: {type: gauge, value: nothing, labels: [kind]}
    - query: |
        SELECT 5 AS five -- of all
      timeout: 2
      metrics:
        five: {type: gauge, description: Five, value: five}
`;
const COLLECTOR = `collector_name: sample
min_interval: 10s
metrics:
  - metric_name: sample_io_total
    type: counter
    help: Operations.
    key_labels: [db]
    static_labels: {env: test}
    value_label: operation
    values: [read_ops, write_ops]
    query_ref: io
  - metric_name: sample_info
    type: gauge
    help: Databases.
    key_labels: [db]
    static_value: 1
    query_ref: io
  - metric_name: sample_up_seconds
    type: gauge
    help: Time since the start.
    values: [v]
    query: SELECT 12 AS v
queries:
  - query_name: io
    query: SELECT 'a' AS db, 1 AS read_ops, 2 AS write_ops UNION ALL SELECT 'b', 3, NULL
`;

/** What `convert --output` makes of these files, by name. */
async function convert(name: string, files: Files, ...args: readonly string[]): Promise<Files> {
  const output = join(folder, name);
  const { code, stderr } = await runCommand(files, 'convert', ...args, '--output', output);
  assert.equal(code, 0, stderr);
  assert.ok(!stderr.includes('exporter:exporter'), 'no DSN is repeated');
  const result: Record<string, string> = {};
  for (const path of await readdir(output, { recursive: true }))
    if (path.endsWith('.yml')) result[path] = await readFile(join(output, path), 'utf8');
  return result;
}

/** Starts the exporter in the folder of a conversion. */
async function startOn(name: string): Promise<Exporter> {
  return await Exporter.start({}, '--config.file', join(folder, name, 'targets.yml'));
}

/** All lines of the families with this prefix that come out of queries, sorted. */
function linesOf(text: string, prefix: RegExp): readonly string[] {
  return text
    .split('\n')
    .filter((line) => prefix.test(line.replace(/^# (?:HELP|TYPE) /, '')))
    .sort();
}

test('query-exporter: the same families, labels and values at /scrape/PATH', async () => {
  const files = { 'm.yml': METRICS, 'd.yml': DATABASES };
  await convert('both', files, 'm.yml', 'd.yml');
  await using before = await Exporter.start(files, '--config-database=d.yml', '--config-metrics=m.yml');
  await using now = await startOn('both');
  const families = /^query_exporter_(?:opened|seen|nothing|five|status)[ {]/;
  const expected = linesOf((await before.get('/numbers')).text, families);
  const { status, text } = await now.get('/scrape/numbers');
  assert.equal(status, 200);
  // Ours must have a description.
  const described = expected.map((line) => line.replace(/^(# HELP query_exporter_(nothing)) $/, '$1 $2'));
  assert.deepEqual(linesOf(text, families), described);
  assert.equal(expected.filter((line) => !line.startsWith('#')).length, 7 * servers.length);
});

for (const { name, port } of servers) {
  test(`${name}, query-exporter-simple: the same families, labels and values`, async () => {
    const file = `dsn: "${dsn(port)}"
metrics:
  who: {query: "SELECT 'x' AS who, 3 AS cnt", type: gauge, description: Who, labels: [who], value: cnt}
  port: {query: SHOW GLOBAL VARIABLES LIKE 'port', type: counter, description: Port, value: Value}
`;
    await convert(`simple-${name}`, { 'c.yml': file }, 'c.yml');
    await using before = await Exporter.start({ 'c.yml': file }, '--config=c.yml');
    await using now = await startOn(`simple-${name}`);
    const families = /^query_exporter_(?:who|port)[ {]/;
    const expected = linesOf((await before.get('/metrics')).text, families);
    assert.equal(expected.length, 6);
    assert.deepEqual(linesOf((await now.probe('default')).text, families), expected);
  });

  test(`${name}, sql_exporter: a collector gives what sql_exporter documents`, async () => {
    const files = await convert(`collector-${name}`, { 's.collector.yml': COLLECTOR }, 's.collector.yml');
    const targets = `query_files: [sample.yml]\ntargets: {t: {dsn: "${dsn(port)}", query_sets: [sample]}}\n`;
    await using exporter = await Exporter.start({
      'targets.yml': targets,
      'sample.yml': files['queries/sample.yml'] ?? '',
    });
    const { text } = await exporter.probe('t');
    assert.deepEqual(errorsOf(text), []);
    assert.deepEqual(linesOf(text, /^sample_/), [
      '# HELP sample_info Databases.',
      '# HELP sample_io_total Operations.',
      '# HELP sample_up_seconds Time since the start.',
      '# TYPE sample_info gauge',
      '# TYPE sample_io_total counter',
      '# TYPE sample_up_seconds gauge',
      'sample_info{db="a"} 1',
      'sample_info{db="b"} 1',
      'sample_io_total{db="a",env="test",operation="read_ops"} 1',
      'sample_io_total{db="a",env="test",operation="write_ops"} 2',
      'sample_io_total{db="b",env="test",operation="read_ops"} 3',
      'sample_up_seconds 12',
    ]);
  });

  test(`${name}, percona: custom queries give what Percona's mysqld_exporter documents`, async () => {
    const query = `mysql_custom:
  query: "SELECT 'a' AS kind, 5 AS open, 'ON' AS state UNION ALL SELECT 'b', NULL, 'other'"
  metrics:
    - kind: {usage: "LABEL", description: "Kind"}
    - open: {usage: "GAUGE", description: "Open"}
    - state: {usage: "MAPPEDMETRIC", description: "State", metric_mapping: {"ON": 1, "OFF": 0}}
`;
    const files = await convert(`percona-${name}`, { 'queries-mysqld.yml': query }, 'queries-mysqld.yml');
    await using exporter = await Exporter.start({
      'targets.yml': `query_files: [q.yml]\ntargets: {t: {dsn: "${dsn(port)}", query_sets: [queries_mysqld]}}\n`,
      'q.yml': files['queries/queries_mysqld.yml'] ?? '',
    });
    const { text } = await exporter.probe('t');
    assert.deepEqual(errorsOf(text), []);
    assert.deepEqual(linesOf(text, /^mysql_custom_/), [
      '# HELP mysql_custom_open Open',
      '# HELP mysql_custom_state State',
      '# TYPE mysql_custom_open gauge',
      '# TYPE mysql_custom_state gauge',
      'mysql_custom_open{kind="a"} 5',
      'mysql_custom_state{kind="a"} 1',
    ]);
  });

  test(`${name}, .my.cnf: the login and the server`, async () => {
    const file = `[client]\nuser = exporter\npassword = exporter\nhost = 127.0.0.1\nport = ${port}\n`;
    await convert(`cnf-${name}`, { '.my.cnf': file }, '.my.cnf');
    await using exporter = await startOn(`cnf-${name}`);
    const { text } = await exporter.probe(`127.0.0.1:${port}`);
    assert.equal(metricValue(text, 'mysql_up'), 1);
  });
}

test('without --output the files are printed, remarks and passwords apart', async () => {
  const files = {
    'c.yml': 'dsn: u:hunter2@/\nmetrics: {v: {query: SELECT 1 AS v, type: gauge, value: v}}\n',
  };
  const { code, stderr, stdout } = await runCommand(files, 'convert', 'c.yml');
  assert.equal(code, 0);
  const [, first, second] = stdout.split(/^# (?:targets|queries\/metrics)\.yml\n/m);
  assert.match(
    first ?? '',
    /^query_files: \[queries\/metrics\.yml\]\n(?:.*\n)* {4}dsn: u:hunter2@\/\n(?:.*\n)*---\n$/,
  );
  assert.match(second ?? '', /^query_sets:\n/);
  assert.match(stderr, /^c\.yml:1: dsn: its password stands in the result/);
  assert.doesNotMatch(stderr, /hunter2/);
});

test('a file that is there is not overwritten, and nothing else is written', async () => {
  const output = await mkdtemp(join(folder, 'taken-'));
  await writeFile(join(output, 'targets.yml'), 'mine\n');
  const files = { 'c.yml': 'dsn: "@/"\nmetrics: {v: {query: SELECT 1 AS v, type: gauge, value: v}}\n' };
  const { code, stderr } = await runCommand(files, 'convert', 'c.yml', '--output', output);
  assert.equal(code, 1);
  assert.ok(stderr.includes(`${output}/targets.yml: is there already, nothing was written\n`));
  assert.deepEqual(await readdir(output), ['targets.yml']);
  assert.equal(await readFile(join(output, 'targets.yml'), 'utf8'), 'mine\n');
});

const failures = [
  { args: ['nowhere.yml'], code: 1, message: /^nowhere\.yml:1:1: error: the file does not exist\n$/ },
  { args: ['--from', 'my.cnf', 'c.yml'], code: 1, message: /^c\.yml:1:1: error: expected a section/ },
  { args: ['--from', 'postgres', 'c.yml'], code: 2, message: /Allowed choices are query-exporter, / },
  { args: [], code: 2, message: /missing required argument 'file'/ },
] as const;
for (const { args, code, message } of failures)
  test(`convert ${args.join(' ')} ends with ${code}`, async () => {
    const finished = await runCommand({ 'c.yml': 'dsn: "@/"\n' }, 'convert', ...args);
    assert.match(finished.stderr, message);
    assert.deepEqual([finished.code, finished.stdout], [code, '']);
  });
