/** Targets by pattern on real servers: which name gets what, networks, reloads, and many names. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { nameServer } from '../../support/dns-server.ts';
import { eventually } from '../../support/eventually.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';
import { resolvingExporter } from '../families/resolving-exporter.ts';
import { configOf, serveProgram } from './served-program.ts';

const QUERIES = `
query_sets:
  one: {namespace: test, metrics: {one: {query: SELECT CONNECTION_ID() AS v, type: gauge, description: Id, value: v}}}
  two: {namespace: test, metrics: {two: {query: SELECT 2 AS v, type: gauge, description: Two, value: v}}}
`;

const servers = await realServers();
const [server] = servers;
assert.ok(server !== undefined);
const USER = `patterns_${process.pid}`;
for (const each of servers) {
  await each.createUser(USER, 'pw');
  after(() => each.dropUser(USER));
}

const configWith = (targets: string) =>
  configOf({
    'targets.yml': `query_files: [queries.yml]\ndefaults: {user: ${USER}, password: pw, query_sets: [one]}\ntargets:\n${targets}`,
    'queries.yml': QUERIES,
  });

const ofServers = (more = '') =>
  servers.map(({ port }) => `  "127.0.5.*:${port}": {max_connections: 1${more}}`).join('\n');
const TARGETS = `${ofServers()}
  "127.0.5.1*:${server.port}": {query_sets: [two]}
  "127.0.5.10:${server.port}": {query_sets: [one, two]}
  "*.localhost:${server.port}": {networks: [127.0.0.0/8], max_connections: 1}
  "*far.localhost:${server.port}": {networks: [10.0.0.0/8]}
  "127.1.*:1": {max_names: 50}
  "off-*.localhost:${server.port}": {enabled: false, networks: [127.0.0.0/8]}
`;
const exporter = await serveProgram(await configWith(TARGETS));
after(() => exporter.close());

async function get(path: string, init?: RequestInit) {
  const response = await fetch(`http://${exporter.host}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const probe = (name: string, more = '') => get(`/probe?target=${encodeURIComponent(name)}${more}`);
const ownMetric = async (series: string) => {
  const lines = (await get('/metrics')).text.split('\n');
  return lines.find((line) => line.startsWith(`${series} `))?.split(' ')[1];
};

for (const { name, port } of servers)
  test(`${name} answers by an address that no entry has`, async () => {
    const { status, text } = await probe(`127.0.5.2:${port}`);
    assert.equal(status, 200);
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.ok((metricValue(text, 'test_one') ?? 0) > 0);
  });

for (const { name, sets } of [
  { name: `127.0.5.2:${server.port}`, sets: ['one'] },
  { name: `127.0.5.12:${server.port}`, sets: ['two'] },
  { name: `127.0.5.10:${server.port}`, sets: ['one', 'two'] },
])
  test(`${name} has ${sets.join(' and ')}: an exact name, then the longer pattern, wins`, async () => {
    const { text } = await probe(name);
    for (const set of ['one', 'two'])
      assert.equal(metricValue(text, `test_${set}`) !== undefined, sets.includes(set), set);
  });

for (const name of [
  `127.0.5.evil.example:${server.port}`,
  '127.0.5.2:1',
  '127.0.5.2',
  `127.0.5.2.3:${server.port}`,
  `u:p@db.localhost:${server.port}`,
  `*.localhost:${server.port}`,
])
  test(`${name} is no target`, async () => assert.equal((await probe(name)).status, 404));

test('a name can be looked up, and a wrong parameter takes no place', async () => {
  const before = exporter.program.prober.namesInUse;
  const bad = await probe(`new.localhost:${server.port}`, '&query_set=none');
  assert.equal(bad.status, 400);
  const head = await get(`/probe?target=new.localhost:${server.port}`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  const off = await probe(`off-1.localhost:${server.port}`);
  assert.deepEqual([off.status, off.text], [404, `target "off-1.localhost:${server.port}" is disabled\n`]);
  assert.equal(exporter.program.prober.namesInUse, before);
  const { text } = await probe(`new.localhost:${server.port}`);
  assert.equal(metricValue(text, 'mysql_up'), 1);
  assert.equal(exporter.program.prober.namesInUse, before + 1);
});

test('a name that leads out of its networks is down for that reason', async () => {
  const { status, text } = await probe(`far.localhost:${server.port}`);
  assert.equal(status, 200);
  assert.equal(metricValue(text, 'mysql_up'), 0);
  assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'dns' }), 1);
});

test('of 2,000 names as many are asked as the pattern may have, and the others are told so', async () => {
  const nameOf = (n: number) => `127.1.${n >> 8}.${n & 255}:1`;
  const statuses = new Map<number, number>();
  let next = 0;
  const work = async () => {
    while (next < 2_000) {
      const { status } = await probe(nameOf(next++));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const before = exporter.program.prober.namesInUse;
  await Promise.all(Array.from({ length: 20 }, work));
  assert.deepEqual(Object.fromEntries(statuses), { 200: 50, 503: 1_950 });
  assert.equal(exporter.program.prober.namesInUse, before + 50);
  assert.equal(await ownMetric('query_exporter_pattern_names'), String(before + 50));
  assert.equal(await ownMetric('query_exporter_refused_total{limit="names"}'), '1950');
  const { headers, status, text } = await probe(nameOf(1_999));
  assert.deepEqual([status, headers.get('retry-after')], [503, '60']);
  assert.equal(text, 'the pattern 127.1.*:1 has 50 names in use, and takes no other one (max_names)\n');
  assert.equal((await probe(nameOf(0))).status, 200, 'those that are in use go on');
});

test('patterns are neither in /sd nor in the number of targets', async () => {
  const list = JSON.parse((await get('/sd')).text) as { targets: string[] }[];
  assert.deepEqual(
    list.flatMap(({ targets }) => targets),
    [`127.0.5.10:${server.port}`],
  );
  assert.equal(await ownMetric('query_exporter_targets'), '1');
  assert.match(
    (await get('/')).text,
    /<a href="target\/127\.1\.\*%3A1">127\.1\.\*:1<\/a>: up to 50 names at once/,
  );
});

for (const each of servers)
  test(`${each.name}: a reload keeps the connection of a name whose pattern is the same`, async () => {
    const name = `127.0.5.77:${each.port}`;
    const { swap } = exporter.program;
    const idOf = async () => metricValue((await probe(name)).text, 'test_one');
    const id = await idOf();
    assert.ok(id !== undefined);
    swap(await configWith(`${TARGETS}  another: {address: h}\n`));
    assert.equal(await idOf(), id);
    swap(await configWith(ofServers(', session: {net_write_timeout: 77}')));
    const other = await idOf();
    assert.ok(other !== undefined && other !== id, 'another session for other settings');
    swap(await configWith('  another: {address: h}\n'));
    assert.equal((await probe(name)).status, 404);
    assert.equal(exporter.program.prober.namesInUse, 0);
    await eventually(async () => assert.equal(await each.connections(USER), 0, 'its connections are closed'));
    swap(await configWith(TARGETS));
  });

test('names of a name server: those that lead into the networks are asked, the others are not', async (t) => {
  const zone = {
    'in.db.test': ['127.0.7.1'],
    'out.db.test': ['127.0.8.1'],
    'both.db.test': ['127.0.8.1', '127.0.7.2'],
  };
  const names = await nameServer(t, zone);
  await using process = await resolvingExporter(
    {
      'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [one]}
targets: {"*.db.test:${server.port}": {networks: [127.0.7.0/24]}}
`,
      'queries.yml': QUERIES,
    },
    names.address,
  );
  const outcomeOf = async (name: string) => {
    const { text } = await process.probe(`${name}.db.test:${server.port}`);
    const reason = /^query_exporter_probe_error\{reason="(\w+)"\} 1$/m.exec(text)?.[1];
    return [metricValue(text, 'mysql_up'), reason];
  };
  assert.deepEqual(await outcomeOf('in'), [1, undefined]);
  assert.deepEqual(await outcomeOf('out'), [0, 'dns']);
  assert.deepEqual(await outcomeOf('both'), [1, undefined]);
  assert.deepEqual(await outcomeOf('none'), [0, 'dns']);
  assert.match(process.log, /out\.db\.test leads to 127\.0\.8\.1, outside of the networks of its pattern/);
});
