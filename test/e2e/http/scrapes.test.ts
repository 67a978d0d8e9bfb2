/** Several targets in one answer: what is in it, and what a dead or slow one costs the others. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { hangUp } from '../../support/hang-up.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'scrapes';
for (const server of servers) await server.createUser(USER, 'pw');
after(() => Promise.all(servers.map((server) => server.dropUser(USER))));

const silent = createServer(() => {}).listen(0, '127.0.0.1');
await new Promise((resolve) => silent.once('listening', resolve));
const silentAddress = silent.address();
const silentPort = typeof silentAddress === 'object' ? silentAddress?.port : 0;
after(() => silent.close());

const live = servers
  .map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}", groups: [live]}\n`)
  .join('');
/** What is kept back of the announced time: an answer may take long to come, on a busy machine. */
const OFFSET = '--timeout-offset=3';

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [who], max_load: 100%}
groups: {live: {}, dead: {}}
targets:
${live}  refusing: {address: "127.0.0.1:1", groups: [dead]}
  silent: {address: "127.0.0.1:${silentPort}", groups: [dead], connect_timeout: 500ms}
  off: {address: "127.0.0.1:1", groups: [live], enabled: false}
scrapes:
  live: {groups: [live]}
  all: {}
  mixed: {groups: [live], query_sets: [who, half]}
  slow: {groups: [live], query_sets: [slow, who]}
`,
  'queries.yml': `
query_sets:
  who: {namespace: test, queries: {who: {query: "SELECT USER() AS instance, 1 AS v", metrics: {who: {type: gauge, description: Who, labels: [instance], value: v}}}}}
  half: {namespace: test, metrics: {half: {query: SELECT 1 AS w, type: gauge, description: Half, value: v}}}
  slow: {namespace: test, metrics: {slow: {query: SELECT SLEEP(60) AS v, type: gauge, description: Slow, value: v, timeout: 30s}}}
`,
};
const exporter = await Exporter.start(files, OFFSET);
after(() => exporter[Symbol.asyncDispose]());

/** The usual one, less the offset. */
const SCRAPE_TIMEOUT_MS = 7_000;

const scrape = async (name: string, timeoutSeconds = 10) => {
  const started = performance.now();
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutSeconds) };
  const { status, text } = await exporter.get(`/scrape/${name}`, { headers });
  return { status, text, ms: performance.now() - started };
};

test('every sample has the instance, every family one HELP and TYPE', async () => {
  const { status, text } = await scrape('live');
  assert.equal(status, 200);
  const samples = parseExposition(text);
  const names = servers.map(({ name }) => name).sort();
  assert.deepEqual([...new Set(samples.map(({ labels }) => labels['instance']))].sort(), names);
  for (const instance of names) {
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 1);
    assert.equal(metricValue(text, 'mysql_up', { instance }), 1);
    assert.equal(metricValue(text, 'test_who', { instance }), 1);
  }
  const who = samples.find(({ name }) => name === 'test_who');
  assert.match(who?.labels['exported_instance'] ?? '', new RegExp(`^${USER}@`));
});

test('a dead target costs its own samples, and no more time than its connect timeout', async () => {
  const { ms, text } = await scrape('all');
  assert.ok(ms >= 450 && ms < SCRAPE_TIMEOUT_MS, `${ms} ms`);
  for (const { name: instance } of servers) assert.equal(metricValue(text, 'test_who', { instance }), 1);
  for (const instance of ['refusing', 'silent']) {
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 0);
    assert.equal(metricValue(text, 'mysql_up', { instance }), 0);
  }
  assert.equal(
    metricValue(text, 'query_exporter_probe_error', { instance: 'refusing', reason: 'refused' }),
    1,
  );
  assert.equal(metricValue(text, 'test_who', { instance: 'silent' }), undefined);
});

test('one failing query makes the status 0 and stops nothing', async () => {
  const { text } = await scrape('mixed');
  for (const { name: instance } of servers) {
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 0);
    assert.equal(metricValue(text, 'mysql_up', { instance }), 1);
    assert.equal(metricValue(text, 'test_who', { instance }), 1);
    assert.equal(metricValue(text, 'test_half', { instance }), undefined);
    assert.equal(metricValue(text, 'query_exporter_query_error', { instance, reason: 'missing_column' }), 1);
  }
});

test('the deadline is one for all, and what was there in time is answered', async () => {
  await scrape('mixed'); // the logins have no part in it
  const { ms, status, text } = await scrape('slow', 6);
  assert.equal(status, 200);
  assert.ok(ms < 6000, `${ms} ms`);
  for (const { name: instance, untilIdle } of servers) {
    assert.equal(metricValue(text, 'test_who', { instance }), 1);
    assert.equal(metricValue(text, 'query_exporter_status', { instance }), 0);
    assert.equal(metricValue(text, 'query_exporter_query_error', { instance, reason: 'timeout' }), 1);
    assert.deepEqual(await untilIdle(USER), []);
  }
});

test('a client that hangs up ends the queries on all servers', async () => {
  const control = new AbortController();
  const request = exporter.get('/scrape/slow', { signal: control.signal });
  await eventually(async () => {
    for (const server of servers) assert.equal((await server.statementsRunning(USER)).length, 1);
  });
  await hangUp(control);
  await assert.rejects(request);
  for (const server of servers) assert.deepEqual(await server.untilIdle(USER), []);
});

test('unknown names, other methods, HEAD', async () => {
  const unknown = await exporter.get('/scrape/lvie');
  assert.deepEqual([unknown.status, unknown.text], [404, 'nothing here; did you mean /scrape/live?\n']);
  assert.equal(unknown.headers.get('content-type'), 'text/plain; charset=utf-8');
  for (const path of ['/scrape/', '/scrape', '/live']) assert.equal((await exporter.get(path)).status, 404);
  const post = await exporter.get('/scrape/live', { method: 'POST' });
  assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  const probes = async () =>
    /^query_exporter_probes_total (\d+)$/m.exec((await exporter.get('/metrics')).text)?.[1];
  const before = await probes();
  assert.equal((await exporter.get('/scrape/live', { method: 'HEAD' })).status, 200);
  assert.equal((await exporter.get('/scrape/lvie', { method: 'HEAD' })).status, 404);
  assert.equal(await probes(), before);
});

test('the page at / has a link to each', async () => {
  assert.match((await exporter.get('/')).text, /<a href="scrape\/live">\/scrape\/live<\/a>, 2 targets/);
});
