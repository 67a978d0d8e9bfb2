/** A query that takes far too long: the others are answered in time, and nothing goes on running on the server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { hangUp } from '../../support/hang-up.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'slow_query';

const QUERIES = `
query_sets:
  mixed:
    namespace: test
    queries:
      bounded:
        query: SELECT SLEEP(60) AS v
        timeout: 500ms
        metrics: {bounded: {type: gauge, description: Bounded, value: v}}
      slow:
        query: SELECT SLEEP(60) AS v
        timeout: 30s
        metrics: {slow: {type: gauge, description: Slow, value: v}}
      busy:
        query: SELECT BENCHMARK(1000000000000, SHA2('x', 256)) AS v
        timeout: 30s
        metrics: {busy: {type: gauge, description: Busy, value: v}}
    metrics:
      good: {query: SELECT 1 AS v, type: gauge, description: Good, value: v}
      better: {query: SELECT 2 AS v, type: gauge, description: Better, value: v}
  quick: {metrics: {quick: {query: SELECT 3 AS v, type: gauge, description: Quick, value: v}}}
`;

const servers = await realServers();

/** What Prometheus announces, and what is left of it for the answer: far less, as its way may take long. */
const SCRAPE_SECONDS = 6;
const OFFSET = '--timeout-offset=3';

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${USER}, password: pw, query_sets: [mixed], max_connections: 4, max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': QUERIES,
};
const exporter = await Exporter.start(files, OFFSET);
after(() => exporter[Symbol.asyncDispose]());

for (const server of servers) {
  await server.createUser(USER, 'pw');
  after(() => server.dropUser(USER));

  test(`${server.name}: the good ones are answered before the scrape timeout`, async () => {
    await exporter.probe(server.name, 10, '&query_set=quick'); // the login has no part in it
    const startedAt = performance.now();
    const { status, text } = await exporter.probe(server.name, SCRAPE_SECONDS);
    const ms = performance.now() - startedAt;
    assert.equal(status, 200);
    assert.ok(ms < SCRAPE_SECONDS * 1000, `answered after ${ms} ms`);
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.equal(metricValue(text, 'test_good'), 1);
    assert.equal(metricValue(text, 'test_better'), 2);
    assert.deepEqual(errorsOf(text), [
      'mixed/bounded: timeout',
      'mixed/slow: timeout',
      'mixed/busy: timeout',
    ]);
    assert.equal(metricValue(text, 'test_slow'), undefined);
    assert.equal(metricValue(text, 'test_bounded'), undefined, 'an interrupted SLEEP() is no value');
    await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
  });

  test(`${server.name}: nothing runs on when the scraper hangs up`, async () => {
    const leaving = new AbortController();
    const probe = exporter.get(`/probe?target=${server.name}`, { signal: leaving.signal });
    await eventually(async () => {
      const running = await server.statementsRunning(USER);
      const isBusy = running.some(({ sql }) => sql?.includes('BENCHMARK'));
      assert.ok(isBusy && running.length >= 2, `${running.length} statements run`);
    });
    await hangUp(leaving);
    await assert.rejects(probe, { name: 'AbortError' });
    await eventually(async () => assert.deepEqual(await server.statementsRunning(USER), []));
  });

  test(`${server.name}: the next probe is as good as the first`, async () => {
    const { text } = await exporter.probe(server.name, SCRAPE_SECONDS);
    assert.equal(metricValue(text, 'test_good'), 1);
    assert.ok((await server.connections(USER)) <= 5, 'four connections, and one that kills');
  });
}
