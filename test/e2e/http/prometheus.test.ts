/** A real Prometheus with the recipe that users copy, and what its tool says of the shipped sets. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { removeFolder, stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { findPrometheus } from '../../../harness/programs.ts';
import { startPrometheus, writePrometheusConfig } from '../../../harness/prometheus.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { checkMetrics } from '../../support/promtool.ts';
import { realServers } from '../../support/real-servers.ts';

const ROOT = new URL('../../../', import.meta.url);

const servers = await realServers();
const exporter = await Exporter.start({
  'targets.yml': `
defaults: {user: exporter, password: exporter, query_sets: [sessions, innodb, table_sizes]}
targets:
  dead: {address: "127.0.0.1:1"}
  dead-too: {address: "127.0.0.1:2"}
${servers
  .map(
    ({ name, port }) => `
  ${name}: {address: "127.0.1.1:${port}"}
  ${name}-wrong-password: {address: "127.0.1.2:${port}", password: wrong}`,
  )
  .join('')}
`,
});
after(() => exporter[Symbol.asyncDispose]());

/** Right for each target: what mysql_up is. */
const EXPECTED: Readonly<Record<string, string>> = {
  MariaDB: '1',
  'MariaDB-wrong-password': '0',
  MySQL: '1',
  'MySQL-wrong-password': '0',
  dead: '0',
  'dead-too': '0',
};

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

test('Prometheus scrapes six targets by the relabel recipe', async (t) => {
  const folder = temporaryFolder('prometheus');
  t.after(() => removeFolder(folder));
  const config = await writePrometheusConfig(folder, new URL(exporter.url).host, Object.keys(EXPECTED));
  const quick = (await readFile(config, 'utf8')).replace(/scrape_(interval|timeout): \d+s/g, 'scrape_$1: 3s');
  await writeFile(config, quick);
  const prometheus = await startPrometheus(await findPrometheus(), folder, config, await freePort());
  t.after(() => stopChild(prometheus.child, 5000));

  const ask = async (query: string): Promise<readonly Series[]> => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return ((await response.json()) as { data: { result: readonly Series[] } }).data.result;
  };
  const byInstance = async (query: string) =>
    Object.fromEntries((await ask(query)).map(({ metric, value }) => [metric['instance'], value[1]]));

  // One after the other at its own moment: a scrape that a busy machine lost is made up for.
  await eventually(async () => assert.deepEqual(await byInstance('mysql_up'), EXPECTED));
  await eventually(async () =>
    assert.deepEqual(
      await byInstance('up{job="mysql"}'),
      Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, '1'])),
      'the exporter answers for every target, also for dead ones',
    ),
  );
  await eventually(async () => {
    const sizes = await ask('count by (instance) (mysql_table_size_bytes)');
    assert.deepEqual(sizes.map(({ metric }) => metric['instance']).sort(), ['MariaDB', 'MySQL']);
  });
  await eventually(async () => {
    const reasons = await ask('query_exporter_probe_error');
    for (const { metric } of reasons) {
      const expected = metric['instance']?.startsWith('dead') ? /^refused$/ : /^(auth|backoff)$/;
      assert.match(metric['reason'] ?? '', expected);
    }
    assert.equal(reasons.length, 4);
  });
  // The second job scrapes the exporter itself.
  await eventually(async () => assert.equal((await ask('query_exporter_build_info')).length, 1));
});

test("the README's recipe is the file that the test above uses", async () => {
  const readme = await readFile(new URL('README.md', ROOT), 'utf8');
  const recipe: unknown = parse(await readFile(new URL('deploy/prometheus/prometheus.yml', ROOT), 'utf8'));
  const shown = [...readme.matchAll(/```yaml\n([^`]*relabel_configs[^`]*)```/g)].map((match): unknown =>
    parse(match[1] ?? ''),
  );
  assert.deepEqual(shown, [{ scrape_configs: (recipe as { scrape_configs: unknown }).scrape_configs }]);
});

for (const { name } of servers) {
  for (const set of ['sessions', 'innodb', 'table_sizes']) {
    test(`promtool finds nothing in ${set} of ${name}`, async () => {
      const { text } = await exporter.probe(name, 10, `&query_set=${set}`);
      assert.ok(
        text.split('\n').filter((line) => line.startsWith(`mysql_${set.replace('_sizes', '')}_`)).length > 0,
      );
      assert.deepEqual(await checkMetrics(text), []);
    });
  }
}

test('promtool finds nothing in what a dead target gives', async () => {
  assert.deepEqual(await checkMetrics((await exporter.probe('dead')).text), []);
});
