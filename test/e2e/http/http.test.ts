/** What the HTTP surface answers, and what it refuses, without and with a server behind it. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const [server] = await realServers();
assert.ok(server !== undefined);
const USER = 'http_surface';
const LOCK = 'http_surface';
await server.createUser(USER, 'pw');
after(() => server.dropUser(USER));

const ODD_NAME = '<b>"odd" & name</b>';

const exporter = await Exporter.start(
  {
    'targets.yml': `
query_files: [queries.yml]
auth_modules: {other: {user: ${USER}, password: pw}, client.own-1: {user: exporter, password: exporter}}
defaults: {user: exporter, password: exporter, query_sets: [one], max_load: 100%}
targets:
  main: {address: "127.0.0.1:${server.port}", allow_auth_modules: [other], labels: {env: "<prod>"}}
  off: {address: "127.0.0.1:${server.port}", enabled: false}
  "127.0.0.1:${server.port}": {auth_module: client.own-1}
  '${ODD_NAME}': {address: "127.0.0.1:${server.port}"}
`,
    'queries.yml': `
query_sets:
  one: {namespace: test, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}
  two: {namespace: test, metrics: {two: {query: SELECT 2 AS v, type: gauge, description: Two, value: v}}}
  who: {namespace: test, queries: {who: {query: "SELECT USER() AS u", metrics: {who: {type: gauge, description: Who, labels: [u], static_value: 1}}}}}
  wide:
    namespace: test
    queries:
      many:
        query: SELECT CONCAT('row number ', a.ordinal_position, '-', b.ordinal_position) AS l, 1 AS v FROM information_schema.columns a JOIN information_schema.columns b WHERE a.table_name = 'PROCESSLIST' AND b.table_name = 'PROCESSLIST'
        metrics: {many: {type: gauge, description: Many, labels: [l], value: v}}
  slow: {namespace: test, metrics: {slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}}}
`,
  },
  '--web.max-requests=2',
);
after(() => exporter[Symbol.asyncDispose]());

const refusals = [
  { path: '/probe', status: 400, body: 'the parameter target is missing: /probe?target=NAME\n' },
  { path: '/probe?target=', status: 400, body: 'the parameter target is empty: /probe?target=NAME\n' },
  {
    path: '/probe?target=main&target=main',
    status: 400,
    body: 'the parameter target is given more than once; a probe is of one target\n',
  },
  { path: '/probe?target=mian', status: 404, body: 'unknown target "mian"; did you mean "main"?\n' },
  { path: '/probe?target=db.example.com:3306', status: 404, body: 'unknown target "db.example.com:3306"\n' },
  { path: '/probe?target=a%0Ab', status: 404, body: 'unknown target "a\\nb"\n' },
  { path: '/probe?target=off', status: 404, body: 'target "off" is disabled\n' },
  { path: '/probe?target=__proto__', status: 404, body: 'unknown target "__proto__"\n' },
  {
    path: '/probe?target=main&query_set=tow',
    status: 400,
    body: 'unknown query set "tow"; did you mean "two"?\n',
  },
  {
    path: '/probe?target=main&collect[]=nothing_like_it',
    status: 400,
    body: 'unknown query set "nothing_like_it"\n',
  },
  {
    path: '/probe?target=main&auth_module=root',
    status: 400,
    body: 'target "main" does not allow auth_module "root"; see allow_auth_modules\n',
  },
  {
    path: '/probe?target=main&auth_module=otter',
    status: 400,
    body: 'target "main" does not allow auth_module "otter"; did you mean "other"?\n',
  },
  {
    path: `/probe?target=127.0.0.1:${server.port}&auth_module=other`,
    status: 400,
    body: `target "127.0.0.1:${server.port}" does not allow auth_module "other"; see allow_auth_modules\n`,
  },
  {
    path: '/probe?target=main&collect[]=two&collect[]=collect.one',
    status: 400,
    body: 'unknown query set "collect.one"\n',
  },
  {
    path: '/probe?target=main&querry_set=one',
    status: 400,
    body: 'unknown parameter "querry_set"; did you mean "query_set"?\n',
  },
  {
    path: '/probe?target=main&verbose=true',
    status: 400,
    body: 'unknown parameter "verbose"; parameters are: target, query_set, collect[], auth_module, module, debug\n',
  },
  {
    path: '/probe?target=main&module=tow',
    status: 400,
    body: 'unknown query set "tow"; did you mean "two"?\n',
  },
  { path: '/probe?targt=main', status: 400, body: 'unknown parameter "targt"; did you mean "target"?\n' },
  { path: '/nothing', status: 404, body: 'nothing here; see / for what there is\n' },
  { path: '/scrape', status: 404, body: 'nothing here; see / for what there is\n' },
] as const;

/** What a job of mysqld_exporter sends that names no metrics_path. */
const atMetrics = refusals
  .filter(({ path }) => path.startsWith('/probe?'))
  .map((refusal) => ({ ...refusal, path: refusal.path.replace('/probe?', '/metrics?') }));

