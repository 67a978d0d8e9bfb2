/**
 * Upstream's alert for stopped replication, on a real MySQL whose column names changed since it was written.
 *
 * The rules are ours as they are shipped, but for one thing: an alert waits a second where it says `for: 2m`.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { removeFolder, temporaryFolder } from '../../../harness/children.ts';
import { caughtUpMysql, GTID_ARGS, replicateMysql, startMysql } from '../../../harness/mysql.ts';
import { loadSamples } from '../../../harness/samples.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { runPrometheus } from '../../support/running-prometheus.ts';
import { readRules, readRuleText, ruleFiles } from './files.ts';

const ALERT = 'MySQLReplicationNotRunning';
/** As upstream's mixin has it, with the names of before MySQL 8.4. */
const UPSTREAM = 'mysql_slave_status_slave_io_running == 0 or mysql_slave_status_slave_sql_running == 0';

const [source, replica] = await Promise.all([
  startMysql({ args: ['--server-id=1', ...GTID_ARGS] }),
  startMysql({ args: ['--server-id=2', ...GTID_ARGS] }),
]);
after(() => Promise.all([source.stop(), replica.stop()]));
await replicateMysql(source, replica);
await loadSamples((sql) => source.query(sql), { except: ['02-shop.sql', '03-writer.sql', '04-fleet.sql'] });
await caughtUpMysql(source, replica);

const exporter = await Exporter.start({
  'targets.yml': `
defaults: {user: exporter, password: exporter}
targets:
  source: {address: "127.0.0.1:${source.port}"}
  replica: {address: "127.0.0.1:${replica.port}"}
`,
});
after(() => exporter[Symbol.asyncDispose]());

const folder = temporaryFolder('rules');
after(() => removeFolder(folder));
const rules = await Promise.all(
  (await ruleFiles()).map(async (file) => {
    const quick = join(folder, basename(file));
    await writeFile(quick, (await readRuleText(file)).replaceAll(/^( +for): \w+$/gm, '$1: 1s'));
    return quick;
  }),
);
const prometheus = await runPrometheus(exporter, ['source', 'replica'], { rules, seconds: 3 });
after(() => prometheus.stop());

const raised = async () => (await prometheus.alerts()).filter(({ labels }) => labels['alertname'] === ALERT);

test('the rule is upstream’s, and only its time is another', async () => {
  const [shipped] = (await Promise.all((await ruleFiles()).map(readRules)))
    .flat()
    .filter(({ alert }) => alert === ALERT);
  const [quick] = (await Promise.all(rules.map(readRules))).flat().filter(({ alert }) => alert === ALERT);
  assert.deepEqual({ expr: shipped?.expr, for: shipped?.for }, { expr: UPSTREAM, for: '2m' });
  assert.deepEqual(quick, { ...shipped, for: '1s' });
});

for (const [thread, name] of [
  ['IO_THREAD', 'the receiver'],
  ['SQL_THREAD', 'the applier'],
]) {
  test(`it fires when ${name} stops, and is over when it runs again`, async () => {
    const running = 'mysql_slave_status_slave_io_running == 1 and mysql_slave_status_slave_sql_running == 1';
    await eventually(async () => assert.equal((await prometheus.ask(running)).length, 1));
    assert.deepEqual(await raised(), []);

    await replica.query(`STOP REPLICA ${thread}`);
    await eventually(async () => {
      const [alert, ...more] = await raised();
      assert.equal(alert?.state, 'firing');
      assert.deepEqual(more, []);
      assert.equal(alert.labels['instance'], 'replica');
      assert.equal(alert.labels['severity'], 'critical');
      const { description = '' } = alert.annotations;
      assert.match(
        description,
        /^A thread of the replica replica \(source 127\.0\.0\.1, channel ''\) is not running\./,
      );
    });
    // Ours speaks only where upstream's is silent.
    const names = (await prometheus.alerts()).map(({ labels }) => labels['alertname']);
    assert.ok(!names.includes('MySQLReplicaStopped') && !names.includes('MySQLDown'), names.join(', '));

    await replica.query(`START REPLICA ${thread}`);
    await eventually(async () => assert.deepEqual(await raised(), []));
  });
}
