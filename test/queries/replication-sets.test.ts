/**
 * The shipped sets about replication: on replicas that follow, wait, stop and fail, and in a group of one.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { freePort } from '../../harness/free-port.ts';
import { caughtUp, PRIMARY_ARGS, REPLICA_ARGS, replicate } from '../../harness/mariadb.ts';
import { caughtUpMysql, GTID_ARGS, replicateMysql } from '../../harness/mysql.ts';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../support/real-servers.ts';
import { letIn, scriptedServer, silence } from '../support/scripted-server.ts';
import { assertDeclaredGrantsSuffice } from './declared-grants.ts';

interface Pair {
  readonly source: PrivateServer;
  readonly replica: PrivateServer;
  /** Resolves when the replica has executed everything. */
  readonly follow: () => Promise<void>;
  readonly sql: Readonly<Record<'stopApplier' | 'start', string>>;
  /** How many transactions the replica has received and not applied. */
  readonly waiting: (text: string) => number | undefined;
}

const groupPort = await freePort();
const [mariadbSource, mariadbReplica, mysqlSource, mysqlReplica, member] = await Promise.all([
  privateServer('mariadb', { args: PRIMARY_ARGS }),
  privateServer('mariadb', { args: REPLICA_ARGS }),
  privateServer('mysql', { args: [...GTID_ARGS, '--server-id=1'] }),
  privateServer('mysql', { args: [...GTID_ARGS, '--server-id=2'] }),
  privateServer('mysql', {
    args: [
      ...GTID_ARGS,
      '--server-id=3',
      '--report-host=127.0.0.1',
      '--plugin-load-add=group_replication.so',
      '--loose-group-replication-group-name=aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
      `--loose-group-replication-local-address=127.0.0.1:${groupPort}`,
      `--loose-group-replication-group-seeds=127.0.0.1:${groupPort}`,
      '--loose-group-replication-start-on-boot=OFF',
    ],
  }),
]);
after(async () => {
  await Promise.all(all.map((server) => server.stop()));
});
const all = [mariadbSource, mariadbReplica, mysqlSource, mysqlReplica, member];

const pairs: readonly Pair[] = [
  {
    source: mariadbSource,
    replica: mariadbReplica,
    follow: () => caughtUp(mariadbSource.process, mariadbReplica.process),
    sql: { stopApplier: 'STOP SLAVE SQL_THREAD', start: 'START SLAVE' },
    waiting: (text) => {
      const received = metricValue(text, 'mysql_gtid_received_sequence', { channel: '', domain_id: '0' });
      const applied = metricValue(text, 'mysql_gtid_applied_sequence', { channel: '', domain_id: '0' });
      return received === undefined || applied === undefined ? undefined : received - applied;
    },
  },
  {
    source: mysqlSource,
    replica: mysqlReplica,
    follow: () => caughtUpMysql(mysqlSource.process, mysqlReplica.process),
    sql: { stopApplier: 'STOP REPLICA SQL_THREAD', start: 'START REPLICA' },
    waiting: (text) => metricValue(text, 'mysql_gtid_unapplied_transactions', { channel: '' }),
  },
];

// What was written before the replica follows is on both already: the account of the samples.
for (const server of [mariadbSource, mariadbReplica, mysqlSource, mysqlReplica]) {
  await server.root(
    server.flavour === 'mysql'
      ? 'RESET BINARY LOGS AND GTIDS'
      : "RESET MASTER; SET GLOBAL gtid_slave_pos = ''",
  );
}
await replicate(mariadbSource.process, mariadbReplica.process);
await replicateMysql(mysqlSource.process, mysqlReplica.process);

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: ['replication_lag', 'gtid', 'slave_status'],
    },
    targets: {
      ...Object.fromEntries(
        pairs.flatMap(({ replica, source }) => [
          [`${source.name}-source`, { address: `127.0.0.1:${source.port}` }],
          [`${source.name}-replica`, { address: `127.0.0.1:${replica.port}` }],
        ]),
      ),
      member: {
        address: `127.0.0.1:${member.port}`,
        query_sets: ['group_replication', 'replication_lag', 'gtid'],
      },
    },
  }),
});
after(() => exporter[Symbol.asyncDispose]());

