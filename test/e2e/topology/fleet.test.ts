/**
 * /fleet against a fleet of real servers: a MySQL primary with a replica that is behind and one that is cut off, a pair
 * of MariaDB with two domains, and a group of three. The truth is asked of the servers.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GTID_ARGS } from '../../../harness/mysql.ts';
import type { FleetAnswer } from '../../../src/fleet/answer.ts';
import { FLEET_FAMILIES } from '../../../src/fleet/families.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, parseExposition, type Sample } from '../../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';
import { startGroup } from './group-members.ts';

async function startMysqlServer(id: number): Promise<PrivateServer> {
  const server = await privateServer('mysql', { args: [`--server-id=${id}`, ...GTID_ARGS] });
  after(() => server.stop());
  // What made its accounts is no transaction that another one lacks.
  await server.root(
    `SET sql_log_bin = 0; CREATE USER 'replica'@'%' IDENTIFIED BY 'replica'; GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
     SET sql_log_bin = 1; RESET BINARY LOGS AND GTIDS`,
  );
  return server;
}

async function startMariadbServer(id: number): Promise<PrivateServer> {
  const server = await privateServer('mariadb', {
    args: [`--server-id=${id}`, '--log-bin=binlog', '--log-slave-updates=ON'],
  });
  after(() => server.stop());
  await server.root(
    `SET sql_log_bin = 0; CREATE USER 'replica'@'%' IDENTIFIED BY 'replica'; GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
     SET sql_log_bin = 1; RESET MASTER; SET GLOBAL gtid_slave_pos = ''`,
  );
  return server;
}

const followMysql = ({ port }: PrivateServer) =>
  `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port}, SOURCE_USER = 'replica',
     SOURCE_PASSWORD = 'replica', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA`;

const [primary, behind, cutOff, maria, mariaReplica, group] = await Promise.all([
  startMysqlServer(11),
  startMysqlServer(12),
  startMysqlServer(13),
  startMariadbServer(11), // the id of another server
  startMariadbServer(12),
  startGroup(),
]);
for (const replica of [behind, cutOff]) {
  await replica.root(followMysql(primary));
  await replica.root('SET GLOBAL super_read_only = ON');
}
await mariaReplica.root(
  `CHANGE MASTER 'far' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${maria.port}, MASTER_USER = 'replica',
     MASTER_PASSWORD = 'replica', MASTER_USE_GTID = slave_pos; START SLAVE 'far'; SET GLOBAL read_only = 1`,
);
await primary.root('CREATE DATABASE work; CREATE TABLE work.t (id INT AUTO_INCREMENT PRIMARY KEY)');
await maria.root('CREATE DATABASE work; CREATE TABLE work.t (id INT AUTO_INCREMENT PRIMARY KEY)');
await maria.root(
  'SET SESSION gtid_domain_id = 7; INSERT INTO work.t VALUES (); SET SESSION gtid_domain_id = 0',
);

const [first, second, third] = group;
/** In the order in which they are probed: sources before their replicas. */
const TARGETS = { primary, behind, cutOff, maria, mariaReplica, first, second, third };

const address = ({ port }: PrivateServer) => `address: "127.0.0.1:${port}"`;
const config = (targets: readonly string[]) => `
defaults: {user: root, password: "", query_sets: [topology]}
groups: {orders: {labels: {cluster: orders}}}
targets:
${targets.map((line) => `  ${line}\n`).join('')}`;
const exporter = await Exporter.start({
  'targets.yml': config(
    Object.entries(TARGETS).map(([name, server]) => {
      const groups = [primary, behind, cutOff].includes(server) ? ', groups: [orders]' : '';
      return `${name}: {${address(server)}${groups}}`;
    }),
  ),
});
after(() => exporter[Symbol.asyncDispose]());

const seen: Sample[] = [];

async function fleetOf(asked: Exporter): Promise<readonly Sample[]> {
  const { status, text } = await asked.get('/fleet');
  assert.equal(status, 200);
  const samples = parseExposition(text);
  seen.push(...samples);
  return samples;
}

/** One interval of Prometheus: each target is probed, then /fleet. */
async function interval(): Promise<readonly Sample[]> {
  for (const name of Object.keys(TARGETS)) {
    const { text } = await exporter.probe(name);
    assert.deepEqual(errorsOf(text), [], name);
  }
  return await fleetOf(exporter);
}

