/**
 * What rules, alerts and dashboards read is there: on real servers of each kind, primaries, replicas, a group and a
 * node of Galera, and in a real Prometheus that scrapes them.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadShippedSets } from '../../../src/config/load.ts';
import { SERVERS, startParityServers } from '../../parity/servers.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { runPrometheus } from '../../support/running-prometheus.ts';
import { elsewhere } from './elsewhere.ts';
import { allRules, dashboardFiles, familiesIn, panelsOf, readDashboard, withoutVariables } from './files.ts';
import { makeTrouble } from './trouble.ts';
import { OVERVIEW_FAMILIES, RULE_FAMILIES } from './upstream.ts';

const servers = await startParityServers(SERVERS);
const targets = servers.all.map(({ name }) => name);
const primary = servers.all.find(({ name }) => name === 'mysql-primary');
assert.ok(primary !== undefined);
const endTrouble = await makeTrouble(primary.server);
after(async () => {
  endTrouble();
  await servers.stop();
});

const exporter = await Exporter.start({
  'targets.yml': `
query_files: [broken.yml, ${fileURLToPath(new URL('../../../queries', import.meta.url))}/*.yml]
defaults:
  user: root
  password: ""
  query_timeout: 30s
  scrape_timeout: 60s
  query_sets: [broken, ${[...(await loadShippedSets()).keys()].join(', ')}]
  params: {replication_lag: {heartbeat: true}}
  groups: [all]
groups: {all: {}}
targets:
  down: {address: "127.0.0.1:1"}
${servers.all.map(({ name, server }) => `  ${name}: {address: "127.0.0.1:${server.port}"}`).join('\n')}
scrapes: {dead: {targets: [down], query_sets: [sessions]}}
`,
  'broken.yml': `
query_sets:
  broken: {metrics: {broken: {query: SELECT n FROM nowhere.at_all, type: gauge, description: None., value: n}}}
`,
});
after(() => exporter[Symbol.asyncDispose]());
const prometheus = await runPrometheus(exporter, [...targets, 'down'], { seconds: 5 });
after(() => prometheus.stop());
const rules = await allRules();
const dashboards = await Promise.all((await dashboardFiles()).map(readDashboard));
const panels = dashboards.flatMap((dashboard) =>
  panelsOf(dashboard).map((panel) => ({ ...panel, title: `${dashboard.title}: ${panel.title}` })),
);

const RIGHT = [
  ...['MySQLDown', 'MySQLUnreachable'], // the target that nobody has
  ...['MySQLAutoIncrementNearEnd', 'MySQLAutoIncrementExhausted', 'MySQLHeartbeatLag', 'MySQLReplicaLagging'], // old and odd data
  ...['MySQLBinlogKeptForever', 'MySQLRestarted'], // how test servers are started
  'MySQLReplicationNotRunning', // a second channel that stands still
  'MySQLQueryFailing', // the set broken
  'MySQLRedundantIndexes', // trouble.ts
  'MySQLVariableDrift', // servers of all kinds in one group
];
/** After a while: a transaction waits for an idle one (trouble.ts); and the machine may have much else to do. */
const POSSIBLE = ['MySQLLockWaitLong', 'MySQLIdleTransaction', 'MySQLProbeNearTimeout', 'MySQLExporterBusy'];

const namesIn = (text: string) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
const seen = new Map<string, ReadonlySet<string>>();
for (const target of [...targets, 'down'])
  seen.set(target, new Set(namesIn((await exporter.probe(target, 60)).text)));
for (const path of ['/metrics', '/scrape/dead', '/fleet'])
  seen.set(path, new Set(namesIn((await exporter.get(path)).text)));
// An exporter that watches but a part of them: what it says of the others.
await using part = await Exporter.start({
  'targets.yml': `
defaults: {user: root, password: "", query_sets: [topology]}
targets:
${servers.all
  .filter(({ name }) => ['mysql-replica', 'mariadb-primary'].includes(name))
  .map(({ name, server }) => `  ${name}: {address: "127.0.0.1:${server.port}"}`)
  .join('\n')}
`,
});
for (const target of ['mysql-replica', 'mariadb-primary']) await part.probe(target, 60);
seen.set('/fleet of a part', new Set(namesIn((await part.get('/fleet')).text)));
const rare = await elsewhere();

