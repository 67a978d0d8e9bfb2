/** Clients that hold connections and answers: what they cost, and that honest scrapers go on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'clients';
const LOCK = 'clients';
for (const server of servers) await server.createUser(USER, 'pw');
after(() => Promise.all(servers.map((server) => server.dropUser(USER))));

/** 8 MB of labels: more than the buffers of both kernels take. */
const LARGE =
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) ' +
  "SELECT CONCAT(REPEAT('x', 900), a.n, '-', b.n) AS l, 1 AS v FROM r a JOIN (SELECT n FROM r WHERE n <= 10) b";
const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [one], max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': `
query_sets:
  one: {namespace: test, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}
  slow: {namespace: test, metrics: {slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}}}
  large: {namespace: test, queries: {large: {query: "${LARGE}", max_rows: 20000, max_series: 20000, metrics: {large: {type: gauge, description: Large, labels: [l], value: v}}}}}
`,
};

const sockets: Socket[] = [];
after(() => {
  for (const socket of sockets) socket.destroy();
});

/** Sends bytes, and reads only when the test says. */
async function client(exporter: Exporter, bytes = ''): Promise<Socket> {
  const socket = connect({
    port: Number(new URL(exporter.url).port),
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  sockets.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => {}).write(bytes);
  return socket;
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
/** The lines of one family, without the blank ones that prom-client writes. */
const own = async (exporter: Exporter, name: string, labels: Readonly<Record<string, string>> = {}) => {
  const { text } = await exporter.get('/metrics');
  const lines = text.split('\n').filter((line) => line.includes(name));
  return metricValue(`${lines.join('\n')}\n`, name, labels) ?? Number.NaN;
};

test('idle clients up to the limit of open files: probes are answered all the same', async () => {
  await using exporter = await Exporter.startWithin(900, files);
  for (let n = 0; n < 950; n++) await client(exporter, n % 2 === 0 ? ask('/-/healthy') : '');
  for (const { name } of servers)
    assert.equal(metricValue((await exporter.probe(name)).text, 'mysql_up'), 1, name);
  assert.ok((await own(exporter, 'query_exporter_refused_total', { limit: 'clients' })) >= 400);
  assert.ok((await exporter.openDescriptors()) < 650);
});

test('clients that send requests ahead and read nothing: little memory, and others are answered', async () => {
  await using exporter = await Exporter.start(files);
  const { name = '' } = servers[0] ?? {};
  await exporter.probe(name);
  const before = await own(exporter, 'process_resident_memory_bytes');
  for (let n = 0; n < 20; n++) (await client(exporter, ask('/metrics').repeat(2_000))).pause();
  assert.equal(metricValue((await exporter.probe(name)).text, 'mysql_up'), 1);
  const grown = (await own(exporter, 'process_resident_memory_bytes')) - before;
  assert.ok(grown < 100 << 20, `${grown >> 20} MiB`);
});

test('an answer that nobody reads counts for --web.max-requests until its client is gone', async () => {
  await using exporter = await Exporter.start(files, '--web.max-requests=1');
  const { name = '' } = servers[0] ?? {};
  const rogue = await client(exporter, ask(`/probe?target=${name}&query_set=large`));
  rogue.pause();
  await eventually(async () => assert.equal(await own(exporter, 'query_exporter_probes_total'), 1));
  assert.equal((await exporter.probe(name)).status, 503);
  rogue.destroy();
  await eventually(async () => assert.equal((await exporter.probe(name)).status, 200));
});

for (const server of servers) {
  test(`${server.name}: a client that ends its side behind its request gets the answer`, async () => {
    await using exporter = await Exporter.start(files);
    const half = await client(exporter);
    let received = '';
    half.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    await using holding = await hold(server, LOCK);
    half.end(ask(`/probe?target=${server.name}&query_set=slow`));
    await eventually(async () => assert.equal((await server.statementsRunning(USER)).length, 1));
    await sleep(100);
    await holding.release();
    await once(half, 'close');
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(received, /^test_slow 1$/m);
  });

  test(`${server.name}: who hangs up is no failure of the target, and no line of the log`, async () => {
    await using exporter = await Exporter.start(files);
    const lines = () => exporter.log.split('\n');
    const before = lines();
    await using _holding = await hold(server, LOCK);
    for (const sets of ['slow', 'slow&query_set=one']) {
      const leaves = await client(exporter, ask(`/probe?target=${server.name}&query_set=${sets}`));
      await eventually(async () => assert.equal((await server.statementsRunning(USER)).length, 1));
      await sleep(50); // so that it has not only ended its side
      leaves.destroy();
      await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
    }
    await eventually(async () => assert.equal(await own(exporter, 'query_exporter_probes_total'), 2));
    const { text } = await exporter.get('/metrics');
    assert.doesNotMatch(text, /^query_exporter_\w+_failures_total\{.*\} [^0]/m);
    assert.deepEqual(lines(), before);
  });
}