for (const { path, status, body } of [...refusals, ...atMetrics]) {
  test(`GET ${path} is ${status}`, async () => {
    const answer = await exporter.get(path);
    assert.equal(answer.status, status);
    assert.equal(answer.text, body);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });
}

test('a target name of a million characters is not echoed whole', async () => {
  const answer = await exporter.get(`/probe?target=${'x'.repeat(10_000)}`);
  assert.equal(answer.status, 404);
  assert.ok(answer.text.length < 200);
});

test('other methods are refused with what is allowed', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await exporter.get('/probe?target=main', { method });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'GET, HEAD');
  }
});

test('HEAD does no work', async () => {
  const probes = async () =>
    /^query_exporter_probes_total (\d+)$/m.exec((await exporter.get('/metrics')).text)?.[1];
  const before = await probes();
  assert.ok(before !== undefined);
  for (const [path, status] of [
    ['/probe?target=main', 200],
    ['/probe?target=nobody', 404],
    ['/probe', 400],
    ['/metrics', 200],
    ['/metrics?target=main', 200],
    ['/metrics?target=nobody', 404],
    ['/metrics?target=', 400],
    ['/metrics?collect[]=one', 200],
    ['/metrics?module=', 200],
    ['/metrics?targt=main', 400],
    ['/probe?target=main&module=', 200],
    ['/probe?target=main&module=tow', 400],
    ['/probe?target=main&colect[]=one', 400],
    ['/', 200],
    ['/-/healthy', 200],
  ] as const) {
    const answer = await exporter.get(path, { method: 'HEAD' });
    assert.equal(answer.status, status, path);
    assert.equal(answer.text, '');
  }
  assert.equal(await probes(), before);
});

test('query_set and collect[] choose exactly those sets', async () => {
  const { text } = await exporter.get('/probe?target=main&query_set=two&collect[]=who');
  assert.equal(metricValue(text, 'test_one'), undefined);
  assert.equal(metricValue(text, 'test_two'), 2);
  assert.equal(metricValue(text, 'test_who', { u: 'exporter@localhost' }), 1);
});

test('module, which Prometheus Operator sends, chooses a set too, and nothing when it is empty', async () => {
  const { text } = await exporter.get('/probe?target=main&module=two');
  assert.equal(metricValue(text, 'test_two'), 2);
  assert.equal(metricValue(text, 'test_one'), undefined);
  const empty = await exporter.get('/probe?target=main&module=');
  assert.equal(metricValue(empty.text, 'test_one'), 1);
});

for (const own of ['client.own-1', 'client'])
  test(`auth_module=${own} is the target's own login and changes nothing`, async () => {
    const target = `127.0.0.1:${server.port}`;
    const { text } = await exporter.probe(target, 10, `&query_set=who&auth_module=${own}`);
    assert.equal(metricValue(text, 'test_who', { u: 'exporter@localhost' }), 1);
  });

test('auth_module logs in as somebody else where the target allows it', async () => {
  const { text } = await exporter.get('/probe?target=main&query_set=who&auth_module=other');
  assert.equal(metricValue(text, 'test_who', { u: `${USER}@localhost` }), 1);
});

