/** A query that takes far too long: the others are answered in time, and nothing goes on running on the server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'slow_query';

const QUERIES = `
query_sets:
  mixed:
    namespace: test
    queries:
      slow:
        query: SELECT SLEEP(25) AS v
        timeout: 30s
        metrics: {slow: {type: gauge, description: Slow, value: v}}
      bounded:
        query: SELECT SLEEP(25) AS v
        timeout: 500ms
        metrics: {bounded: {type: gauge, description: Bounded, value: v}}
      busy:
        query: SELECT BENCHMARK(1000000000000, SHA2('x', 256)) AS v
        timeout: 30s
        metrics: {busy: {type: gauge, description: Busy, value: v}}
    metrics:
      good: {query: SELECT 1 AS v, type: gauge, description: Good, value: v}
      better: {query: SELECT 2 AS v, type: gauge, description: Better, value: v}
`;

const servers = await realServers();

const exporter = await Exporter.start({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [mixed], max_connections: 4}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': QUERIES,
});
after(() => exporter[Symbol.asyncDispose]());

for (const server of servers) {
  await server.createUser(USER, 'pw');
  after(() => server.dropUser(USER));

  test(`${server.name}: the good ones are answered before the scrape timeout`, async () => {
    const startedAt = performance.now();
    const { status, text } = await exporter.probe(server.name, 2);
    const answeredAt = performance.now();
    assert.equal(status, 200);
    assert.ok(answeredAt - startedAt < 2000, `answered after ${answeredAt - startedAt} ms`);
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.equal(metricValue(text, 'test_good'), 1);
    assert.equal(metricValue(text, 'test_better'), 2);
    assert.deepEqual(errorsOf(text), [
      'mixed/slow: timeout',
      'mixed/bounded: timeout',
      'mixed/busy: timeout',
    ]);
    assert.equal(metricValue(text, 'test_slow'), undefined);
    assert.equal(metricValue(text, 'test_bounded'), undefined, 'an interrupted SLEEP() is no value');
    await eventually(1000 - (performance.now() - answeredAt), async () =>
      assert.deepEqual(await server.statementsRunning(USER), []),
    );
  });

  test(`${server.name}: nothing runs on when the scraper hangs up`, async () => {
    const hangUp = new AbortController();
    const probe = exporter.get(`/probe?target=${server.name}`, { signal: hangUp.signal });
    await eventually(2000, async () => {
      const running = await server.statementsRunning(USER);
      assert.ok(running.some(({ sql }) => sql?.includes('BENCHMARK')) && running.length >= 2);
    });
    hangUp.abort();
    await assert.rejects(probe, { name: 'AbortError' });
    await eventually(1000, async () => assert.deepEqual(await server.statementsRunning(USER), []));
  });

  test(`${server.name}: the next probe is as good as the first`, async () => {
    const { text } = await exporter.probe(server.name, 2);
    assert.equal(metricValue(text, 'test_good'), 1);
    assert.ok((await server.connections(USER)) <= 5, 'four connections, and one that kills');
  });
}
