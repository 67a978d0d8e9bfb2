/** The limits of the whole exporter: what is answered when one is reached, what is counted, and that others go on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';
import { Exporter, PROGRAM } from '../../support/exporter.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'limits';
const LOCK = 'limits';
for (const server of servers) await server.createUser(USER, 'pw', 'SELECT ON shop.*');
after(() => Promise.all(servers.map((server) => server.dropUser(USER))));

/** Five targets on each server. */
const [mariadb] = servers;
assert.ok(mariadb !== undefined);
const NAMES = servers.flatMap(({ name }) => [1, 2, 3, 4, 5].map((n) => `${name}-${n}`));
const series = (bytes: number) =>
  `SELECT CONCAT(REPEAT('x', ${bytes}), n) AS l, n AS v FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS three`;
const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [one, two], max_load: 100%}
targets:
${servers.flatMap(({ name, port }) => [1, 2, 3, 4, 5].map((n) => `  ${name}-${n}: {address: "127.0.0.1:${port}"}`)).join('\n')}
scrapes: {all: {query_sets: [sizes]}}
`,
  'queries.yml': `
query_sets:
  one: {namespace: test, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}
  two: {namespace: test, metrics: {two: {query: SELECT 2 AS v, type: gauge, description: Two, value: v}}}
  slow: {namespace: test, metrics: {slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}}}
  sizes:
    namespace: test
    metrics:
      few: {query: "${series(20)}", type: gauge, description: Few bytes, labels: [l], value: v}
      some: {query: "${series(100)}", type: gauge, description: Some bytes, labels: [l], value: v}
      many: {query: "${series(900)}", type: gauge, description: Many bytes, labels: [l], value: v}
