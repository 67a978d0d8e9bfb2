/** `target_labels`: the labels of a target on every sample of its probe. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseExposition } from '../../support/parse-exposition.ts';
import { checkMetrics } from '../../support/promtool.ts';
import { realServers } from '../../support/real-servers.ts';
import { configOf, serveProgram } from './served-program.ts';

const [server] = await realServers();
assert.ok(server !== undefined);

const configWith = (isOn: boolean) =>
  configOf({
    'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [one, wide], target_labels: ${isOn}}
targets:
  main: {address: "127.0.0.1:${server.port}", labels: {env: "a \\"b\\" ä", shard: "1", own: target}}
  bare: {address: "127.0.0.1:${server.port}"}
  dead: {address: "127.0.0.1:1", labels: {env: prod}}
  "*.localhost:${server.port}": {networks: [127.0.0.0/8], labels: {env: found}}
scrapes: {both: {targets: [main, bare]}}
`,
    'queries.yml': `
query_sets:
  one: {namespace: test, queries: {one: {query: "SELECT 1 AS v, 'query' AS own", metrics: {one: {type: gauge, description: One, labels: all, value: v}}}}}
  wide:
    namespace: test
    queries:
      status:
        query: SHOW GLOBAL STATUS LIKE 'Threads%'
        metrics: {threads: {type: gauge, description: Threads by state, labels: [{column: Variable_name, as: state}], value: Value}}
`,
  });

const exporter = await serveProgram(await configWith(true));
after(() => exporter.close());
const get = async (path: string, encoding = 'identity') =>
  await (await fetch(`http://${exporter.host}${path}`, { headers: { 'accept-encoding': encoding } })).text();

const LABELS = { env: 'a "b" ä', shard: '1', own: 'target' };

test('every sample has them, and an own label of that name is called as Prometheus would call it', async () => {
  const text = await get('/probe?target=main');
  const samples = parseExposition(text);
  assert.ok(samples.length > 10);
  for (const { labels, name } of samples)
    for (const [label, value] of Object.entries(LABELS)) assert.equal(labels[label], value, name);
  assert.equal(samples.find(({ name }) => name === 'test_one')?.labels['exported_own'], 'query');
  assert.ok(samples.some(({ name, labels }) => name === 'test_threads' && labels['state'] !== undefined));
  assert.deepEqual(await checkMetrics(text), []);
});

test('the compressed answer is the same', async () => {
  const withoutTimes = (text: string) => text.replace(/^(.*seconds.*|test_threads.*) \S+$/gm, '$1');
  const plain = await get('/probe?target=main');
  assert.equal(withoutTimes(await get('/probe?target=main', 'gzip')), withoutTimes(plain));
});

for (const { target, env } of [
  { target: 'bare', env: undefined },
  { target: 'dead', env: 'prod' },
  { target: `db.localhost:${server.port}`, env: 'found' },
])
  test(`${target} has ${env}`, async () => {
    const samples = parseExposition(await get(`/probe?target=${target}`));
    assert.ok(samples.length > 3);
    for (const { labels } of samples) assert.equal(labels['env'], env);
  });

test('a scrape of several targets has them beside the instance', async () => {
  const samples = parseExposition(await get('/scrape/both'));
  for (const { labels } of samples)
    assert.equal(labels['env'], labels['instance'] === 'main' ? LABELS.env : undefined);
  assert.deepEqual(new Set(samples.map(({ labels }) => labels['instance'])), new Set(['main', 'bare']));
});

test('without it no sample has one', async () => {
  exporter.program.swap(await configWith(false));
  const samples = parseExposition(await get('/probe?target=main'));
  for (const { labels } of samples) assert.equal(labels['env'], undefined);
  assert.equal(samples.find(({ name }) => name === 'test_one')?.labels['own'], 'query');
});