test('every family that is read is one that is given', () => {
  const given = new Set([...[...seen.values()].flatMap((names) => [...names]), ...rare.keys()]);
  for (const { record } of rules) if (record !== undefined) given.add(record);
  given.add('up');
  const read = [
    ...rules.map(({ alert, record, expr }) => ({ by: alert ?? record, expr })),
    ...panels.flatMap(({ title, targets: queries }) =>
      queries.map(({ expr }) => ({ by: title, expr: withoutVariables(expr) })),
    ),
  ];
  const unknown = read.flatMap(({ by, expr }) =>
    familiesIn(expr).flatMap((name) => (given.has(name) ? [] : [`${name}, read by ${by}`])),
  );
  assert.deepEqual(unknown, []);
  const used = new Set(read.flatMap(({ expr }) => familiesIn(expr)));
  assert.deepEqual(
    [...rare.keys()].filter((name) => !used.has(name)),
    [],
    'families that are explained and that nothing reads',
  );
});

/** Where a family of upstream's mixin is, when it is not on all servers. */
function whoHas(family: string): (target: string) => boolean {
  if (family.startsWith('mysql_slave_status_')) return (target) => target.endsWith('-replica');
  if (/_wsrep_local_/.test(family)) return (target) => target === 'mariadb-galera';
  if (/_(qcache|query_cache|innodb_mem|wsrep)_/.test(family)) return (target) => target.startsWith('mariadb');
  return () => true;
}

test('the families of upstream’s mixin are there, on each server that can have them', () => {
  const families = [...new Set([...OVERVIEW_FAMILIES, ...RULE_FAMILIES])];
  assert.equal(families.length, 73);
  for (const family of families) {
    const have = targets.filter((target) => seen.get(target)?.has(family));
    const should = targets.filter(whoHas(family));
    if (have.length === 0 && rare.has(family)) continue;
    assert.deepEqual(have, should, family);
  }
});

test('our overview shows what upstream’s shows', () => {
  const overview = dashboards.find(({ uid }) => uid === 'mysql-query-exporter-overview');
  assert.ok(overview !== undefined);
  const read = new Set(
    panelsOf(overview).flatMap(({ targets: queries }) =>
      queries.flatMap(({ expr }) => familiesIn(withoutVariables(expr))),
    ),
  );
  assert.deepEqual(
    OVERVIEW_FAMILIES.filter((family) => !read.has(family)),
    [],
  );
});

test('each panel shows something', async () => {
  const asked = panels.flatMap(({ title, targets: queries }) =>
    queries
      .map(({ expr }) => ({ title, expr: withoutVariables(expr) }))
      .filter(({ expr }) => !familiesIn(expr).some((name) => rare.has(name))),
  );
  assert.ok(asked.length > 150);
  // Those that were empty, again and again: rates need two scrapes.
  let empty = asked;
  await eventually(async () => {
    const answers = await Promise.all(
      empty.map(async (one) => ({ one, series: await prometheus.ask(one.expr) })),
    );
    empty = answers.flatMap(({ one, series }) => (series.length === 0 ? [one] : []));
    assert.deepEqual(empty, []);
  }, 90_000);
});

test('the alerts that are raised, or would soon be, are those for which there is a reason', async () => {
  const names = async () =>
    new Set((await prometheus.alerts()).map(({ labels }) => labels['alertname'] ?? ''));
  await eventually(async () => {
    const raised = await names();
    assert.deepEqual(
      RIGHT.filter((name) => !raised.has(name)),
      [],
    );
  }, 90_000);
  assert.deepEqual(
    [...(await names())].filter((name) => ![...RIGHT, ...POSSIBLE].includes(name)),
    [],
  );
});
