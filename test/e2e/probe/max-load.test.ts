/** `max_load` as people see it: in the answer, in the trace of a probe, on the pages, and across a reload. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'max_load_reader';
const metric = 'type: gauge, description: D, value: v';
const QUERIES = `
query_sets:
  own:
    namespace: t
    queries:
      slow: {query: SELECT SLEEP(0.2) + UUID_SHORT() % 1000000 AS v, metrics: {slow: {${metric}}}}
      broken: {query: SELECT SLEEP(0.2) AS v, metrics: {broken: {type: gauge, description: D, value: w}, other: {type: gauge, description: D, value: x}}}
      quick: {query: SELECT UUID_SHORT() % 1000000 AS v, metrics: {quick: {${metric}}}}
`;
/** Twenty seconds for what takes 0.2: no test machine is that slow. */
const targetsFile = (keys = 'max_load: 1%') => `
query_files: [q.yml]
defaults: {user: ${USER}, password: secret, query_sets: [own], ${keys}}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}\n`).join('')}`;

before(() => Promise.all(servers.map((server) => server.createUser(USER, 'secret'))));
after(() => Promise.all(servers.map((server) => server.dropUser(USER))));

const of = (text: string, family: string, query: string) =>
  metricValue(text, `query_exporter_query_${family}`, { query });

for (const { name } of servers)
  test(`${name}: a slow query waits, everywhere it is said, and a reload keeps or ends it`, async () => {
    await using exporter = await Exporter.start({ 'targets.yml': targetsFile(), 'q.yml': QUERIES });
    const probe = async () => (await exporter.probe(name)).text;
    const [first, second] = [await probe(), await probe()];
    assert.equal(metricValue(second, 't_slow', {}), metricValue(first, 't_slow', {}));
    assert.ok((of(second, 'age_seconds', 'slow') ?? 0) > (of(first, 'age_seconds', 'slow') ?? Infinity));
    for (const query of ['slow', 'broken'])
      assert.ok((of(second, 'interval_seconds', query) ?? 0) >= 20, second);
    // With 1 % it waits from 10 ms on, which a busy machine may take.
    const quickMs = (of(second, 'duration_seconds', 'quick') ?? Infinity) * 1000;
    assert.ok(quickMs >= 10 || of(second, 'interval_seconds', 'quick') === undefined, second);
    // A failure stands with its reason, and is counted and logged once.
    assert.match(second, /query_error\{query_set="own",query="broken",reason="missing_column"\} 1$/m);
    assert.equal(of(second, 'age_seconds', 'broken'), undefined);
    assert.equal(metricValue(second, 'mysql_up', {}), 1);
    const { text: metrics } = await exporter.get('/metrics');
    assert.match(metrics, /^query_exporter_query_failures_total\{reason="missing_column"\} 1$/m);

    const { text: trace } = await exporter.probe(name, 10, '&debug=true');
    assert.match(
      trace,
      / own\/slow is not asked: its last run took \d+\.\d s, and max_load has it wait for \d+\.\d s, of which \d+\.\d s are left$/m,
    );
    const api = JSON.parse((await exporter.get(`/api/v1/targets/${name}`)).text);
    const waits: readonly (number | undefined)[] = api.queries.map(
      ({ loadIntervalSeconds }: { readonly loadIntervalSeconds?: number }) => loadIntervalSeconds,
    );
    const [slow = 0, broken = 0, quick = 0] = waits;
    assert.ok(slow >= 20 && broken >= 20 && quick < 20, `${waits}`);
    assert.match(
      (await exporter.get(`/target/${name}`)).text,
      /SQL, at most [^<]+, waits \d[^<]* for max_load</,
    );

    const reload = async (keys: string) => {
      await exporter.write({ 'targets.yml': targetsFile(keys) });
      assert.equal((await exporter.get('/-/reload', { method: 'POST' })).text, 'reloaded\n');
      return await probe();
    };
    const kept = await reload('max_load: 1%, labels: {x: y}');
    assert.equal(metricValue(kept, 't_slow', {}), metricValue(first, 't_slow', {}));
    const asked = await reload('max_load: 100%');
    assert.notEqual(metricValue(asked, 't_slow', {}), metricValue(first, 't_slow', {}));
    assert.equal(of(asked, 'interval_seconds', 'slow'), undefined);
    assert.equal(of(asked, 'age_seconds', 'slow'), undefined);
  });
