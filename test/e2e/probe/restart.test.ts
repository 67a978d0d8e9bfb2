/** Servers that die, freeze and come back under steady probing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { privateServer } from '../../support/real-servers.ts';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());

const QUERIES = `
query_sets:
  four:
    namespace: test
    metrics:
${[1, 2, 3, 4].map((n) => `      m${n}: {query: SELECT ${n} AS v, type: gauge, description: Number, value: v}`).join('\n')}
`;

const LONG = `
  long: {namespace: test, metrics: {long: {query: SELECT SLEEP(60) AS v, type: gauge, description: Long, value: v, timeout: 9s}}}
`;

/** Whether an answer has everything that the sets promise. */
function isComplete(text: string): boolean {
  return (
    metricValue(text, 'mysql_up') === 1 && [1, 2, 3, 4].every((n) => metricValue(text, `test_m${n}`) === n)
  );
}

/** What Prometheus announces, and what is kept back of it: the answer may take long to come, on a busy machine. */
const SCRAPE_SECONDS = 6;
const OFFSET = '--timeout-offset=4.5';

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [four], max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': QUERIES + LONG,
};
const exporter = await Exporter.start(files, OFFSET);
after(() => exporter[Symbol.asyncDispose]());

for (const server of servers) {
  test(`${server.name}: killed and restarted three times`, async () => {
    for (let round = 0; round < 3; round++) {
      assert.ok(isComplete((await exporter.probe(server.name)).text));
      const probes = Array.from({ length: 5 }, () => exporter.probe(server.name)); // some are under way as it dies
      await server.process.kill();
      for (const { status } of await Promise.all(probes)) assert.equal(status, 200);
      await exporter.untilConnected();
      const { status, text } = await exporter.probe(server.name);
      assert.equal(status, 200);
      assert.equal(metricValue(text, 'mysql_up'), 0);
      assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'refused' }), 1);
      await server.process.start();
      assert.ok(
        isComplete((await exporter.probe(server.name)).text),
        'the first probe after the restart is complete',
      );
    }
    assert.ok((await server.connections('exporter')) <= 3, 'no connection is left over on the server');
  });

  test(`${server.name}: frozen and thawed`, async () => {
    assert.ok(isComplete((await exporter.probe(server.name)).text));
    await exporter.untilConnected(); // one that is still being opened would be a sign of life from before the freeze
    const descriptors = await exporter.openDescriptors();
    await server.process.pause();
    try {
      for (let round = 0; round < 3; round++) {
        const startedAt = performance.now();
        const { text } = await exporter.probe(server.name, SCRAPE_SECONDS);
        const ms = performance.now() - startedAt;
        assert.ok(ms < SCRAPE_SECONDS * 1000, `answered after ${ms} ms`);
        assert.equal(metricValue(text, 'mysql_up'), 0, text);
      }
    } finally {
      server.process.resume();
    }
    await eventually(async () =>
      assert.ok(isComplete((await exporter.probe(server.name)).text), 'the answer is not complete'),
    );
    await eventually(async () => {
      assert.ok((await exporter.openDescriptors()) <= descriptors + 3, 'no descriptor is left over');
      assert.ok((await server.connections('exporter')) <= 3, 'no connection is left over');
      assert.deepEqual(await server.statementsRunning('exporter'), []);
    });
  });

  test(`${server.name}: a statement that a DBA kills is not sent again`, async () => {
    await exporter.probe(server.name); // so that its connection is one that was used before
    const probe = exporter.probe(server.name, 10, '&query_set=long');
    const { id } = await eventually(async () => {
      const [running] = await server.statementsRunning('exporter');
      assert.ok(running !== undefined, 'nothing runs');
      assert.match(running.sql ?? '', /SLEEP\(60\)/);
      return running;
    });
    // What ends as soon as it is asked was dead before: the exporter must have looked at its sockets since.
    for (let i = 0; i < 3; i++) await exporter.get('/-/healthy');
    await sleep(200);
    await server.root(`KILL ${id}`);
    const { text } = await probe;
    assert.deepEqual(errorsOf(text), ['long/long: lost']);
    assert.deepEqual(await server.untilIdle('exporter'), []);
  });

  test(`${server.name}: KILL of idle connections goes unnoticed`, async () => {
    assert.ok(isComplete((await exporter.probe(server.name)).text));
    await exporter.untilConnected();
    const rows = await server.root(
      `SELECT id AS id FROM information_schema.processlist WHERE user = 'exporter'`,
    );
    for (const { id } of rows) await server.root(`KILL ${Number(id)}`);
    await eventually(async () => assert.equal(await server.connections('exporter'), 0));
    assert.ok(isComplete((await exporter.probe(server.name)).text));
  });

  test(`${server.name}: a restart between two probes goes unnoticed`, async () => {
    assert.ok(isComplete((await exporter.probe(server.name)).text));
    await exporter.untilConnected();
    await server.process.kill();
    await server.process.start();
    assert.ok(isComplete((await exporter.probe(server.name)).text));
  });
}
