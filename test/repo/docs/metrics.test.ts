/** The labels that docs/reference/metrics.md gives to the families of every probe are those of real answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBE_FAMILIES } from '../../../src/model/families.ts';
import { Exporter } from '../../support/exporter.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { EXPORTER, realServers } from '../../support/real-servers.ts';

/** Of each way in which a query can end one. */
const QUERIES = `query_sets:
  ends:
    metrics:
      kept: {query: SELECT 1 AS v, type: gauge, description: Kept., value: v, min_interval: 1h}
      slow: {query: SELECT SLEEP(0.2) AS v, type: gauge, description: Slow., value: v}
      failed: {query: SELECT nothing FROM nowhere.at_all, type: gauge, description: Failed., value: v}
      incomplete: {query: SELECT 1 AS v, type: gauge, description: Incomplete., value: v, grants: [SUPER]}
      skipped: {query: SELECT 1 AS v, type: gauge, description: Skipped., value: v, requires: {min_version: "99"}}
    queries:
      partial:
        query: SELECT 1 AS v
        metrics: {there: {type: gauge, description: There., value: v}, lost: {type: gauge, description: Lost., value: w}}
`;

test('each family of a probe has the labels that the page gives to it', async () => {
  const [server] = await realServers();
  await using exporter = await Exporter.start({
    'queries.yml': QUERIES,
    'targets.yml': `query_files: [queries.yml]
defaults: {user: ${EXPORTER.user}, password: ${EXPORTER.password}, query_sets: [ends]}
targets: {up: {address: "127.0.0.1:${server?.port}"}, down: {address: "127.0.0.1:1"}}
scrapes: {all: {}}
`,
  });
  const scrape = await (await fetch(new URL('/scrape/all', exporter.url))).text();
  const probes = await Promise.all(['up', 'down'].map((target) => exporter.probe(target)));
  const seen = [
    ...probes.flatMap(({ text }) => parseExposition(text)),
    ...parseExposition(scrape).filter(({ name }) => name === 'query_exporter_status'),
  ];
  for (const { labels, name: family } of Object.values(PROBE_FAMILIES)) {
    const series = seen.filter(({ name }) => name === family);
    assert.ok(series.length > 0, `no series of ${family}`);
    for (const one of series) assert.deepEqual(Object.keys(one.labels), labels, family);
  }
});
