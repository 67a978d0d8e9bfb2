/**
 * A scrape job that was written for mysqld_exporter, with our address in it and nothing else changed, and the logins
 * out of its `.my.cnf`.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { removeFolder, stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { findPrometheus } from '../../../harness/programs.ts';
import { startPrometheus } from '../../../harness/prometheus.ts';
import { COLLECTORS } from '../../parity/collectors.ts';
import { load } from '../../support/config-folder.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { EXPORTER, realServers } from '../../support/real-servers.ts';

/** The example of mysqld_exporter's README; its servers and its own address are replaced by those of the test. */
const JOB = `scrape_configs:
  - job_name: mysql
    metrics_path: /probe
    params:
      # Not required. Will match value to child in config file. Default value is \`client\`.
      auth_module: [client.servers]
    static_configs:
      - targets:
        - server1:3306
        - server2:3306
        - unix:///run/mysqld/mysqld.sock
    relabel_configs:
      - source_labels: [__address__]
        target_label: __param_target
      - source_labels: [__param_target]
        target_label: instance
      - target_label: __address__
        replacement: localhost:9104
`;

/** The same without a path: mysqld_exporter answers it too, for it looks at `target` at /metrics as well. */
const JOB_WITHOUT_PATH = JOB.replace('scrape_configs:\n', '')
  .replace('job_name: mysql', 'job_name: no_path')
  .replace('    metrics_path: /probe\n', '')
  .replace('[client.servers]', '[client]');

/** The usual login is of no use here, so it matters which one a job asks for. */
const MY_CNF = `[client]
user = nobody
password = wrong
[client.servers]
user = ${EXPORTER.user}
password = ${EXPORTER.password}
`;

const folder = temporaryFolder('job');
after(() => removeFolder(folder));

const [mariadb, mysql] = await realServers();
assert.ok(mariadb !== undefined && mysql !== undefined);
const [row] = await mariadb.root('SELECT @@socket AS socket');
const NAMES = [`127.0.0.1:${mariadb.port}`, `localhost:${mysql.port}`, `unix://${row?.['socket']}`] as const;

/** What `convert` makes of the file, and the names of the job below it. */
async function convertedTargets(): Promise<string> {
  const output = await mkdtemp(join(folder, 'converted-'));
  const { code, stderr } = await runCommand({ '.my.cnf': MY_CNF }, 'convert', '.my.cnf', '--output', output);
  assert.equal(code, 0, stderr);
  const text = await readFile(join(output, 'targets.yml'), 'utf8');
  assert.match(text, /^targets: \{\}\n$/m);
  return text.replace('targets: {}\n', `targets:\n${NAMES.map((name) => `  ${name}:\n`).join('')}`);
}

const exporter = await Exporter.start({ 'targets.yml': await convertedTargets() });
after(() => exporter[Symbol.asyncDispose]());

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

test('Prometheus scrapes with the job as it was', async (t) => {
  const { host } = new URL(exporter.url);
  const replaced = ['server1:3306', 'server2:3306', 'unix:///run/mysqld/mysqld.sock'].reduce(
    (text, theirs, i) => text.replaceAll(`- ${theirs}\n`, `- ${NAMES[i]}\n`),
    `${JOB}${JOB_WITHOUT_PATH}`.replaceAll('localhost:9104', host),
  );
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, `global: {scrape_interval: 3s, scrape_timeout: 3s}\n${replaced}`);
  const prometheus = await startPrometheus(await findPrometheus(), folder, config, await freePort());
  t.after(() => stopChild(prometheus.child, 5000));

  const byInstance = async (query: string) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as { data: { result: readonly Series[] } };
    return Object.fromEntries(data.result.map(({ metric, value }) => [metric['instance'], Number(value[1])]));
  };
  const each = (value: number) => Object.fromEntries(NAMES.map((name) => [name, value]));
  await eventually(async () => assert.deepEqual(await byInstance('mysql_up{job="mysql"}'), each(1)));
  // Its login is of no use: the alert on mysql_up must see that.
  await eventually(async () => assert.deepEqual(await byInstance('mysql_up{job="no_path"}'), each(0)));
  await eventually(async () => assert.deepEqual(await byInstance('up{job="no_path"}'), each(1)));
  await eventually(async () => assert.deepEqual(await byInstance('up{job="mysql"}'), each(1)));
  const success = 'sum by (instance) (mysql_exporter_collector_success{job="mysql"})';
  await eventually(async () => assert.deepEqual(await byInstance(success), each(6)));
  for (const [families, least] of [
    ['mysql_global_status_.+', 300],
    ['mysql_global_variables_.+', 400],
    ['mysql_info_schema_innodb_cmp.+', 20],
  ] as const) {
    await eventually(async () => {
      const counts = await byInstance(`count by (instance) ({__name__=~"${families}",job="mysql"})`);
      for (const name of NAMES)
        assert.ok((counts[name] ?? 0) >= least, `${name} ${families} ${counts[name]}`);
    });
  }
});

test('the targets.yml of the guide to migration loads', async () => {
  const guide = await readFile(new URL('../../../docs/guides/migrate.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```yaml\n( +defaults:\n +auth_module: client [^`]*)```/.exec(guide) ?? [];
  const modules = 'auth_modules: {client: {user: a}, client.servers: {user: b}}\n';
  const { lines, result } = await load({ 'targets.yml': modules + shown.replaceAll(/^ {3}/gm, '') });
  assert.deepEqual(lines, []);
  assert.deepEqual(result.ok && [...result.config.targets.keys()], [
    'server1:3306',
    'server2:3306',
    'unix:///run/mysqld/mysqld.sock',
  ]);
});

test('the usual login is asked for by its name or by none, and is not the one of the job', async () => {
  for (const query of ['', '&auth_module=client']) {
    const { text } = await exporter.probe(NAMES[1], 10, query);
    assert.equal(metricValue(text, 'mysql_up'), 0);
  }
});

test('every collector of mysqld_exporter is a query set, for collect[] of a job', async () => {
  assert.equal(COLLECTORS.length, 36);
  for (const name of NAMES) {
    const asked = COLLECTORS.map((collector) => `&collect[]=${collector}`).join('');
    const { status, text } = await exporter.probe(name, 30, `&auth_module=client.servers${asked}`);
    assert.equal(status, 200, text);
    const success = parseExposition(text).filter((sample) => sample.name.endsWith('_collector_success'));
    assert.deepEqual(
      success.map(({ labels }) => labels['collector']).sort(),
      COLLECTORS.map((collector) => `collect.${collector}`).sort(),
    );
  }
});

for (const [wrong, near] of [
  ['global_statuss', 'global_status'],
  ['info_schema.innodb_metric', 'info_schema.innodb_metrics'],
  ['perf_schema.eventstatements', 'perf_schema.eventsstatements'],
  ['collect.slave_status', 'slave_status'],
] as const)
  test(`collect[]=${wrong} is refused, with the nearest name`, async () => {
    const asked = `&collect[]=global_status&collect[]=${wrong}`;
    const { status, text } = await exporter.probe(NAMES[0], 10, asked);
    assert.deepEqual([status, text], [400, `unknown query set "${wrong}"; did you mean "${near}"?\n`]);
  });