async function ask(target: string): Promise<string> {
  const { text } = await exporter.probe(target, 30);
  assert.deepEqual(errorsOf(text), []);
  return text;
}

const lag = (text: string, name: string, labels: Readonly<Record<string, string>> = {}) =>
  metricValue(text, `mysql_replication_lag_${name}`, labels);

const namesIn = (text: string) => parseExposition(text).map(({ name }) => name);

for (const { follow, replica, source, sql, waiting } of pairs) {
  const { name } = source;
  const isMysql = source.flavour === 'mysql';
  const io = { thread: 'io', channel: '' };
  const applier = { thread: 'sql', channel: '' };

  test(`${name}: a server that is no replica says so, and nothing of lag`, async () => {
    const text = await ask(`${name}-source`);
    assert.equal(lag(text, 'configured_channels'), 0);
    assert.ok(!namesIn(text).includes('mysql_replication_lag_seconds'));
    assert.ok(!namesIn(text).includes('mysql_replication_lag_running'));
  });

  test(`${name}: a replica that follows is not behind`, async () => {
    await source.root(
      'CREATE DATABASE trade; CREATE TABLE trade.t (id INT PRIMARY KEY, n INT); INSERT INTO trade.t VALUES (1, 0)',
    );
    await follow();
    await eventually(async () => {
      const text = await ask(`${name}-replica`);
      assert.equal(lag(text, 'configured_channels'), 1);
      assert.equal(lag(text, 'seconds', { channel: '' }), 0);
      assert.equal(lag(text, 'running', io), 1);
      assert.equal(lag(text, 'running', applier), 1);
      assert.equal(lag(text, 'last_error_number', io), 0);
      assert.equal(lag(text, 'last_error_number', applier), 0);
      assert.equal(lag(text, 'configured_delay_seconds'), 0);
      assert.equal(waiting(text), 0);
      if (isMysql) {
        const now = Date.now() / 1000;
        const applied = lag(text, 'last_applied_timestamp_seconds') ?? 0;
        assert.ok(Math.abs(now - applied) < 300, `${applied}, and now it is ${now}`);
        assert.equal(lag(text, 'last_received_timestamp_seconds'), applied);
        const took = lag(text, 'last_apply_delay_seconds') ?? -1;
        assert.ok(took >= 0 && took < 300, `${took}`);
      }
    });
  });

  test(`${name}: positions as numbers, the same on both servers`, async () => {
    const texts = [await ask(`${name}-source`), await ask(`${name}-replica`)];
    if (isMysql) {
      const executed = texts.map((text) => metricValue(text, 'mysql_gtid_transactions', { set: 'executed' }));
      assert.ok((executed[0] ?? 0) >= 5 && executed[0] === executed[1], executed.join());
      const own = texts.map((text) => metricValue(text, 'mysql_gtid_transactions', { set: 'own' }));
      assert.deepEqual(own, [executed[0], 0]);
      assert.equal(metricValue(texts[1] ?? '', 'mysql_gtid_received_transactions'), executed[0]);
    } else {
      const [binlog, slave] = texts.map((text, i) =>
        metricValue(text, 'mysql_gtid_sequence', { position: i === 0 ? 'binlog' : 'slave', domain_id: '0' }),
      );
      assert.ok((binlog ?? 0) >= 5 && binlog === slave, `${binlog} ${slave}`);
    }
  });

  test(`${name}: a replica whose applier waits is behind, one whose applier is stopped is unknown`, async () => {
    const blocker = await replica.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT * FROM trade.t WHERE id = 1 FOR UPDATE');
    await source.root('UPDATE trade.t SET n = 1 WHERE id = 1');
    await eventually(async () => {
      const behind = lag(await ask(`${name}-replica`), 'seconds') ?? -1;
      assert.ok(behind >= 2 && behind < 300, `${behind}`);
    });
    assert.equal(waiting(await ask(`${name}-replica`)), 1);
    await blocker.query('ROLLBACK');
    await blocker.end();
    await follow();
    await eventually(async () => {
      const text = await ask(`${name}-replica`);
      assert.equal(lag(text, 'seconds'), 0);
      assert.equal(waiting(text), 0);
    });
    await replica.root(sql.stopApplier);
    const stopped = await ask(`${name}-replica`);
    assert.equal(lag(stopped, 'seconds'), undefined);
    assert.equal(lag(stopped, 'running', io), 1);
    assert.equal(lag(stopped, 'running', applier), 0);
    await replica.root(sql.start);
    await follow();
  });

  test(`${name}: a replica whose receiver is not connected has no lag, whatever word tells so`, async () => {
    const states = async () => {
      const text = await ask(`${name}-replica`);
      assert.equal(lag(text, 'running', applier), 1);
      const alike = metricValue(text, 'mysql_slave_status_slave_io_running');
      assert.equal(lag(text, 'running', io), alike);
      return { lag: lag(text, 'seconds'), runs: alike, word: await ioRunning() };
    };
    const ioRunning = async () => {
      const [row] = await replica.root(isMysql ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS');
      return row?.['Replica_IO_Running'] ?? row?.['Slave_IO_Running'];
    };
    const connectTo = (port: number) =>
      replica.root(
        isMysql
          ? `STOP REPLICA IO_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_PORT = ${port}; START REPLICA IO_THREAD`
          : `STOP SLAVE; CHANGE MASTER TO MASTER_PORT = ${port}; START SLAVE`,
      );
    await replica.root(isMysql ? 'STOP REPLICA IO_THREAD' : 'STOP SLAVE IO_THREAD');
    assert.deepEqual(await states(), { lag: undefined, runs: 0, word: 'No' });
    await connectTo(await freePort());
    await eventually(async () =>
      assert.deepEqual(await states(), { lag: undefined, runs: 0, word: 'Connecting' }),
    );
    if (!isMysql) {
      // Lets the replica in and never answers, as a primary that hangs. MySQL says Connecting of that, too.
      const hung = await scriptedServer(async (peer) => {
        await letIn(peer, { version: source.version });
        await silence(peer);
      });
      await connectTo(hung.port);
      await eventually(async () =>
        assert.deepEqual(await states(), { lag: undefined, runs: 0, word: 'Preparing' }),
      );
      await hung.close();
    }
    await connectTo(source.port);
    await follow();
    await eventually(async () => assert.deepEqual(await states(), { lag: 0, runs: 1, word: 'Yes' }));
  });

  test(`${name}: the number of the error that stopped a replica`, async () => {
    const quietly = (statement: string) =>
      replica.root(`SET sql_log_bin = 0; ${statement}; SET sql_log_bin = 1`);
    await quietly('INSERT INTO trade.t VALUES (2, 0)');
    await source.root('INSERT INTO trade.t VALUES (2, 0)');
    await eventually(async () => {
      const text = await ask(`${name}-replica`);
      assert.equal(lag(text, 'last_error_number', applier), 1062);
      assert.equal(lag(text, 'running', applier), 0);
      assert.equal(lag(text, 'seconds'), undefined);
    });
    await quietly('DELETE FROM trade.t WHERE id = 2');
    await replica.root(sql.start);
    await follow();
    assert.equal(lag(await ask(`${name}-replica`), 'last_error_number', applier), 0);
  });

  test(`${name}: a delay that was asked for is lag, and is told`, async () => {
    const delayBy = (seconds: number) =>
      replica.root(
        isMysql
          ? `STOP REPLICA SQL_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}; START REPLICA SQL_THREAD`
          : `STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = ${seconds}; START SLAVE`,
      );
    await delayBy(120); // longer than a busy machine takes to see it
    await source.root('UPDATE trade.t SET n = n + 1 WHERE id = 1');
    await eventually(async () => {
      const text = await ask(`${name}-replica`);
      assert.equal(lag(text, 'configured_delay_seconds'), 120);
      assert.ok((lag(text, 'seconds') ?? 0) >= 1, `${lag(text, 'seconds')}`);
    });
    await delayBy(0);
    await follow();
  });

  test(`${name}: the grants that the sets name are enough on a replica`, async () => {
    await assertDeclaredGrantsSuffice(replica, ['replication_lag', 'gtid'], ['replication_lag', 'gtid']);
  });
}

test('MySQL: transactions that are missing in a set', async () => {
  const of = (text: string, name: string) =>
    metricValue(text, `mysql_gtid_${name}`, { set: 'executed' }) ?? -1;
  const before = await ask('MySQL-replica');
  assert.equal(of(before, 'missing_transactions'), 0);
  const uuid = '11111111-2222-3333-4444-555555555555';
  for (const gtid of ['3', '7', '8', 'tagged:2'])
    await mysqlReplica.root(`SET gtid_next = '${uuid}:${gtid}'; BEGIN; COMMIT; SET gtid_next = 'AUTOMATIC'`);
  const text = await ask('MySQL-replica');
  // 1, 2, 4, 5, 6, and 1 of the tag.
  assert.equal(of(text, 'missing_transactions'), 6);
  assert.equal(of(text, 'intervals'), of(before, 'intervals') + 3);
  assert.equal(of(text, 'transactions'), of(before, 'transactions') + 4);
});

test('MySQL: own transactions are those with tags too', async () => {
  const own = async (name: string) =>
    metricValue(await ask('MySQL-source'), `mysql_gtid_${name}`, { set: 'own' }) ?? -1;
  const before = { transactions: await own('transactions'), intervals: await own('intervals') };
  for (const [i, tag] of ['blue', 'blue', 'red'].entries())
    await mysqlSource.root(
      `SET gtid_next = 'AUTOMATIC:${tag}'; CREATE DATABASE tagged_${i}; SET gtid_next = 'AUTOMATIC'`,
    );
  // Another server's, sorted before and behind our own.
  for (const uuid of ['00000000-2222-3333-4444-555555555555', 'ffffffff-2222-3333-4444-555555555555'])
    await mysqlSource.root(`SET gtid_next = '${uuid}:1'; BEGIN; COMMIT; SET gtid_next = 'AUTOMATIC'`);
  assert.equal(await own('transactions'), before.transactions + 3);
  assert.equal(await own('intervals'), before.intervals + 2);
  assert.equal(await own('missing_transactions'), 0);
});

test('MySQL: a replication group: outside of it, and its one member', async () => {
  const group = (text: string, name: string, labels: Readonly<Record<string, string>> = {}) =>
    metricValue(text, `mysql_group_replication_${name}`, labels);
  const offline = await ask('member');
  assert.equal(group(offline, 'member_state', { state: 'OFFLINE' }), 1);
  assert.equal(group(offline, 'member_state_number'), 0);
  assert.equal(group(offline, 'member_role_number'), undefined);
  await member.root(
    'SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION; SET GLOBAL group_replication_bootstrap_group = OFF',
  );
  await member.root(
    'CREATE DATABASE trade; CREATE TABLE trade.t (id INT PRIMARY KEY); INSERT INTO trade.t VALUES (1)',
  );
  const text = await ask('member');
  assert.equal(group(text, 'member_info', { self: '1', member_host: '127.0.0.1' }), 1);
  assert.equal(group(text, 'member_state', { state: 'ONLINE' }), 1);
  assert.equal(group(text, 'member_state', { state: 'OFFLINE' }), 0);
  assert.equal(group(text, 'member_state_number'), 1);
  assert.equal(group(text, 'member_role', { role: 'PRIMARY' }), 1);
  assert.equal(group(text, 'member_role', { role: 'SECONDARY' }), 0);
  assert.equal(group(text, 'member_role_number'), 1);
  assert.equal(group(text, 'members', { state: 'ONLINE' }), 1);
  assert.equal(group(text, 'queued_transactions', { queue: 'certifier' }), 0);
  assert.equal(group(text, 'queued_transactions', { queue: 'applier' }), 0);
  assert.equal(group(text, 'conflicts_total'), 0);
  assert.ok((group(text, 'checked_transactions_total') ?? 0) >= 3);
  assert.ok((group(text, 'proposed_transactions_total') ?? 0) >= 3);
  assert.equal(lag(text, 'configured_channels'), 1);
  assert.equal(lag(text, 'seconds', { channel: 'group_replication_applier' }), 0);
  await assertDeclaredGrantsSuffice(member, ['group_replication'], ['group_replication']);
});