test('content type, and gzip only when asked for and worthwhile', async () => {
  const ask = async (path: string, encoding: string) =>
    await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(exporter.url).port), '127.0.0.1');
      let seen = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        seen += chunk;
      });
      socket.on('close', () => resolve(seen));
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: ${encoding}\r\n\r\n`,
      );
    });
  const wide = '/probe?target=main&query_set=wide';
  const plain = await ask(wide, 'identity');
  assert.match(plain, /content-type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/i);
  assert.doesNotMatch(plain, /content-encoding/i);
  assert.doesNotMatch(await ask(wide, 'gzip;q=0'), /content-encoding/i);
  assert.doesNotMatch(await ask('/-/healthy', 'gzip'), /content-encoding/i);
  const zipped = await ask(wide, 'deflate, gzip;q=0.5');
  assert.match(zipped, /content-encoding: gzip\r\n/i);
  assert.match(zipped, /vary: accept-encoding\r\n/i);
  const body = gunzipSync(Buffer.from(zipped.slice(zipped.indexOf('\r\n\r\n') + 4), 'latin1'));
  assert.equal(metricValue(body.toString(), 'mysql_up'), 1);
});

const timeouts = [
  { header: '5', expected: 4.75 },
  { header: '0.5', expected: 0.25 },
  { header: '0.2', expected: 0.1 },
  { header: '60', expected: 10 },
  { header: 'soon', expected: 10 },
  { header: '-3', expected: 10 },
  { header: '0', expected: 10 },
  { header: 'Infinity', expected: 10 },
  { header: undefined, expected: 10 },
] as const;

for (const { header, expected } of timeouts) {
  test(`a scrape timeout of ${header} leaves ${expected} s`, async () => {
    const headers: Record<string, string> =
      header === undefined ? {} : { 'X-Prometheus-Scrape-Timeout-Seconds': header };
    // A machine that pauses for some milliseconds right then leaves a little less.
    await eventually(async () => {
      const { status, text } = await exporter.get('/probe?target=main', { headers });
      assert.equal(status, 200);
      assert.equal(metricValue(text, 'query_exporter_probe_timeout_seconds'), expected);
    });
  });
}

test('above --web.max-requests the answer is 503, and the others are not hurt', async () => {
  await using holding = await hold(server, LOCK);
  const slow = () => exporter.get(`/probe?target=main&query_set=slow`);
  const first = [slow(), slow()];
  await eventually(async () => assert.match((await exporter.get('/metrics')).text, /probes_in_flight 2\n/));
  const third = await slow();
  assert.equal(third.status, 503);
  assert.equal(third.headers.get('retry-after'), '1');
  assert.equal((await exporter.get('/metrics?target=main')).status, 503);
  await holding.release();
  for (const { text } of await Promise.all(first)) assert.equal(metricValue(text, 'test_slow'), 1);
  assert.match((await exporter.get('/metrics')).text, /query_exporter_refused_total\{limit="requests"\} 2\n/);
});

test('the page lists every target, escaped, with a link that works', async () => {
  const { headers, text } = await exporter.get('/');
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.ok(!text.includes(ODD_NAME) && !text.includes('<prod>'));
  assert.ok(text.includes('&lt;b&gt;&quot;odd&quot; &amp; name&lt;/b&gt;'));
  assert.match(text, /<a href="target\/off">off<\/a><td class=disabled>disabled/);
  const links = [...text.matchAll(/href="(target\/[^"]+)"/g)].map((match) => match[1] ?? '');
  assert.equal(links.length, 4);
  for (const link of links)
    assert.equal((await exporter.get(`/${link.replaceAll('&#39;', "'")}`)).status, 200);
});

test('/metrics with a target is a probe of it, with the same parameters', async () => {
  const { headers, text } = await exporter.get(
    '/metrics?target=main&query_set=two&collect[]=who&auth_module=other',
    { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '5' } },
  );
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(metricValue(text, 'mysql_up'), 1);
  assert.equal(metricValue(text, 'test_one'), undefined);
  assert.equal(metricValue(text, 'test_who', { u: `${USER}@localhost` }), 1);
  assert.ok(!text.includes('query_exporter_build_info'));
  assert.ok((metricValue(text, 'query_exporter_probe_timeout_seconds') ?? 10) < 5);
});

test('/metrics without a target is of the exporter alone', async () => {
  const { text } = await exporter.get('/metrics');
  for (const family of [
    'query_exporter_build_info',
    'process_cpu_seconds_total',
    'query_exporter_probes_total',
  ]) {
    assert.ok(text.includes(`# TYPE ${family} `), family);
  }
  assert.ok(!text.includes('mysql_up'));
});

test('/metrics names the Node that the exporter runs on, which is the one that runs the tests', async () => {
  const { text } = await exporter.get('/metrics');
  const version = /^query_exporter_build_info\{.*nodeversion="([^"]*)"/m.exec(text)?.[1];
  assert.equal(version, process.version);
});

test('a client that sends its request too slowly is cut off', async () => {
  const socket = connect(Number(new URL(exporter.url).port), '127.0.0.1');
  socket.write('GET /-/healthy HTTP/1.1\r\nHost: x\r\n');
  const startedAt = performance.now();
  await new Promise((resolve) =>
    socket
      .on('close', resolve)
      .on('error', () => {})
      .resume(),
  );
  assert.ok(performance.now() - startedAt < 13_000);
});
