/**
 * The servers on which both exporters are compared: MySQL and MariaDB, a primary and a replica of each, and a node
 * of Galera; where it is asked for also other releases of MariaDB.
 *
 * What a collector reads is there: all statistics are on, statements have run, names are odd. The replicas leave
 * some statistics off, so that the other branch is seen too. Afterwards nothing runs: values hold still.
 */
import { galeraLibrary, startGaleraNode } from '../../harness/galera.ts';
import { caughtUp, replicate, startMariadb } from '../../harness/mariadb.ts';
import { caughtUpMysql, GTID_ARGS, replicateMysql, startMysql } from '../../harness/mysql.ts';
import { findMariadbRelease, findMariadbWithPlugins, type MariadbRelease } from '../../harness/programs.ts';
import { loadSamples } from '../../harness/samples.ts';
import type { DatabaseServer } from '../../harness/server-process.ts';
import { loadPasswordComponent, makeRocksTables, recordResponseTimes, startGroup } from './features.ts';
import { runSqlFiles } from './sql-files.ts';

export const SERVERS = [
  'mysql-primary',
  'mysql-replica',
  'mariadb-primary',
  'mariadb-replica',
  'mariadb-galera',
] as const;

/** Other releases take minutes more, so they are compared only where they are named. */
export const ALL_SERVERS = [
  ...SERVERS,
  'mariadb-10.5-primary',
  'mariadb-10.5-replica',
  'mariadb-11.8-primary',
  'mariadb-11.8-replica',
] as const;

export type ServerName = (typeof ALL_SERVERS)[number];

export interface NamedServer {
  readonly name: ServerName;
  readonly server: DatabaseServer;
}

export interface ParityServers {
  /** Without the node of Galera where its library cannot be had. */
  readonly all: readonly NamedServer[];
  readonly stop: () => Promise<void>;
}

/** Everything that can be counted is counted; on the replicas only what a server counts by itself. */
const COUNT_ALL = ['--innodb-monitor-enable=all'];
const PERFORMANCE_SCHEMA = ['--performance-schema=ON', '--performance-schema-instrument=%=ON'];
/** Not UTC, so that a time read in the wrong zone shows. */
const EAST = '--default-time-zone=+02:00';

const ARGS = {
  'mysql-primary': [
    ...['--server-id=11', ...GTID_ARGS, '--report-host=127.0.0.1'],
    ...[...PERFORMANCE_SCHEMA, ...COUNT_ALL, EAST],
  ],
  'mysql-replica': [
    ...['--server-id=12', ...GTID_ARGS, ...PERFORMANCE_SCHEMA],
    ...['--report-host=replica.example.com', '--read-only=ON'],
  ],
  'mariadb-primary': [
    ...['--server-id=21', '--log-bin=binlog', '--gtid-strict-mode=ON'],
    ...[...PERFORMANCE_SCHEMA, ...COUNT_ALL, EAST, '--userstat=ON'],
  ],
  'mariadb-replica': [
    ...['--server-id=22', '--log-bin=binlog', '--gtid-strict-mode=ON', '--log-slave-updates=ON'],
    ...[...PERFORMANCE_SCHEMA, '--report-host=replica.example.com', '--read-only=ON'],
  ],
};

/** The servers asked for, and with a replica its primary: the replica alone would have nothing. */
export async function startParityServers(wanted: readonly ServerName[]): Promise<ParityServers> {
  const wants = (prefix: string) => wanted.some((name) => name.startsWith(prefix));
  const started = (
    await Promise.all([
      wants('mysql') ? startMysqlPair() : [],
      wants('mariadb-primary') || wants('mariadb-replica') ? startMariadbPair() : [],
      wants('mariadb-galera') ? startGalera() : [],
      wants('mariadb-10.5') ? startMariadbPair('10.5') : [],
      wants('mariadb-11.8') ? startMariadbPair('11.8') : [],
    ])
  ).flat();
  return {
    all: started.filter(({ name }) => wanted.includes(name)),
    stop: async () => {
      await Promise.all(started.map(({ server }) => server.stop()));
    },
  };
}

async function startMysqlPair(): Promise<readonly NamedServer[]> {
  const [primary, replica] = await Promise.all([
    startMysql({ args: ARGS['mysql-primary'] }),
    startMysql({ args: ARGS['mysql-replica'] }),
  ]);
  await replicateMysql(primary, replica);
  await load(primary);
  await startGroup(primary);
  await caughtUpMysql(primary, replica);
  await loadPasswordComponent(primary);
  // A second channel, which stands still: some of its columns are NULL.
  await replica.query(
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nowhere.example.com', SOURCE_AUTO_POSITION = 1 FOR CHANNEL 'second'",
  );
  return [
    { name: 'mysql-primary', server: primary },
    { name: 'mysql-replica', server: replica },
  ];
}

/** Of the machine's own release, or of another one, which is compared without RocksDB. */
async function startMariadbPair(release?: MariadbRelease): Promise<readonly NamedServer[]> {
  const program = await (release === undefined ? findMariadbWithPlugins() : findMariadbRelease(release));
  const [primary, replica] = await Promise.all([
    startMariadb({ args: ARGS['mariadb-primary'] }, program),
    startMariadb({ args: ARGS['mariadb-replica'] }, program),
  ]);
  await replicate(primary, replica);
  await recordResponseTimes(primary);
  await load(primary);
  if (release === undefined) await makeRocksTables(primary);
  await caughtUp(primary, replica);
  await replica.query("CHANGE MASTER 'second' TO MASTER_HOST = 'nowhere.example.com'");
  const prefix = release === undefined ? 'mariadb' : (`mariadb-${release}` as const);
  return [
    { name: `${prefix}-primary`, server: primary },
    { name: `${prefix}-replica`, server: replica },
  ];
}

/** A cluster of one, as it comes, also without the performance schema. It has no binary log: what Galera adds to the status is what counts here. */
async function startGalera(): Promise<readonly NamedServer[]> {
  const program = await findMariadbWithPlugins();
  const library = await galeraLibrary(program);
  if (library === undefined) return [];
  const { server } = await startGaleraNode(program, library, { cluster: 'par"ity' });
  await load(server);
  return [{ name: 'mariadb-galera', server }];
}

/** The samples of the lab without the events that keep writing, then what is here. */
async function load(primary: DatabaseServer): Promise<void> {
  await loadSamples((sql) => primary.query(sql), { except: ['03-writer.sql', '04-fleet.sql'] });
  await runSqlFiles((sql) => primary.query(sql));
}
