/** Who follows whom, who belongs together, who is none of ours: from what servers say of themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fleet } from '../../../src/fleet/fleet.ts';
import { from, type MadeUp, mysql, probe, reportOf, samplesOf, target, uuid } from './world.ts';

const readOnly = { read_only: 'ON', super_read_only: 'ON' };
const stopped = { Replica_IO_Running: 'No', Replica_SQL_Running: 'No' };

function mariadb(n: number, more: Partial<MadeUp> = {}): MadeUp {
  const server = mysql(n, more);
  const { executed: _, ...rest } = server;
  return {
    ...rest,
    variables: { ...server.variables, version: '10.11.18-MariaDB-log', server_uuid: '', ...more.variables },
  };
}

const fromMariadb = (host: string, port: string, id: string) => ({
  ...{ Connection_name: '', Master_Host: host, Master_Port: port, Master_Server_Id: id },
  ...{ Slave_IO_Running: 'Yes', Slave_SQL_Running: 'Yes' },
});

const cases: readonly {
  readonly name: string;
  readonly servers: readonly MadeUp[];
  readonly says: readonly string[];
}[] = [
  {
    name: 'a primary and two replicas',
    servers: [
      mysql(1),
      mysql(2, { variables: readOnly, channels: [from(1)] }),
      mysql(3, { variables: readOnly, channels: [from(1)] }),
    ],
    says: [
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'replication_edge{source="db1",replica="db3",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'a chain, and a replica that clients may write to',
    servers: [
      mysql(1),
      mysql(2, { channels: [from(1)] }),
      mysql(3, { variables: readOnly, channels: [from(2)] }),
    ],
    says: [
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'replication_edge{source="db2",replica="db3",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'two sources of one replica, one channel without rest',
    servers: [
      mysql(1),
      mysql(2),
      mysql(3, {
        variables: readOnly,
        channels: [from(1, { Channel_Name: 'a' }), from(2, { Channel_Name: 'b', ...stopped })],
      }),
    ],
    says: [
      'replication_edge{source="db1",replica="db3",channel="a"} 1',
      'replication_edge{source="db2",replica="db3",channel="b"} 1',
      'writable_primaries{cluster="db1"} 2',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'a circle of two that both take writes',
    servers: [
      mysql(1, { channels: [from(2)] }),
      mysql(2, { channels: [from(1)] }),
      mysql(3, { variables: readOnly, channels: [from(2)] }),
    ],
    says: [
      'replication_edge{source="db2",replica="db1",channel=""} 1',
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'replication_edge{source="db2",replica="db3",channel=""} 1',
      'writable_primaries{cluster="db1"} 2',
      'replication_circle{cluster="db1"} 2',
    ],
  },
  {
    name: 'a replica that was promoted with its channel at rest, and the primary goes on',
    servers: [mysql(1), mysql(2, { channels: [from(1, stopped)] })],
    says: [
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'writable_primaries{cluster="db1"} 2',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'the label keeps together what nothing else does, and names it',
    servers: [
      mysql(1, { cluster: 'orders' }),
      mysql(2, { cluster: 'orders' }),
      mysql(3, { variables: readOnly, channels: [from(2)] }),
    ],
    says: [
      'replication_edge{source="db2",replica="db3",channel=""} 1',
      'writable_primaries{cluster="orders"} 2',
      'replication_circle{cluster="orders"} 0',
    ],
  },
  {
    name: 'a source that is no target',
    servers: [
      mysql(2, {
        variables: readOnly,
        channels: [from(1), from(7, { Channel_Name: 'never', Source_UUID: '', Source_Server_Id: '0' })],
      }),
    ],
    says: [
      'writable_primaries{cluster="db2"} 0',
      'replication_circle{cluster="db2"} 0',
      'replication_orphan{replica="db2",channel="",source_host="host1:3306"} 1',
      'replication_orphan{replica="db2",channel="never",source_host="host7:3306"} 1',
    ],
  },
  {
    name: 'a channel that was never connected, to an address that is a target',
    servers: [
      mysql(1, { name: 'a.example' }),
      mysql(2, {
        variables: readOnly,
        channels: [from(1, { Source_UUID: '', Source_Server_Id: '0', Source_Host: 'A.Example' })],
      }),
    ],
    says: [
      'replication_edge{source="a.example",replica="db2",channel=""} 1',
      'writable_primaries{cluster="a.example"} 1',
      'replication_circle{cluster="a.example"} 0',
    ],
  },
  {
    name: 'replicas that are no targets',
    servers: [
      mysql(1, {
        replicas: [
          { Server_Id: '2', Host: '', Port: '3306', Source_Id: '1', Replica_UUID: uuid(2) },
          { Server_Id: '8', Host: '', Port: '3306', Source_Id: '1', Replica_UUID: uuid(8) },
          { Server_Id: '9', Host: 'Spare', Port: '3307', Source_Id: '1', Replica_UUID: uuid(9) },
        ],
      }),
      mysql(2, { variables: readOnly, channels: [from(1)] }),
    ],
    says: [
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      `unknown_replica{source="db1",replica_host="${uuid(8)}"} 1`,
      'unknown_replica{source="db1",replica_host="spare:3307"} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'one server under two names',
    servers: [
      mysql(1),
      mysql(1, { name: 'orders-primary' }),
      mysql(2, { variables: readOnly, channels: [from(1)] }),
      mysql(2, { name: 'orders-replica', variables: readOnly, channels: [from(1)] }),
    ],
    says: [
      `duplicate_server{server_uuid="${uuid(1)}"} 2`,
      `duplicate_server{server_uuid="${uuid(2)}"} 2`,
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'a clone with the UUID of its original: nobody knows which of them is meant',
    servers: [
      mysql(1),
      mysql(4, { variables: { server_uuid: uuid(1) } }),
      mysql(2, { variables: readOnly, channels: [from(1)] }),
    ],
    says: [
      `duplicate_server{server_uuid="${uuid(1)}"} 2`,
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
      'writable_primaries{cluster="db2"} 0',
      'replication_circle{cluster="db2"} 0',
      'writable_primaries{cluster="db4"} 1',
      'replication_circle{cluster="db4"} 0',
    ],
  },
  {
    name: 'a group with one primary, and a replica of it outside',
    servers: [
      ...[1, 2, 3].map((n) =>
        mysql(n, {
          variables: {
            ...(n > 1 ? readOnly : {}),
            group_replication_group_name: 'g',
            group_replication_single_primary_mode: 'ON',
          },
          member: { member_state: 'ONLINE', member_role: n > 1 ? 'SECONDARY' : 'PRIMARY' },
          channels: [from(9, { Channel_Name: 'group_replication_applier', Source_UUID: 'g' })],
        }),
      ),
      mysql(4, { variables: readOnly, channels: [from(2)] }),
    ],
    says: [
      'replication_edge{source="db2",replica="db4",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
  {
    name: 'a group of which two parts each have a primary',
    servers: [1, 2].map((n) =>
      mysql(n, {
        variables: { group_replication_group_name: 'g', group_replication_single_primary_mode: 'ON' },
        member: { member_state: 'ONLINE', member_role: 'PRIMARY' },
      }),
    ),
    says: ['writable_primaries{cluster="db1"} 2', 'replication_circle{cluster="db1"} 0'],
  },
  {
    name: 'a group of several primaries counts once, and so does Galera with a replica of MariaDB',
    servers: [
      ...[1, 2].map((n) =>
        mysql(n, {
          variables: { group_replication_group_name: 'g', group_replication_single_primary_mode: 'OFF' },
          member: { member_state: 'ONLINE', member_role: 'PRIMARY' },
        }),
      ),
      ...[5, 6].map((n) =>
        mariadb(n, { galera: { wsrep_cluster_state_uuid: uuid(77), wsrep_cluster_status: 'Primary' } }),
      ),
      mariadb(7, { variables: { read_only: 'ON' }, channels: [fromMariadb('host5', '3306', '5')] }),
    ],
    says: [
      'replication_edge{source="db5",replica="db7",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
      'writable_primaries{cluster="db5"} 1',
      'replication_circle{cluster="db5"} 0',
    ],
  },
  {
    name: 'MariaDB: ids that come again in another cluster join nobody',
    servers: [
      mariadb(1, { name: 'a1', variables: { hostname: 'a1' } }),
      mariadb(2, {
        name: 'a2',
        variables: { hostname: 'a2', read_only: 'ON' },
        channels: [fromMariadb('a1', '3306', '1')],
      }),
      mariadb(1, { name: 'b1', variables: { hostname: 'b1' } }),
      mariadb(2, {
        name: 'b2',
        variables: { hostname: 'b2', read_only: 'ON' },
        channels: [fromMariadb('elsewhere', '3306', '1')],
      }),
    ],
    says: [
      'replication_edge{source="a1",replica="a2",channel=""} 1',
      'replication_orphan{replica="b2",channel="",source_host="elsewhere:3306"} 1',
      'writable_primaries{cluster="a1"} 1',
      'replication_circle{cluster="a1"} 0',
      'writable_primaries{cluster="b1"} 1',
      'replication_circle{cluster="b1"} 0',
      'writable_primaries{cluster="b2"} 0',
      'replication_circle{cluster="b2"} 0',
    ],
  },
  {
    name: 'MariaDB: through an address that no target has, when the source lists the replica',
    servers: [
      mariadb(1, { replicas: [{ Server_id: '2', Host: '', Port: '3306', Master_id: '1' }] }),
      mariadb(2, { variables: { read_only: 'ON' }, channels: [fromMariadb('tunnel', '13306', '1')] }),
    ],
    says: [
      'replication_edge{source="db1",replica="db2",channel=""} 1',
      'writable_primaries{cluster="db1"} 1',
      'replication_circle{cluster="db1"} 0',
    ],
  },
];

const SAID = [
  'replication_edge',
  'replication_orphan',
  'unknown_replica',
  'writable_primaries',
  'replication_circle',
  'duplicate_server',
];

for (const { name, says, servers } of cases)
  test(name, () => {
    assert.deepEqual([...samplesOf(reportOf(servers), ...SAID)].sort(), [...says].sort());
  });

test('targets of which nothing is known yet: nobody is said to be none, for some minutes', () => {
  const fleet = new Fleet();
  const known = [
    mysql(1, {
      replicas: [{ Server_Id: '9', Host: 'spare', Port: '3306', Source_Id: '1', Replica_UUID: uuid(9) }],
    }),
    mysql(2, { variables: readOnly, channels: [from(7)] }),
  ];
  const awaited = mysql(3);
  const targets = [...known, awaited].map(target);
  const said = (now: number) => {
    for (const server of known) probe(fleet, server, now);
    return samplesOf(fleet.report(targets, now), 'replication_orphan', 'unknown_replica');
  };
  assert.deepEqual(said(0), []);
  assert.deepEqual(said(200_000), []);
  const all = [
    'replication_orphan{replica="db2",channel="",source_host="host7:3306"} 1',
    'unknown_replica{source="db1",replica_host="spare:3306"} 1',
  ];
  assert.deepEqual(said(300_000), all);
  probe(fleet, awaited, 300_000);
  assert.deepEqual(said(300_001), all);
});

test('ages; a target that is down, or that nobody asks any more, takes no writes and has no lag', () => {
  const fleet = new Fleet();
  const servers = [mysql(1), mysql(2, { channels: [from(1)] }), mysql(3)];
  const targets = servers.map(target);
  const said = (now: number, ...names: readonly string[]) => samplesOf(fleet.report(targets, now), ...names);
  for (const server of servers.slice(0, 2)) probe(fleet, server, 0);
  assert.deepEqual(said(5_250, 'result_age_seconds'), [
    'result_age_seconds{target="db1"} 5.25',
    'result_age_seconds{target="db2"} 5.25',
  ]);
  const names = ['writable_primaries', 'replication_lag_transactions', 'replication_running'];
  const edge = 'source="db1",replica="db2",channel=""';
  const well = [
    'writable_primaries{cluster="db1"} 1',
    `replication_running{${edge},thread="io"} 1`,
    `replication_running{${edge},thread="sql"} 1`,
    `replication_lag_transactions{${edge}} 0`,
  ];
  assert.deepEqual(said(6_000, ...names), well);
  fleet.fail(targets[0]!, 'server');
  assert.deepEqual(said(6_000, 'writable_primaries'), ['writable_primaries{cluster="db1"} 0']);
  probe(fleet, servers[0]!, 7_000);
  assert.deepEqual(said(7_000, ...names), well);
  fleet.fail(targets[1]!, 'server');
  assert.deepEqual(said(7_000, ...names), ['writable_primaries{cluster="db1"} 1']);
  // The edge is what is known, and its age is told.
  assert.deepEqual(said(7_000, 'replication_edge'), [`replication_edge{${edge}} 1`]);
  for (const server of servers) probe(fleet, server, 8_000);
  assert.deepEqual(said(700_000, ...names), [
    'writable_primaries{cluster="db1"} 0',
    'writable_primaries{cluster="db3"} 0',
  ]);
  fleet.forget((name) => name === 'db2');
  assert.deepEqual(said(8_000, 'replication_edge'), []);
});

test('one variable that differs on one of fifty moves one series', () => {
  const fleet = new Fleet();
  const of = (n: number, more = {}) =>
    mysql(n, {
      groups: n % 2 ? ['prod', 'odd'] : ['prod'],
      variables: { ...readOnly, sync_binlog: '1', sql_mode: 'X'.repeat(500), ...more },
    });
  const servers = Array.from({ length: 50 }, (_, i) => of(i + 1));
  const all = [
    ...['age', 'edge'],
    ...[
      'result_age_seconds',
      'writable_primaries',
      'replication_circle',
      'cluster_member',
      'duplicate_server',
      'variable_values',
    ],
  ];
  const said = () => {
    for (const server of servers) probe(fleet, server, 0);
    return samplesOf(fleet.report(servers.map(target), 0), ...all);
  };
  const before = said();
  assert.ok(before.includes('variable_values{group="prod",variable="sync_binlog"} 1'));
  servers[7] = of(8, { sync_binlog: '0' });
  const after = said();
  assert.deepEqual(
    after.filter((sample) => !before.includes(sample)),
    ['variable_values{group="prod",variable="sync_binlog"} 2'],
  );
  // Long texts that differ at their ends differ.
  servers[7] = of(8, { sql_mode: `${'X'.repeat(499)}Y` });
  assert.deepEqual(
    said().filter((sample) => !before.includes(sample)),
    ['variable_values{group="prod",variable="sql_mode"} 2'],
  );
});

test('MySQL and MariaDB of one group are not compared, and the flavour that differs more counts', () => {
  const of = (n: number, version: string, sync: string) =>
    mysql(n, { groups: ['prod'], variables: { ...readOnly, version, sync_binlog: sync, autocommit: 'ON' } });
  const maria = '10.11.18-MariaDB';
  const count = (...servers: readonly MadeUp[]) => samplesOf(reportOf(servers), 'variable_values');
  const line = (n: number) => `variable_values{group="prod",variable="sync_binlog"} ${n}`;
  assert.ok(count(of(1, '9.7.4', '1'), of(2, maria, '0')).includes(line(1)));
  const both = count(of(1, '9.7.4', '1'), of(2, maria, '0'), of(3, maria, '7'));
  assert.ok(both.includes(line(2)), both.join('\n'));
  assert.equal(new Set(both).size, both.length);
});