const linesOf = (samples: readonly Sample[], family: string) =>
  samples
    .filter(({ name }) => name === `mysql_fleet_${family}`)
    .map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`)
    .sort();

function lagOf(samples: readonly Sample[], replica: string) {
  const of = (family: string, bound?: string) =>
    samples.find(
      ({ labels, name }) =>
        name === `mysql_fleet_${family}` && labels['replica'] === replica && labels['bound'] === bound,
    )?.value ?? Number.NaN;
  return {
    transactions: of('replication_lag_transactions'),
    lower: of('replication_lag_seconds', 'lower'),
    upper: of('replication_lag_seconds', 'upper'),
  };
}

/** What the replica lacks, in words of the primary. */
async function lackedBy(replica: PrivateServer): Promise<number> {
  const [own] = await replica.root('SELECT @@GLOBAL.gtid_executed AS gtids');
  const [row] = await primary.root('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?) AS lacked', [
    String(own?.['gtids']),
  ]);
  // All are of the primary, and without holes.
  const [, interval] = /^[^:]*:(.*)$/.exec(String(row?.['lacked'])) ?? [];
  if (interval === undefined) return 0;
  const [from = 0, to = from] = interval.split('-').map(Number);
  return to - from + 1;
}

async function write(server: PrivateServer, times: number): Promise<{ from: number; to: number }> {
  const from = performance.now();
  for (let i = 0; i < times; i++) await server.root('INSERT INTO work.t VALUES ()');
  return { from, to: performance.now() };
}

/** Whether the bounds have what is true in between: written at `written`, read between these moments. */
function assertBounds(
  lag: ReturnType<typeof lagOf>,
  written: { from: number; to: number },
  read: { from: number; to: number },
) {
  assert.ok(lag.lower <= (read.to - written.from) / 1000 + 0.001, `${lag.lower}`);
  assert.ok(lag.upper >= (read.from - written.to) / 1000 - 0.001, `${lag.upper}`);
  assert.ok(lag.lower <= lag.upper);
}

test('all are together: edges, clusters, one primary each, nothing is missing', async () => {
  await eventually(async () => {
    const samples = await interval();
    assert.deepEqual(linesOf(samples, 'replication_edge'), [
      'maria mariaReplica far 1',
      'primary behind  1',
      'primary cutOff  1',
    ]);
    for (const replica of ['behind', 'cutOff', 'mariaReplica']) {
      assert.equal(lagOf(samples, replica).transactions, 0, replica);
      assert.equal(lagOf(samples, replica).lower, 0, replica);
    }
    assert.deepEqual(linesOf(samples, 'writable_primaries'), ['first 1', 'maria 1', 'orders 1']);
    assert.deepEqual(linesOf(samples, 'cluster_member'), [
      ...['first first 1', 'first second 1', 'first third 1', 'maria maria 1', 'maria mariaReplica 1'],
      ...['orders behind 1', 'orders cutOff 1', 'orders primary 1'],
    ]);
    for (const none of ['replication_orphan', 'unknown_replica', 'duplicate_server'])
      assert.deepEqual(linesOf(samples, none), []);
    assert.deepEqual(
      linesOf(samples, 'replication_running').filter((line) => line.endsWith('0')),
      [],
    );
    assert.equal(linesOf(samples, 'result_age_seconds').length, 8);
  });
});

test('MySQL: one replica does not apply, one does not receive, and the source goes on', async () => {
  await behind.root('STOP REPLICA SQL_THREAD');
  await cutOff.root('STOP REPLICA IO_THREAD');
  await interval();
  const written = await write(primary, 5);
  const read = { from: performance.now(), to: 0 };
  const samples = await interval();
  read.to = performance.now();
  for (const [name, replica] of Object.entries({ behind, cutOff })) {
    const lag = lagOf(samples, name);
    assert.equal(lag.transactions, 5, name);
    assert.equal(lag.transactions, await lackedBy(replica), name);
    assertBounds(lag, written, read);
  }
  assert.deepEqual(
    linesOf(samples, 'replication_running').filter((line) => line.endsWith('0')),
    ['primary behind  sql 0', 'primary cutOff  io 0'],
  );

  // More comes, and the oldest that is missing stays the same; one of them catches up in part.
  await write(primary, 3);
  const [until] = await primary.root('SELECT @@GLOBAL.gtid_executed AS gtids, @@GLOBAL.server_uuid AS uuid');
  const last = Number(/-(\d+)$/.exec(String(until?.['gtids']))?.[1]);
  await behind.root(`START REPLICA SQL_THREAD UNTIL SQL_AFTER_GTIDS = '${until?.['uuid']}:1-${last - 2}'`);
  await eventually(async () => assert.equal(await lackedBy(behind), 2));
  const later = { from: performance.now(), to: 0 };
  const again = await interval();
  later.to = performance.now();
  assert.equal(lagOf(again, 'cutOff').transactions, 8);
  assert.equal(lagOf(again, 'cutOff').transactions, await lackedBy(cutOff));
  assertBounds(lagOf(again, 'cutOff'), written, later);
  assert.ok(lagOf(again, 'cutOff').lower > lagOf(samples, 'cutOff').lower);
  assert.equal(lagOf(again, 'behind').transactions, 2);
  assert.ok(lagOf(again, 'behind').upper < lagOf(again, 'cutOff').lower + 60);

  await behind.root('START REPLICA');
  await cutOff.root('START REPLICA');
  await eventually(async () => {
    const now = await interval();
    for (const name of ['behind', 'cutOff']) assert.equal(lagOf(now, name).transactions, 0, name);
  });
});

test('MariaDB: transactions of both domains are missing', async () => {
  await mariaReplica.root("STOP SLAVE 'far' IO_THREAD");
  await interval();
  const [at] = await maria.root('SHOW MASTER STATUS');
  const written = await write(maria, 3);
  await maria.root(
    'SET SESSION gtid_domain_id = 7; INSERT INTO work.t VALUES (); INSERT INTO work.t VALUES (); SET SESSION gtid_domain_id = 0',
  );
  const read = { from: performance.now(), to: 0 };
  const samples = await interval();
  read.to = performance.now();
  const events = await maria.root(`SHOW BINLOG EVENTS IN '${at?.['File']}' FROM ${at?.['Position']}`);
  const truth = events.filter((event) => event['Event_type'] === 'Gtid').length;
  assert.equal(truth, 5);
  assert.equal(lagOf(samples, 'mariaReplica').transactions, truth);
  assertBounds(lagOf(samples, 'mariaReplica'), written, read);
  await mariaReplica.root("START SLAVE 'far' IO_THREAD");
  await eventually(async () => assert.equal(lagOf(await interval(), 'mariaReplica').transactions, 0));
});

test('a setting of one server that differs', async () => {
  const valuesOf = (samples: readonly Sample[]) => linesOf(samples, 'variable_values');
  const before = valuesOf(await interval());
  assert.ok(before.includes('orders sync_binlog 1'), before.join('\n'));
  assert.ok(before.includes('orders version 1'));
  await cutOff.root('SET GLOBAL sync_binlog = 100');
  const after = valuesOf(await interval());
  assert.deepEqual(
    after.filter((line) => !before.includes(line)),
    ['orders sync_binlog 2'],
  );
});

test('what queries took is what the probe has told of them', async () => {
  const spent = async () =>
    (await fleetOf(exporter)).find(
      ({ labels, name }) => name === 'mysql_fleet_query_seconds_total' && labels['target'] === 'primary',
    )?.value ?? Number.NaN;
  const before = await spent();
  const { text } = await exporter.probe('primary', 10, '&query_set=topology&query_set=global_status');
  const took = parseExposition(text)
    .filter(({ name }) => name === 'query_exporter_query_duration_seconds')
    .reduce((sum, { value }) => sum + value, 0);
  assert.ok(took > 0);
  await eventually(async () =>
    assert.ok(Math.abs((await spent()) - before - took) < 1e-4, `${before} ${took}`),
  );
});

test('a replica is promoted: both take writes, then the other follows and the old primary takes none', async () => {
  await behind.root(
    'STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF',
  );
  const split = await interval();
  assert.deepEqual(linesOf(split, 'writable_primaries'), ['first 1', 'maria 1', 'orders 2']);
  assert.deepEqual(linesOf(split, 'replication_edge'), ['maria mariaReplica far 1', 'primary cutOff  1']);
  await primary.root('SET GLOBAL super_read_only = ON');
  await cutOff.root(`STOP REPLICA; ${followMysql(behind)}`);
  await eventually(async () => {
    const samples = await interval();
    assert.deepEqual(linesOf(samples, 'writable_primaries'), ['first 1', 'maria 1', 'orders 1']);
    assert.deepEqual(linesOf(samples, 'replication_edge'), ['behind cutOff  1', 'maria mariaReplica far 1']);
  });
});

test('targets that are but a part of the servers: orphans, unknown replicas, two names of one server', async () => {
  await using part = await Exporter.start({
    'targets.yml': config([
      `maria: {${address(maria)}}`,
      `cutOff: {${address(cutOff)}, groups: [orders]}`,
      `alias: {${address(cutOff)}}`,
    ]),
  });
  await eventually(async () => {
    for (const name of ['maria', 'cutOff', 'alias'])
      assert.deepEqual(errorsOf((await part.probe(name)).text), []);
    const samples = await fleetOf(part);
    assert.deepEqual(linesOf(samples, 'replication_orphan'), [`alias  127.0.0.1:${behind.port} 1`]);
    const [uuid] = await cutOff.root('SELECT @@server_uuid AS uuid');
    assert.deepEqual(linesOf(samples, 'duplicate_server'), [`${uuid?.['uuid']} 2`]);
    // As it announces itself without a report_host.
    assert.deepEqual(linesOf(samples, 'unknown_replica'), [`maria localhost:${mariaReplica.port} 1`]);
  });
});

test('a server that is gone: what it was is known, and that it takes writes is not said any more', async () => {
  await maria.process.kill();
  await exporter.probe('maria');
  await exporter.probe('mariaReplica');
  const samples = await fleetOf(exporter);
  assert.deepEqual(linesOf(samples, 'writable_primaries'), ['first 1', 'maria 0', 'orders 1']);
  assert.ok(linesOf(samples, 'replication_edge').includes('maria mariaReplica far 1'));
  // What the source had is known up to its last probe.
  assert.equal(lagOf(samples, 'mariaReplica').transactions, 0);
  assert.ok(linesOf(samples, 'result_age_seconds').some((line) => line.startsWith('maria ')));
  // Without the targets there is nothing left of them.
  await exporter.write({ 'targets.yml': config([`first: {${address(first)}}`]) });
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 200);
  await eventually(async () =>
    assert.deepEqual(linesOf(await fleetOf(exporter), 'cluster_member'), ['first first 1']),
  );
});

test('each family of /fleet is there, with the labels that the reference gives to it', () => {
  for (const { labels, name: family } of Object.values(FLEET_FAMILIES)) {
    const series = seen.filter(({ name }) => name === family);
    assert.ok(series.length > 0, `no series of ${family}`);
    for (const one of series) assert.deepEqual(Object.keys(one.labels), labels, family);
  }
});

test('a browser gets a page', async () => {
  const { headers, text } = await exporter.get('/fleet', { headers: { accept: 'text/html, */*;q=0.5' } });
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(text, /<h1>Fleet<\/h1>/);
  assert.match(text, /<a href="target\/first">first<\/a>/);
});

test('the JSON says what the text says', async () => {
  const [samples, { text }] = [await fleetOf(exporter), await exporter.get('/api/v1/fleet')];
  const answer = JSON.parse(text) as FleetAnswer;
  const edges = answer.edges.map(({ channel, replica, source }) => `${source} ${replica} ${channel} 1`);
  assert.deepEqual([...edges].sort(), [...linesOf(samples, 'replication_edge')].sort());
  const clusters = answer.clusters.map(({ name, writablePrimaries }) => `${name} ${writablePrimaries}`);
  assert.deepEqual([...clusters].sort(), [...linesOf(samples, 'writable_primaries')].sort());
});

test('/fleet has no parameters, and asks no server', async () => {
  assert.equal((await exporter.get('/fleet?target=primary')).status, 400);
  assert.equal((await exporter.get('/fleet', { method: 'HEAD' })).status, 200);
  const asked = () =>
    exporter.get('/metrics').then(({ text }) => /^query_exporter_probes_total.*$/m.exec(text)?.[0]);
  const before = await asked();
  await fleetOf(exporter);
  assert.equal(await asked(), before);
});
