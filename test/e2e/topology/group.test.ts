/** A replication group of three: a member that was expelled, and one that has lost the majority. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import type { PrivateServer } from '../../support/real-servers.ts';
import { startGroup } from './group-members.ts';

/** How long a member waits before it suspects a silent one is fixed: 5 s, and as long again until it is expelled. */
const EXPEL_MS = 60_000;

const [first, second, third] = await startGroup();

const exporter = await Exporter.start({
  'targets.yml': `
query_files: [roles.yml, ${fileURLToPath(new URL('../../../queries', import.meta.url))}/*.yml]
defaults: {allow_public_key_retrieval: true, query_sets: [group_replication, group_replication_workers, replication_lag, role, roles, slave_status]}
targets:
${Object.entries({ first, third })
  .map(
    ([name, { port }]) => `
  ${name}: {address: "127.0.0.1:${port}", user: exporter, password: exporter}
  ${name}-keeper: {address: "127.0.0.1:${port}", user: keeper, password: keeper}`,
  )
  .join('')}
`,
  'roles.yml': `
query_sets:
  roles:
    namespace: roles
    queries:
      replica: {requires: {when_role: [replica]}, query: SELECT 1 AS v, metrics: {replica: {type: gauge, description: One, value: v}}}
`,
});
after(() => exporter[Symbol.asyncDispose]());

const ask = async (target: string) => (await exporter.probe(target)).text;

/** The states of the members, as one of them sees them. */
const statesIn = (text: string) =>
  parseExposition(text)
    .filter(({ name, value }) => name === 'mysql_group_replication_member_state' && value === 1)
    .map(({ labels }) => `${labels['member_port']} ${labels['state']}`)
    .sort();

const lagIn = (text: string) =>
  metricValue(text, 'mysql_replication_lag_seconds', { channel: 'group_replication_applier' });

const states = (...of: readonly (readonly [PrivateServer, string])[]) =>
  of.map(([{ port }, state]) => `${port} ${state}`).sort();

const roleIn = (text: string) =>
  parseExposition(text)
    .filter(({ name, value }) => name === 'mysql_role' && value === 1)
    .map(({ labels }) => labels['role']);

test('three members that are together', async () => {
  for (const target of ['first', 'third', 'third-keeper'])
    await eventually(async () => {
      const text = await ask(target);
      assert.deepEqual(errorsOf(text), []);
      assert.deepEqual(statesIn(text), states([first, 'ONLINE'], [second, 'ONLINE'], [third, 'ONLINE']));
      assert.equal(lagIn(text), 0);
      assert.deepEqual(roleIn(text), [target === 'first' ? 'group_primary' : 'group_secondary']);
      assert.equal(metricValue(text, 'roles_replica'), target === 'first' ? undefined : 1);
    });
});

test('times of transactions, under the names of Percona', async () => {
  const began = Date.now();
  await first.root(
    'CREATE DATABASE busy; CREATE TABLE busy.t (id INT PRIMARY KEY); INSERT INTO busy.t VALUES (1)',
  );
  const channel = { channel_name: 'group_replication_applier', IO_thread: 'ON', SQL_thread: 'ON' };
  await eventually(async () => {
    const [row] = await third.root(
      "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = 'busy'",
    );
    assert.equal(Number(row?.['n']), 1);
    const text = await ask('third');
    const of = (what: string) =>
      metricValue(text, `mysql_perf_schema_replication_group_worker_${what}`, channel) ?? Number.NaN;
    const limit = (Date.now() - began) / 1000 + 1;
    // What it took on its way is not more than what passed since, and its parts are not more than all of it.
    for (const part of [
      'rep_delay_seconds',
      'transport_time_seconds',
      'time_RL_seconds',
      'apply_time_seconds',
    ])
      assert.ok(of(part) > 0 && of(part) < limit, `${part} ${of(part)}`);
    assert.ok(of('apply_time_seconds') <= of('rep_delay_seconds'));
    assert.equal(of('lag_in_seconds'), 0);
  });
});

test('a member that the others have expelled', async () => {
  await third.process.pause();
  await eventually(
    async () => assert.deepEqual(statesIn(await ask('first')), states([first, 'ONLINE'], [second, 'ONLINE'])),
    EXPEL_MS,
  );
  third.process.resume();
  // It learns what happened, and goes offline: who has no CONNECTION_ADMIN is sent away and not let in again.
  await eventually(async () => {
    const text = await ask('third');
    assert.equal(metricValue(text, 'mysql_up'), 0);
    assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'refused' }), 1);
  });
  const text = await ask('third-keeper');
  assert.deepEqual(errorsOf(text), []);
  assert.deepEqual(statesIn(text), states([third, 'ERROR']));
  // Both threads of its channel run on.
  for (const thread of ['io', 'sql'])
    assert.equal(
      metricValue(text, 'mysql_replication_lag_running', { channel: 'group_replication_applier', thread }),
      1,
    );
  assert.equal(lagIn(text), undefined);
  assert.deepEqual(roleIn(text), ['standalone']);
  assert.equal(lagIn(await ask('first')), 0);
});

test('a member that has lost the majority', async () => {
  await second.process.pause();
  try {
    await eventually(async () => {
      const text = await ask('first');
      assert.deepEqual(errorsOf(text), []);
      assert.deepEqual(statesIn(text), states([first, 'ONLINE'], [second, 'UNREACHABLE']));
      // What the others have written does not reach it.
      assert.equal(lagIn(text), undefined);
    });
  } finally {
    second.process.resume();
  }
  await eventually(async () => {
    const text = await ask('first');
    assert.deepEqual(statesIn(text), states([first, 'ONLINE'], [second, 'ONLINE']));
    assert.equal(lagIn(text), 0);
  });
});
