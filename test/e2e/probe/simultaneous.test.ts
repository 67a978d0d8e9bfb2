/** Two Prometheus servers scrape one target at the same moment: each statement runs once, both get all of it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { hangUp } from '../../support/hang-up.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';

const MARKERS = ['simultaneous_one', 'simultaneous_two'];
const LOCK = 'simultaneous';

const servers = await realServers();
const exporter = await Exporter.start({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [shared], max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
  'queries.yml': `
query_sets:
  other:
    metrics:
      other: {query: SELECT 3 AS v, type: gauge, description: Other, value: v}
  half:
    namespace: test
    metrics:
      good: {query: "${heldStatement(LOCK)}", type: gauge, description: Good, value: v}
      bad: {query: SELECT v FROM shop.no_such_table, type: gauge, description: Bad, value: v}
  slow:
    namespace: test
    metrics:
      slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}
  shared:
    namespace: test
    metrics:
      one: {query: "${heldStatement(LOCK)} /* ${MARKERS[0]} */", type: gauge, description: One, value: v}
      two: {query: "SELECT 2 AS v /* ${MARKERS[1]} */", type: gauge, description: Two, value: v}
`,
});
after(() => exporter[Symbol.asyncDispose]());

/** How often statements with each marker have reached the server, by its general log. */
async function runs(server: RealServer): Promise<readonly number[]> {
  const counted: number[] = [];
  for (const marker of MARKERS) {
    const [row] = await server.root(
      `SELECT COUNT(*) AS n FROM mysql.general_log WHERE argument LIKE CONCAT('SELECT%', ?, ' */')`,
      [marker],
    );
    counted.push(Number(row?.['n']));
  }
  return counted;
}

/** Waits until so many probes are under way. */
async function inFlight(probes: number): Promise<void> {
  await eventually(async () => {
    const [, shown] =
      /^query_exporter_probes_in_flight (\d+)$/m.exec((await exporter.get('/metrics')).text) ?? [];
    assert.equal(shown, String(probes));
  });
}

for (const server of servers) {
  test(`${server.name}: two at once share one run`, async () => {
    await server.root("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON");
    after(() => server.root("SET GLOBAL general_log = OFF; SET GLOBAL log_output = 'FILE'"));
    const before = await runs(server);
    await using holding = await hold(server, LOCK);
    const probes = [exporter.probe(server.name, 10), exporter.probe(server.name, 9)];
    await inFlight(2);
    await holding.release();
    const answers = await Promise.all(probes);
    for (const { text } of answers) {
      assert.equal(metricValue(text, 'mysql_up'), 1);
      assert.equal(metricValue(text, 'test_one'), 1);
      assert.equal(metricValue(text, 'test_two'), 2);
      // In the order of the file, although the second is done first.
      assert.ok(text.indexOf('# HELP test_one') < text.indexOf('# HELP test_two'));
    }
    // Each answer tells its own timeout; a little of it may be over already.
    assert.deepEqual(
      answers.map(({ text }) =>
        Math.ceil((metricValue(text, 'query_exporter_probe_timeout_seconds') ?? 0) - 0.75),
      ),
      [9, 8],
    );
    assert.deepEqual(
      (await runs(server)).map((n, i) => n - (before[i] ?? 0)),
      [1, 1],
    );
  });

  test(`${server.name}: who hangs up does not take the answer from the other`, async () => {
    await using holding = await hold(server, LOCK);
    const leaving = new AbortController();
    const left = exporter.get(`/probe?target=${server.name}`, { signal: leaving.signal });
    const stays = exporter.probe(server.name);
    await inFlight(2);
    await hangUp(leaving);
    await assert.rejects(left);
    await inFlight(1);
    await holding.release();
    assert.equal(metricValue((await stays).text, 'test_one'), 1);
  });

  test(`${server.name}: whoever joins by query_set sees what became of each query`, async () => {
    await using holding = await hold(server, LOCK);
    const probes = [1, 2].map(() => exporter.probe(server.name, 10, '&query_set=half'));
    await inFlight(2);
    await holding.release();
    for (const { text } of await Promise.all(probes)) {
      assert.deepEqual(errorsOf(text), ['half/bad: sql']);
      assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'good' }), 1);
      assert.equal(metricValue(text, 'mysql_exporter_collector_success', { collector: 'collect.half' }), 0);
    }
  });

  test(`${server.name}: a request with little time does not take it from one with more`, async () => {
    await using holding = await hold(server, LOCK);
    const hurried = exporter.probe(server.name, 3, '&query_set=slow');
    await inFlight(1);
    const patient = exporter.probe(server.name, 10, '&query_set=slow');
    assert.deepEqual(errorsOf((await hurried).text), ['slow/slow: timeout']);
    await holding.release();
    assert.equal(metricValue((await patient).text, 'test_slow'), 1);
  });

  test(`${server.name}: other sets are another run`, async () => {
    const [shared, other] = await Promise.all([
      exporter.probe(server.name),
      exporter.probe(server.name, 10, '&query_set=other'),
    ]);
    assert.equal(metricValue(shared.text, 'test_one'), 1);
    assert.equal(metricValue(shared.text, 'query_exporter_other'), undefined);
    assert.equal(metricValue(other.text, 'query_exporter_other'), 3);
  });
}