`,
};

async function start(...flags: readonly string[]): Promise<Exporter> {
  const exporter = await Exporter.start(files, ...flags);
  after(() => exporter[Symbol.asyncDispose]());
  return exporter;
}

const own = async (exporter: Exporter, name: string, labels: Readonly<Record<string, string>> = {}) =>
  metricValue(await ownText(exporter), name, labels);

/** The families that are ours, without the blank lines that prom-client writes behind each. */
const ownText = async (exporter: Exporter) =>
  (await exporter.get('/metrics')).text
    .split('\n\n')
    .filter((text) => text.startsWith('# HELP query_exporter_'))
    .map((text) => `${text.trimEnd()}\n`)
    .join('');

const refused = (exporter: Exporter, limit: string) =>
  own(exporter, 'query_exporter_refused_total', { limit });

const connections = async () => {
  const counts = await Promise.all(servers.map((server) => server.connections(USER)));
  return counts.reduce((sum, count) => sum + count, 0);
};

test('the limits are told, and that nothing was refused', async () => {
  const exporter = await start(
    '--web.max-requests=5',
    '--max-connections=6',
    '--max-queries=7',
    '--web.max-response-bytes=8',
    '--max-result-bytes=9',
  );
  const text = await ownText(exporter);
  assert.equal(metricValue(text, 'query_exporter_requests_max'), 5);
  assert.equal(metricValue(text, 'query_exporter_connections_max'), 6);
  assert.equal(metricValue(text, 'query_exporter_queries_max'), 7);
  assert.equal(metricValue(text, 'query_exporter_response_max_bytes'), 8);
  assert.equal(metricValue(text, 'query_exporter_result_max_bytes'), 9);
  for (const limit of ['requests', 'connections', 'queries', 'response_bytes', 'result_bytes'])
    assert.equal(metricValue(text, 'query_exporter_refused_total', { limit }), 0);
});

test('more targets than --max-connections: all are answered, over no more connections', async () => {
  const exporter = await start('--max-connections=4');
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(NAMES.map((name) => exporter.probe(name)));
    for (const { text } of answers) {
      assert.equal(metricValue(text, 'mysql_up'), 1);
      assert.deepEqual(errorsOf(text), []);
    }
    await eventually(async () => {
      const open = await connections();
      assert.ok(open <= 4, `${open} connections`);
    });
  }
  assert.equal(await refused(exporter, 'connections'), 0);
  assert.ok(((await own(exporter, 'query_exporter_connections', { state: 'idle' })) ?? 99) <= 4);
});

test('below --max-connections each target keeps its own', async () => {
  const exporter = await start(`--max-connections=${NAMES.length}`);
  const ids = () =>
    Promise.all(
      servers.map((server) =>
        server.root('SELECT id AS id FROM information_schema.processlist WHERE user = ? ORDER BY id', [USER]),
      ),
    );
  const probeAll = () => Promise.all(NAMES.map((name) => exporter.probe(name, 10, '&query_set=one')));
  await probeAll();
  await eventually(async () => assert.equal(await connections(), NAMES.length));
  const before = await ids();
  for (let round = 0; round < 3; round++) await probeAll();
  assert.deepEqual(await ids(), before);
});

test('who waits for a connection in vain is told queue, and counted; others go on', async () => {
  const exporter = await start('--max-connections=2');
  const [first = '', second = '', third = ''] = NAMES;
  await using holding = await hold(mariadb, LOCK);
  const busy = [first, second].map((name) => exporter.probe(name, 10, '&query_set=slow'));
  await eventually(async () => assert.equal(await own(exporter, 'query_exporter_queries_in_flight'), 2));
  const { status, text } = await exporter.probe(third, 0.75);
  assert.equal(status, 200);
  assert.equal(metricValue(text, 'mysql_up'), 0);
  assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'queue' }), 1);
  assert.deepEqual(errorsOf(text), ['one/one: queue', 'two/two: queue']);
  await eventually(async () =>
    assert.match(
      exporter.log,
      /msg="target is down" .* reason=queue err="all 2 connections of .*--max-connections/,
    ),
  );
  assert.equal(await refused(exporter, 'connections'), 2);
  await holding.release();
  for (const answer of await Promise.all(busy)) assert.equal(metricValue(answer.text, 'test_slow'), 1);
  assert.equal(metricValue((await exporter.probe(third)).text, 'mysql_up'), 1);
  assert.equal(await refused(exporter, 'connections'), 2);
});

test('who waits to be asked in vain is told queue, and counted; its connection is free for others', async () => {
  const exporter = await start('--max-queries=1');
  const [first = '', second = '', third = ''] = NAMES;
  await exporter.probe(second); // so that it has its connection
  await using holding = await hold(mariadb, LOCK);
  const busy = exporter.probe(first, 10, '&query_set=slow');
  await eventually(async () => assert.equal(await own(exporter, 'query_exporter_queries_in_flight'), 1));
  const { status, text } = await exporter.probe(second, 0.75);
  assert.equal(status, 200);
  assert.deepEqual(errorsOf(text), ['one/one: queue', 'two/two: queue']);
  assert.equal(await refused(exporter, 'queries'), 2);
  assert.equal(await own(exporter, 'query_exporter_connections', { state: 'busy' }), 1);
  await holding.release();
  assert.equal(metricValue((await busy).text, 'test_slow'), 1);
  for (const name of [second, third]) assert.deepEqual(errorsOf((await exporter.probe(name)).text), []);
  assert.equal(await refused(exporter, 'queries'), 2);
  assert.equal(await own(exporter, 'query_exporter_queries_in_flight'), 0);
});

test('above --web.max-response-bytes the largest query has the reason limit, the others their samples', async () => {
  const exporter = await start('--web.max-response-bytes=4000');
  const { status, text } = await exporter.probe(NAMES[0] ?? '', 10, '&query_set=sizes');
  assert.equal(status, 200);
  assert.equal(metricValue(text, 'mysql_up'), 1);
  assert.deepEqual(errorsOf(text), ['sizes/many: limit']);
  assert.equal(metricValue(text, 'test_some', { l: `${'x'.repeat(100)}2` }), 2);
  assert.equal(metricValue(text, 'test_many', { l: `${'x'.repeat(900)}2` }), undefined);
  assert.ok(Buffer.byteLength(text) <= 4000, `${Buffer.byteLength(text)} bytes`);
  assert.equal(await refused(exporter, 'response_bytes'), 1);
  assert.match(
    exporter.log,
    /level=warn msg="samples left out.*" target=\S+ query_set=sizes query=many bytes=\d+/,
  );
  assert.deepEqual(errorsOf((await exporter.probe(NAMES[0] ?? '')).text), []);
});

test('an answer of several targets shares --web.max-response-bytes', async () => {
  const whole = await start();
  const { text: all } = await whole.get('/scrape/all');
  assert.deepEqual(errorsOf(all), []);
  const max = Buffer.byteLength(all) - 4_000;
  const exporter = await start(`--web.max-response-bytes=${max}`);
  const { status, text } = await exporter.get('/scrape/all');
  assert.equal(status, 200);
  assert.ok(Buffer.byteLength(text) <= max, `${Buffer.byteLength(text)} bytes of ${max}`);
  assert.deepEqual(errorsOf(text), ['sizes/many: limit', 'sizes/many: limit']);
  for (const instance of NAMES) {
    assert.equal(metricValue(text, 'mysql_up', { instance }), 1);
    assert.equal(metricValue(text, 'test_some', { instance, l: `${'x'.repeat(100)}2` }), 2);
  }
  assert.equal(await refused(exporter, 'response_bytes'), 2);
});

test('without room for any samples the answer still tells that the server is up', async () => {
  const exporter = await start('--web.max-response-bytes=1');
  const { status, text } = await exporter.probe(NAMES[0] ?? '', 10, '&query_set=one');
  assert.equal(status, 200);
  assert.equal(metricValue(text, 'mysql_up'), 1);
  assert.deepEqual(errorsOf(text), ['one/one: limit']);
});

test('the connections leave open files for the scrapers', async () => {
  const args = [...PROGRAM, '--web.listen-address=127.0.0.1:0'];
  const config = fileURLToPath(new URL('../../../targets.yml', import.meta.url));
  const child = spawn(
    '/bin/sh',
    ['-c', 'ulimit -n 900 && exec "$@"', 'sh', ...args, `--config.file=${config}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await new Promise<string>((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
      const listening = /msg=listening .*port=(\d+)/.exec(log)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.once('exit', () => reject(new Error(log)));
  });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.match(text, /^query_exporter_connections_max 260$/m);
});
