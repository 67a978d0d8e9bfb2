/** SIGTERM: running probes are answered, servers get a goodbye, and the process is gone within ten seconds. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { privateServer } from '../../support/real-servers.ts';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());

const LOCK = 'stop';

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [waiting], query_timeout: 30s, scrape_timeout: 30s, max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': `
query_sets:
  waiting:
    namespace: test
    metrics:
      a_while: {query: "${heldStatement(LOCK)}", type: gauge, description: A while, value: v}
  hanging:
    namespace: test
    metrics:
      for_ever: {query: SELECT SLEEP(100) + 1 AS v, type: gauge, description: For ever, value: v}
`,
};

for (const server of servers) {
  test(`${server.name}: a running probe is answered, no client is counted as aborted`, async () => {
    const aborted = await server.globalStatus('Aborted_clients');
    await using holding = await hold(server, LOCK);
    await using exporter = await Exporter.start(files);
    const probe = exporter.probe(server.name);
    await eventually(async () => assert.equal((await server.statementsRunning('exporter')).length, 1));
    exporter.signal('SIGTERM');
    await eventually(() => assert.match(exporter.log, /msg=stopping/));
    await holding.release();
    const { status, text } = await probe;
    assert.equal(status, 200);
    assert.equal(metricValue(text, 'test_a_while'), 1);
    assert.equal(await exporter.exited(), 0);
    await eventually(async () => assert.equal(await server.connections('exporter'), 0));
    assert.equal(await server.globalStatus('Aborted_clients'), aborted);
  });

  test(`${server.name}: a probe that does not end is stopped, also on the server`, async () => {
    await using exporter = await Exporter.start(files);
    const probe = exporter.probe(server.name, 30, '&query_set=hanging').catch(() => undefined);
    await eventually(async () => assert.equal((await server.statementsRunning('exporter')).length, 1));
    const startedAt = performance.now();
    exporter.signal('SIGTERM');
    assert.equal(await exporter.exited(), 0);
    assert.ok(performance.now() - startedAt < 10_000);
    await probe;
    assert.deepEqual(await server.untilIdle('exporter'), []);
  });

  test(`${server.name}: a frozen server does not hold the stop up`, async () => {
    await using exporter = await Exporter.start(files);
    await exporter.probe(server.name);
    await server.process.pause();
    try {
      const probe = exporter.probe(server.name, 30).catch(() => undefined);
      const startedAt = performance.now();
      exporter.signal('SIGTERM');
      assert.equal(await exporter.exited(), 0);
      assert.ok(performance.now() - startedAt < 10_000);
      await probe;
    } finally {
      server.process.resume();
    }
  });
}

test('while it stops it is not ready', async () => {
  const [server] = servers;
  await using holding = await hold(server, LOCK);
  await using exporter = await Exporter.start(files);
  assert.equal((await exporter.get('/-/ready')).status, 200);
  const probe = exporter.probe(server.name);
  await eventually(async () => assert.equal((await server.statementsRunning('exporter')).length, 1));
  exporter.signal('SIGINT');
  await eventually(() => assert.match(exporter.log, /msg=stopping/));
  // New connections are refused, kept ones are told: either way nobody is told that it is ready.
  const ready = await exporter.get('/-/ready').catch(() => undefined);
  assert.notEqual(ready?.status, 200);
  await holding.release();
  assert.equal((await probe).status, 200);
});
