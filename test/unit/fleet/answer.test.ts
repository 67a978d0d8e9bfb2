/** The report as JSON has it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAnswer } from '../../../src/fleet/answer.ts';
import { Fleet } from '../../../src/fleet/fleet.ts';
import { from, type MadeUp, mysql, probe, reportOf, target, uuid } from './world.ts';

const answerOf = (servers: readonly MadeUp[], awaited: readonly MadeUp[] = []) =>
  fleetAnswer(reportOf(servers, awaited));

test('edges with their lag; one whose source had transactions before we looked has no upper bound', () => {
  const replica = mysql(2, {
    channels: [from(1, { Replica_IO_Running: 'No' })],
    executed: `${uuid(1)}:1-90`,
  });
  const { edges, targets } = answerOf([mysql(1), replica]);
  assert.deepEqual(edges, [
    {
      ...{ source: 'db1', replica: 'db2', channel: '', receives: false, applies: true },
      lag: { transactions: 10, lowerSeconds: 1 },
    },
  ]);
  assert.deepEqual(
    targets.map(({ name }) => name),
    ['db1', 'db2'],
  );
});

test('a replica that is down: its threads and its lag are left out', () => {
  const fleet = new Fleet();
  const servers = [mysql(1), mysql(2, { channels: [from(1)] })];
  for (const server of servers) probe(fleet, server, 0);
  for (const server of servers) fleet.fail(target(server), 'server');
  const { edges } = fleetAnswer(fleet.report(servers.map(target), 1_000));
  assert.deepEqual(edges, [{ source: 'db1', replica: 'db2', channel: '' }]);
});

test('orphans, clones, circles, and a target of which nothing is known', () => {
  const orphan = answerOf([mysql(2, { channels: [from(1)] })]);
  assert.deepEqual(orphan.orphans, [{ replica: 'db2', channel: '', source: 'host1:3306' }]);

  const clones = answerOf([mysql(1), mysql(1, { name: 'clone', variables: { hostname: 'other' } })]);
  assert.deepEqual(clones.duplicates, [{ serverUuid: uuid(1), targets: ['clone', 'db1'], areSeveral: true }]);

  const circle = answerOf([mysql(1, { channels: [from(2)] }), mysql(2, { channels: [from(1)] })]);
  assert.deepEqual(circle.clusters, [
    { name: 'db1', targets: ['db1', 'db2'], writablePrimaries: 2, inCircle: ['db1', 'db2'] },
  ]);

  assert.deepEqual(answerOf([], [mysql(1)]).targets, [{ name: 'db1', querySeconds: 0 }]);
});

test('variables that differ, the rarest value first; those that are alike are left out', () => {
  const of = (n: number, sync: string) =>
    mysql(n, { groups: ['prod'], variables: { sync_binlog: sync, autocommit: 'ON' } });
  const { variables } = answerOf([of(1, '1'), of(2, '1'), of(3, '0')]);
  assert.deepEqual(variables, [
    {
      ...{ group: 'prod', flavour: 'mysql', variable: 'sync_binlog' },
      values: [
        { value: '0', targets: ['db3'] },
        { value: '1', targets: ['db1', 'db2'] },
      ],
    },
  ]);
});
