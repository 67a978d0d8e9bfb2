/** The rules load, each alert was seen to fire and to stay silent, and says what to do. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadShippedSets } from '../../../src/config/load.ts';
import { REASONS } from '../../../src/model/reason.ts';
import { allRules, familiesIn, readRules, readRuleTests, ruleFiles, ruleTestFiles } from './files.ts';
import { promtool } from './promtool.ts';

const rules = await allRules();
const alerts = rules.filter(({ alert }) => alert !== undefined);

test('promtool takes the rules, and their tests pass', async () => {
  await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...(await ruleFiles()));
  await promtool('test', 'rules', ...(await ruleTestFiles()));
});

test('each alert has a test in which it fires, is not too early, and leaves others alone', async () => {
  for (const file of await ruleFiles()) {
    const tests = await readRuleTests(file.replace('/rules/', '/tests/'));
    for (const { alert, for: wait } of await readRules(file)) {
      if (alert === undefined) continue;
      const about = tests.filter(({ name }) => name.split(',')[0] === alert);
      const asked = about.flatMap((one) => one.promql_expr_test);
      const fires = `(ALERTS{alertname="${alert}", alertstate="firing"})`;
      assert.ok(
        asked.some(({ expr, exp_samples: seen }) => expr.endsWith(fires) && seen.length === 1),
        alert,
      );
      const others = new RegExp(
        `^ALERTS\\{alertname="${alert}", (instance|member_host|cluster|replica|group)="good"}$`,
      );
      assert.ok(
        asked.some(({ expr, exp_samples: seen }) => others.test(expr) && seen.length === 0),
        alert,
      );
      const early = `ALERTS{alertname="${alert}", alertstate="firing"}`;
      const waits = asked.some(({ expr, exp_samples: seen }) => expr === early && seen.length === 0);
      assert.equal(waits, wait !== undefined, `${alert} waits`);
    }
  }
});

test('each alert has a name of its own, a severity, and words of some length', () => {
  const names = alerts.map(({ alert }) => alert);
  assert.deepEqual(names, [...new Set(names)]);
  for (const { alert, labels, annotations } of alerts) {
    assert.match(alert ?? '', /^MySQL[A-Z]\w+$/);
    assert.ok(labels !== undefined, alert);
    assert.ok((annotations?.description.length ?? 0) > 80, `${alert} says what to do`);
    assert.match(
      annotations?.summary ?? '',
      /\{\{ \$labels\.(instance|member_host|cluster|replica|group) }}.*[.]$/,
      alert,
    );
  }
});

test('docs/guides/alerts.md lists each of them, under its file', async () => {
  const page = await readFile(new URL('../../../docs/guides/alerts.md', import.meta.url), 'utf8');
  for (const file of await ruleFiles()) {
    const section = page.split(`\n### ${basename(file)}\n`)[1]?.split(/\n##/)[0] ?? '';
    const listed = [...section.matchAll(/^\|.*$/gm)].flatMap(([row]) => [...row.matchAll(/`(MySQL\w+)`/g)]);
    const there = (await readRules(file)).flatMap(({ alert }) => alert ?? []);
    assert.deepEqual(
      listed
        .map(([, name]) => name)
        .filter((name) => there.includes(name ?? ''))
        .sort(),
      there.sort(),
    );
  }
});

test('the sets that docs/guides/alerts.md recommends exist', async () => {
  const page = await readFile(new URL('../../../docs/guides/alerts.md', import.meta.url), 'utf8');
  const shipped = await loadShippedSets();
  const [, list = ''] = /query_sets: \[([^\]]*)]/.exec(page) ?? [];
  const names = list.split(',').map((name) => name.trim());
  assert.ok(names.length > 10);
  assert.deepEqual(
    names.filter((name) => !shipped.has(name)),
    [],
  );
});

test('upstream’s eight alerts and three recorded names are there, with its conditions', async () => {
  const mixin = await readRules(
    (await ruleFiles()).find((file) => basename(file) === 'mysqld-mixin.yml') ?? '',
  );
  const conditions = new Map(mixin.map((rule) => [rule.alert ?? rule.record, [rule.expr, rule.for]]));
  const slave = 'mysql_slave_status_slave';
  const late = (lag: string) => `(${lag} > 30) and on(instance) (predict_linear(${lag}[5m], 60 * 2) > 0)`;
  const local = 'mysql_global_status_wsrep_local';
  assert.deepEqual(Object.fromEntries(conditions), {
    // Ours: the name of MySQL 8.4 counts too.
    'instance:mysql_slave_lag_seconds': [
      '(mysql_slave_status_seconds_behind_master or mysql_slave_status_seconds_behind_source) - mysql_slave_status_sql_delay',
      undefined,
    ],
    'instance:mysql_heartbeat_lag_seconds': [
      'mysql_heartbeat_now_timestamp_seconds - mysql_heartbeat_stored_timestamp_seconds',
      undefined,
    ],
    'job:mysql_transactions:rate5m': [
      'sum without (command) (rate(mysql_global_status_commands_total{command=~"(commit|rollback)"}[5m]))',
      undefined,
    ],
    MySQLDown: ['mysql_up != 1', '5m'],
    // Ours: any MariaDB has wsrep_ready, OFF when it is no node of Galera.
    MySQLGaleraNotReady: [
      'mysql_global_status_wsrep_ready != 1 unless on (job, instance) mysql_global_variables_wsrep_on == 0',
      '5m',
    ],
    MySQLGaleraOutOfSync: [`(${local}_state != 4 and mysql_global_variables_wsrep_desync == 0)`, '5m'],
    MySQLGaleraDonorFallingBehind: [`(${local}_state == 2 and ${local}_recv_queue > 100)`, '5m'],
    MySQLReplicationNotRunning: [`${slave}_io_running == 0 or ${slave}_sql_running == 0`, '2m'],
    MySQLReplicationLag: [late('instance:mysql_slave_lag_seconds'), '1m'],
    MySQLHeartbeatLag: [late('instance:mysql_heartbeat_lag_seconds'), '1m'],
    MySQLInnoDBLogWaits: ['rate(mysql_global_status_innodb_log_waits[15m]) > 10', undefined],
  });
});

test('each reason for which a target is down raises one alert', () => {
  const matchers = alerts.flatMap(({ expr }) => {
    const [, not, list = ''] = /^query_exporter_probe_error\{reason(=~|!~)"([^"]*)"} == 1$/.exec(expr) ?? [];
    return not === undefined ? [] : [{ not: not === '!~', reasons: list.split('|') }];
  });
  for (const reason of REASONS) {
    const raised = matchers.filter(({ not, reasons }) => reasons.includes(reason) !== not);
    assert.equal(raised.length, 1, reason);
  }
  for (const { reasons } of matchers)
    for (const reason of reasons) assert.ok((REASONS as readonly string[]).includes(reason), reason);
});

test('the recipe loads the rules, and its jobs are those that the rules name', async () => {
  const recipe = parse(
    await readFile(new URL('../../../deploy/prometheus/prometheus.yml', import.meta.url), 'utf8'),
  ) as { rule_files: unknown; scrape_configs: readonly { job_name: string }[] };
  assert.deepEqual(recipe.rule_files, ['rules/*.yml']);
  const jobs = recipe.scrape_configs.map(({ job_name: job }) => job);
  const named = rules.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job));
  assert.deepEqual([...new Set(named)].sort(), jobs.sort());
});

test('families are found in expressions', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a_b > 2 * (a_b offset 1d) and c > 10 * 1024 ^ 3', ['a_b', 'c']],
    ['sum by (job, x) (rate(a{x="b_c"}[5m])) / on (job) group_left 1e9', ['a']],
    ['max_over_time(i:a:b[1h:1m]) or vector(0)', ['i:a:b']],
  ];
  for (const [expr, families] of cases) assert.deepEqual(familiesIn(expr), families);
});
