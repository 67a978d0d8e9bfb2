/** A node of Galera that has lost its cluster: its state is shown, at once, although it refuses its tables. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { galeraLibrary, startGaleraNode } from '../../../harness/galera.ts';
import { findMariadbRelease, findMariadbWithPlugins } from '../../../harness/programs.ts';
import { loadSamples } from '../../../harness/samples.ts';
import type { DatabaseServer } from '../../../harness/server-process.ts';
import { loadShippedSets } from '../../../src/config/load.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';

const SHIPPED = [...(await loadShippedSets()).keys()];

/** Two nodes, the first with data; it is the one that is asked. */
async function startCluster(program: Awaited<ReturnType<typeof findMariadbWithPlugins>>) {
  const library = await galeraLibrary(program);
  assert.ok(library !== undefined, 'the library of Galera is beside the server');
  const options = {
    cluster: 'test',
    // A read waits for what other nodes have written, which a node alone never learns.
    args: ['--wsrep-sync-wait=15', '--performance-schema=ON', '--log-bin=binlog'],
  };
  const first = await startGaleraNode(program, library, options);
  await loadSamples((sql) => first.server.query(sql), { except: ['03-writer.sql', '04-fleet.sql'] });
  const second = await startGaleraNode(program, library, { ...options, joins: first.address });
  after(async () => {
    // A node without its cluster does not stop by itself.
    await first.server.kill();
    await Promise.all([first.server, second.server].map((server) => server.stop()));
  });
  await eventually(async () => assert.equal(await statusOf(first.server, 'wsrep_cluster_size'), '2'));
  return { node: first.server, other: second.server, release: program.version };
}

async function statusOf(server: DatabaseServer, name: string): Promise<string> {
  await server.query('SET SESSION wsrep_sync_wait = 0');
  const [row] = await server.query('SHOW GLOBAL STATUS WHERE Variable_name = ?', [name]);
  return String(row?.['Value']);
}

async function exporterFor(port: number): Promise<Exporter> {
  const target = (rest: string) => `{address: "127.0.0.1:${port}", ${rest}}`;
  return await Exporter.start({
    'targets.yml': `
query_files: [queries.yml, ${fileURLToPath(new URL('../../../queries', import.meta.url))}/*.yml]
defaults: {user: root, password: "", query_sets: [goods], scrape_timeout: 30s}
targets:
  node: ${target(`query_sets: [goods, ${SHIPPED.join(', ')}]`)}
  strict: ${target('session: {wsrep_dirty_reads: 0}')}
`,
    'queries.yml': `
query_sets:
  goods:
    namespace: test
    metrics: {goods: {query: SELECT COUNT(*) AS v FROM shop.customers, type: gauge, description: Goods, value: v}}
`,
  });
}

const clusters = await Promise.all(
  [findMariadbWithPlugins(), findMariadbRelease('11.8')].map(
    async (found) => await startCluster(await found),
  ),
);

for (const { node, other, release } of clusters) {
  test(`${release}: the state of a node that has lost its cluster`, async () => {
    await using before = await exporterFor(node.port);
    const { text } = await before.probe('node', 30);
    assert.deepEqual(errorsOf(text), []);
    assert.equal(metricValue(text, 'mysql_global_status_wsrep_ready'), 1);
    assert.equal(metricValue(text, 'mysql_global_status_wsrep_cluster_status'), 1);
    assert.equal(metricValue(text, 'mysql_global_status_wsrep_cluster_size'), 2);
    assert.equal(metricValue(text, 'mysql_role', { role: 'galera' }), 1);
    assert.deepEqual(errorsOf((await before.probe('strict')).text), []);

    await other.kill();
    await eventually(async () => assert.equal(await statusOf(node, 'wsrep_ready'), 'OFF'));

    // With connections that it has, and one that knows the server only as it is now.
    await using afterwards = await exporterFor(node.port);
    for (const exporter of [before, afterwards]) {
      const asked = await exporter.probe('node', 30);
      assert.deepEqual(errorsOf(asked.text), []);
      assert.equal(metricValue(asked.text, 'mysql_up'), 1);
      assert.equal(metricValue(asked.text, 'mysql_global_status_wsrep_ready'), 0);
      assert.equal(metricValue(asked.text, 'mysql_global_status_wsrep_cluster_status'), 0);
      assert.equal(metricValue(asked.text, 'mysql_role', { role: 'galera' }), 0);
      assert.equal(metricValue(asked.text, 'mysql_role', { role: 'galera_non_primary' }), 1);
      assert.equal(metricValue(asked.text, 'test_goods'), metricValue(text, 'test_goods'));
      // Nothing has waited for the cluster: that takes until the timeout of a query, 5 s.
      const slowest = Math.max(...[...asked.text.matchAll(DURATION)].map(([, seconds]) => Number(seconds)));
      assert.ok(slowest < 4, `${slowest} s`);
      // Who wants no old data gets the reason that a dead server has.
      assert.deepEqual(errorsOf((await exporter.probe('strict')).text), ['goods/goods: refused']);
    }
  });
}

const DURATION = /^query_exporter_query_duration_seconds\{.*\} (\S+)$/gm;
