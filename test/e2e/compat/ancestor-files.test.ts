/** Files of query-exporter and query-exporter-simple beyond `serve` by their flags: found, checked, probed, shared. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();

const DATABASES = `
live:
${servers.map(({ name, port }) => `  ${name}: {type: mysql, dsn: "exporter:exporter@tcp(127.0.0.1:${port})/"}`).join('\n')}
`;
const METRICS = `
sessions:
  targets: [live]
  collects:
    - query: SELECT user AS who, COUNT(*) AS open_now FROM information_schema.processlist GROUP BY 1
      metrics:
        sessions_open: {type: gauge, description: Open sessions by user, labels: [who], value: open_now}
slow:
  targets: [live]
  collects:
    - query: SELECT SLEEP(60) AS too_long
      metrics:
        slow: {type: gauge, value: too_long}
`;
const simple = (port: number) => `
dsn: exporter:exporter@tcp(127.0.0.1:${port})/
metrics:
  up_seconds:
    query: SHOW GLOBAL STATUS LIKE 'Uptime'
    type: counter
    description: Seconds since the start
    value: Value
`;

const DEFAULT_NAMES = { 'config-database.yml': DATABASES, 'config-metrics.yml': METRICS };
const FLAGS: [flags: readonly string[], files: Readonly<Record<string, string>>][] = [
  [['--config.file=config-database.yml'], DEFAULT_NAMES],
  [['--config.file=config-metrics.yml'], DEFAULT_NAMES],
  [['--config.file=d.yml', '--config-metrics=m.yml'], { 'd.yml': DATABASES, 'm.yml': METRICS }],
  [['--config.file=m.yml', '--config-database=d.yml'], { 'd.yml': DATABASES, 'm.yml': METRICS }],
  [['--config-database=d.yml'], { 'd.yml': DATABASES, 'config-metrics.yml': METRICS }],
  [['--config-metrics=m.yml'], { 'config-database.yml': DATABASES, 'm.yml': METRICS }],
];
for (const [flags, files] of FLAGS)
  test(`query-exporter's files by ${flags.join(' ')}`, async () => {
    await using exporter = await Exporter.start(files, ...flags);
    const { status, text } = await exporter.get('/sessions');
    assert.equal(status, 200);
    for (const { name: instance } of servers) {
      assert.equal(metricValue(text, 'query_exporter_status', { instance }), 1);
      const who = 'exporter';
      assert.ok((metricValue(text, 'query_exporter_sessions_open', { instance, who }) ?? 0) >= 1);
    }
  });

test('one of the files alone, and the other nowhere, is said with what to do', async () => {
  const { code, stderr } = await runCommand({ 'd.yml': DATABASES }, '--config.file=d.yml');
  assert.deepEqual(
    [code, stderr],
    [
      1,
      'd.yml:1:1: error: this is the database file of query-exporter; its metrics file was looked for at ' +
        'config-metrics.yml, but the file does not exist: name it with --config-metrics\n',
    ],
  );
});

const BOTH = ['--config-database', 'd.yml', '--config-metrics', 'm.yml'] as const;
const FILES = { 'd.yml': DATABASES, 'm.yml': METRICS } as const;

for (const { name, port } of servers) {
  test(`${name}: check and check --target of query-exporter's files`, async () => {
    assert.deepEqual(await runCommand(FILES, 'check', ...BOTH), {
      code: 0,
      stdout: `d.yml, m.yml: ${servers.length} targets, 2 query sets, no errors, no warnings\n`,
      stderr: '',
    });
    const { code, stdout } = await runCommand(
      FILES,
      'check',
      'd.yml',
      '--config-metrics=m.yml',
      '--target',
      name,
    );
    assert.equal(code, 1);
    assert.match(stdout, /^sessions\/sessions_open {2}would run {3}\d+ rows?, /m);
    assert.match(stdout, /^slow\/slow {15}failed {6}timeout: /m);
  });

  test(`${name}: probe of query-exporter's files, the whole and one query`, async () => {
    const { code, stdout } = await runCommand(FILES, 'probe', name, ...BOTH, '--query-set=sessions');
    assert.equal(code, 0);
    assert.ok((metricValue(stdout, 'query_exporter_sessions_open', { who: 'exporter' }) ?? 0) >= 1);
    const query = await runCommand(FILES, 'probe', name, ...BOTH, '--query=sessions/sessions_open');
    assert.equal(query.code, 0);
    assert.match(query.stdout, /^who +open_now\n-+ +-+\n/);
  });

  test(`${name}: check and probe of query-exporter-simple's file`, async () => {
    const files = { 'config.yml': simple(port) };
    const checked = await runCommand(files, 'check', '--config=config.yml', '--target=default');
    assert.equal(checked.code, 0);
    assert.match(checked.stdout, /^config\.yml: 1 target, 1 query set, no errors, no warnings\n/);
    assert.match(checked.stdout, /^target default: 1 would run, 0 skipped, /m);
    const { code, stdout } = await runCommand(files, 'probe', 'default', '--config=config.yml');
    assert.equal(code, 0);
    assert.ok((metricValue(stdout, 'query_exporter_up_seconds') ?? 0) > 0);
  });
}

test("both ancestors' query files serve the targets of a targets.yml", async () => {
  await using exporter = await Exporter.start(
    {
      'targets.yml': `
query_files: [config-metrics.yml, uptime.yml, ours.yml]
defaults: {user: exporter, password: exporter, query_sets: [sessions, slow, uptime, own]}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
scrapes: {all: {query_sets: [sessions]}}
`,
      'config-metrics.yml': METRICS,
      'uptime.yml': simple(1),
      'ours.yml': `
query_sets:
  own: {metrics: {mine: {query: SELECT 7 AS v, type: gauge, description: Mine, value: v}}}
`,
    },
    '--config.file=targets.yml',
  );
  assert.match(exporter.log, /^config-metrics\.yml:3:3: warning: targets: ignored here, /m);
  assert.match(exporter.log, /^uptime\.yml:2:1: warning: dsn: ignored here, /m);
  for (const { name } of servers) {
    const { text } = await exporter.probe(name);
    assert.equal(metricValue(text, 'query_exporter_mine'), 7);
    assert.ok((metricValue(text, 'query_exporter_up_seconds') ?? 0) > 0);
    assert.ok((metricValue(text, 'query_exporter_sessions_open', { who: 'exporter' }) ?? 0) >= 1);
    assert.ok(text.includes('# HELP query_exporter_sessions_open Open sessions by user\n'));
    assert.deepEqual(errorsOf(text), ['slow/slow: timeout']);
    const slow = { query_set: 'slow', query: 'slow' };
    const seconds = metricValue(text, 'query_exporter_query_duration_seconds', slow) ?? 0;
    assert.ok(seconds > 0.9, `ended before its second: ${seconds}`);
  }
  const { text } = await exporter.get('/scrape/all');
  for (const { name: instance } of servers)
    assert.ok(
      parseExposition(text).some(
        ({ name, labels }) => name === 'query_exporter_sessions_open' && labels['instance'] === instance,
      ),
    );
});
