/** `queries:` of a target on real servers: what its query file says holds for others only. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const USER = 'settings_reader';

const metric = 'type: gauge, description: D, value: v';
const QUERIES = `
query_sets:
  own:
    namespace: t
    queries:
      kept: {query: SELECT UUID_SHORT() % 1000000 AS v, min_interval: 1h, metrics: {kept: {${metric}}}}
      fresh: {query: SELECT UUID_SHORT() % 1000000 AS v, metrics: {fresh: {${metric}}}}
      rows: {query: SELECT 1 AS v UNION ALL SELECT 2 UNION ALL SELECT 3, max_series: 2, metrics: {rows: {${metric}, labels: [v]}}}
      sleep: {query: SELECT SLEEP(30) AS v, timeout: 20s, metrics: {sleep: {${metric}}}}
      denied: {query: SELECT COUNT(*) AS v FROM mysql.db, grants: [SELECT ON mysql.db], metrics: {denied: {${metric}}}}
  off: {metrics: {off: {query: SELECT COUNT(*) AS v FROM mysql.user, ${metric}, grants: [SELECT ON mysql.user]}}}
`;
const SETTINGS = `
  own/kept: {min_interval: 0}
  own/fresh: {min_interval: 1h}
  own/rows: {max_rows: 3, max_series: 3}
  own/sleep: {timeout: 300ms}
  own/denied: {enabled: false}
  off: {enabled: false}`.replaceAll(/\n\s*(.*)/g, '$1, ');

/** @param rows of `own/rows` */
const targetsFile = (rows = 'max_rows: 3') => `
query_files: [q.yml]
defaults: {user: ${USER}, password: secret, query_sets: [own]}
groups:
  special: {query_sets: [own, off], queries: {${SETTINGS.replace('max_rows: 3', rows)}}}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}", groups: [special]}\n  ${name}-plain: {address: "127.0.0.1:${port}", queries: {own/sleep: {enabled: false}}}\n`).join('')}`;
const files = { 'targets.yml': targetsFile(), 'q.yml': QUERIES };

before(() => Promise.all(servers.map((server) => server.createUser(USER, 'secret'))));
after(() => Promise.all(servers.map((server) => server.dropUser(USER))));

const line = (text: string, start: string): string | undefined =>
  text.split('\n').find((one) => one.startsWith(start));

for (const server of servers) {
  const { name } = server;
  test(`${name}: the settings of a target win over its query file, and hold for it alone`, async () => {
    await using exporter = await Exporter.start(files);
    const [first, second] = [(await exporter.probe(name)).text, (await exporter.probe(name)).text];
    assert.notEqual(line(first, 't_kept '), line(second, 't_kept '));
    assert.equal(line(first, 't_fresh '), line(second, 't_fresh '));
    assert.match(second, /^query_exporter_query_age_seconds\{query_set="own",query="fresh"\} /m);
    assert.match(second, /^t_rows\{v="3"\} 3$/m);
    assert.match(second, /^query_exporter_query_error\{query_set="own",query="sleep",reason="timeout"\} 1$/m);
    assert.deepEqual(await server.untilIdle(USER, 3000), []);
    assert.doesNotMatch(second, /denied|mysql_exporter_collector_success\{collector="collect\.off"\}/);

    const plain = [
      (await exporter.probe(`${name}-plain`)).text,
      (await exporter.probe(`${name}-plain`)).text,
    ];
    assert.equal(line(plain[0] ?? '', 't_kept '), line(plain[1] ?? '', 't_kept '));
    assert.notEqual(line(plain[0] ?? '', 't_fresh '), line(plain[1] ?? '', 't_fresh '));
    assert.match(plain[1] ?? '', /query="rows",reason="limit"\} 1$/m);
    assert.match(plain[1] ?? '', /query="denied",reason="/);

    // A reload with other settings is another target, with the connections and the kept results of the one before.
    const ids = () =>
      server.root('SELECT id FROM information_schema.processlist WHERE user = ? ORDER BY id', [USER]);
    const before = await ids();
    await exporter.write({ 'targets.yml': targetsFile('max_rows: 2') });
    assert.equal((await exporter.get('/-/reload', { method: 'POST' })).text, 'reloaded\n');
    assert.match(exporter.log, new RegExp(`targets_changed="?.*${name}`));
    assert.deepEqual(await ids(), before);
    const reloaded = (await exporter.probe(name)).text;
    assert.match(reloaded, /query="rows",reason="limit"\} 1$/m);
    assert.equal(line(reloaded, 't_fresh '), line(first, 't_fresh '));
  });

  test(`${name}: commands follow the settings`, async () => {
    const check = await runCommand(files, 'check', '--target', name);
    assert.doesNotMatch(check.stdout, /denied|off\/off/);
    const off = await runCommand(files, 'probe', name, '--query', 'own/denied');
    assert.deepEqual(
      [off.code, off.stderr.split('\n').at(-2)],
      [0, `skipped: enabled: false in the queries of ${name} switches the query off`],
    );
  });
}

test('grants are those of the queries that are asked', async () => {
  const only = { ...files, 'targets.yml': targetsFile().replaceAll(/^ {2}\S+-plain.*\n/gm, '') };
  assert.doesNotMatch((await runCommand(only, 'grants')).stdout, /SELECT ON/);
  assert.match((await runCommand(files, 'grants')).stdout, /SELECT ON `?mysql`?\.`?db/);
});
