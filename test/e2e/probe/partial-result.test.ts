/** A query of which some metrics find no column: the others are exposed, and every place says that it is partial. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();

const gauge = (value: string) => `{type: gauge, description: A number, value: ${value}}`;
const FILES = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [own]}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}\n`).join('')}`,
  'queries.yml': `
query_sets:
  own:
    namespace: test
    queries:
      half:
        query: SELECT 1 AS a, 2 AS b, 3 AS b
        metrics: {a: ${gauge('a')}, twice: ${gauge('b')}, lost: ${gauge('c')}}
      whole: {query: SELECT 1 AS v, metrics: {v: ${gauge('v')}}}
  kept:
    namespace: test
    queries:
      kept:
        query: SELECT RAND() AS a
        min_interval: 1h
        metrics: {kept: ${gauge('a')}, kept_lost: ${gauge('c')}}
  keys:
    namespace: test
    queries:
      keys:
        query: SHOW GLOBAL STATUS LIKE 'Uptime'
        key_value: {key: Variable_name, value: Value, rules: [{match: '^uptime$', metric: uptime, type: gauge, description: Seconds}]}
        metrics: {keys_lost: ${gauge('c')}}
`,
};
const exporter = await Exporter.start(FILES);
after(() => exporter[Symbol.asyncDispose]());

const errorOf = (text: string, query: string, metric: string) =>
  metricValue(text, 'query_exporter_metric_error', {
    query_set: query === 'half' ? 'own' : query,
    query,
    metric,
    reason: 'missing_column',
  });

for (const { name } of servers) {
  test(`${name}: the other metrics are there, and the query is no success`, async () => {
    const { text } = await exporter.probe(name);
    assert.equal(metricValue(text, 'test_a'), 1);
    assert.equal(metricValue(text, 'test_v'), 1);
    for (const metric of ['test_twice', 'test_lost']) {
      assert.equal(metricValue(text, metric), undefined);
      assert.equal(errorOf(text, 'half', metric), 1);
    }
    assert.equal(errorOf(text, 'half', 'test_a'), undefined);
    assert.deepEqual(errorsOf(text), ['own/half: missing_column']);
    assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'half' }), 0);
    assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'whole' }), 1);
    assert.equal(metricValue(text, 'mysql_exporter_collector_success', { collector: 'collect.own' }), 0);
    assert.match(
      exporter.log,
      new RegExp(`"metric failed" target=${name} .*metric=test_twice reason=missing_column err=.*twice`),
    );
  });

  test(`${name}: a kept result stays partial, is not asked again and not logged again`, async () => {
    const answers = [];
    for (let i = 0; i < 2; i++) answers.push((await exporter.probe(name, 10, '&query_set=kept')).text);
    const [first = '', second = ''] = answers;
    assert.equal(metricValue(second, 'test_kept'), metricValue(first, 'test_kept'));
    assert.notEqual(metricValue(second, 'test_kept'), undefined);
    for (const text of answers) {
      assert.equal(errorOf(text, 'kept', 'test_kept_lost'), 1);
      assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'kept' }), 0);
    }
    assert.ok((metricValue(second, 'query_exporter_query_age_seconds', { query: 'kept' }) ?? 0) > 0);
    assert.equal(
      exporter.log.split(`target=${name} query_set=kept query=kept metric=test_kept_lost`).length,
      2,
    );
  });

  test(`${name}: keys are there without the metrics beside them`, async () => {
    const { text } = await exporter.probe(name, 10, '&query_set=keys');
    assert.ok((metricValue(text, 'test_uptime') ?? 0) > 0, text);
    assert.equal(errorOf(text, 'keys', 'test_keys_lost'), 1);
  });

  test(`${name}: people are told the same`, async () => {
    const probed = await runCommand(FILES, 'probe', name);
    assert.equal(probed.code, 1);
    assert.match(
      probed.stderr,
      /^own\/half {2}.*1 row {2}partial, missing_column: column "b" is there twice: /m,
    );
    const query = await runCommand(FILES, 'probe', name, '--query=own/half');
    assert.equal(query.code, 1);
    assert.match(query.stdout, /^test_a 1$/m);
    assert.match(
      query.stderr,
      /^test_lost failed: missing_column: no column "c"; the result has "a", "b", "b"$/m,
    );
    const checked = await runCommand(FILES, 'check', '--target', name);
    assert.equal(checked.code, 1);
    assert.match(
      checked.stdout,
      /^own\/half +incomplete .*\n +test_twice: missing_column: .*\n +test_lost: missing_column: /m,
    );
  });
}

test('the counters of the exporter have the partial queries among the failed ones', async () => {
  const { text } = await exporter.get('/metrics');
  const [, failed] =
    /^query_exporter_query_failures_total\{reason="missing_column"\} (\d+)$/m.exec(text) ?? [];
  assert.ok(Number(failed) >= 2, text);
});
