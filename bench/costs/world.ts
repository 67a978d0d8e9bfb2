/**
 * A server on which much is going on, since that is what makes a query cost something: many tables, all of them used, with a
 * statement of its own each; sessions, open transactions with locks, transactions that wait; binary logs.
 */
import { type Connection, createConnection } from 'mysql2/promise';
import { startMariadb } from '../../harness/mariadb.ts';
import { startMysql } from '../../harness/mysql.ts';
import { loadSamples } from '../../harness/samples.ts';
import type { DatabaseServer } from '../../harness/server-process.ts';
import type { Flavour } from '../../src/model/query-set.ts';

export const WORLD = {
  tablesPerSchema: 100,
  /** Sessions that have a transaction open; each has changed a row. */
  transactions: 100,
  /** Sessions that wait for the row of one of them. */
  waiting: 10,
  /** Sessions that do nothing, each of them of one of so many accounts. */
  idle: 200,
  accounts: 50,
  binaryLogs: 100,
} as const;

/** All that a server can tell is switched on: the performance schema, user statistics. */
const ARGS: Readonly<Record<Flavour, readonly string[]>> = {
  mariadb: ['--performance-schema=ON', '--userstat=ON'],
  mysql: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
};

/** So many at once create tables. */
const AT_ONCE = 4;

/** The server, which the caller stops. */
export async function busyServer(flavour: Flavour, tables: number): Promise<DatabaseServer> {
  const args = ['--log-bin=binlog', '--server-id=1', '--innodb-lock-wait-timeout=3600', ...ARGS[flavour]];
  const server = await (flavour === 'mariadb' ? startMariadb({ args }) : startMysql({ args }));
  await loadSamples((sql) => server.query(sql), { except: ['03-writer.sql', '04-fleet.sql'] });
  await server.query(
    `UPDATE performance_schema.setup_consumers SET enabled = 'YES' WHERE name LIKE 'events_statements_%';
     GRANT ${flavour === 'mysql' ? 'REPLICATION SLAVE' : 'REPLICATION MASTER ADMIN, BINLOG MONITOR'} ON *.* TO 'exporter'@'%';
     CREATE DATABASE heartbeat; CREATE TABLE heartbeat.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY);
     INSERT INTO heartbeat.heartbeat VALUES (NOW(6), 1)`,
  );
  await makeTables(server, 0, tables);
  for (let i = 0; i < WORLD.binaryLogs; i++) await server.query('FLUSH BINARY LOGS');
  await makeSessions(server);
  return server;
}

/** Tables from one number to another, both multiples of those in a schema. */
export async function makeTables(server: DatabaseServer, from: number, to: number): Promise<void> {
  let next = from / WORLD.tablesPerSchema;
  const schemas = to / WORLD.tablesPerSchema;
  const work = async () => {
    const session = await server.connect();
    for (let schema = next++; schema < schemas; schema = next++) {
      const name = `app_${schema}`;
      await session.query(`CREATE DATABASE ${name}`);
      for (let i = 0; i < WORLD.tablesPerSchema; i++) await makeTable(session, `${name}.table_${i}`);
    }
    await session.end();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** One of them is redundant, one is never used. */
async function makeTable(session: Connection, name: string): Promise<void> {
  await session.query(
    `CREATE TABLE ${name} (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT, b INT, c VARCHAR(100), KEY by_a (a), KEY by_a_b (a, b));
     INSERT INTO ${name} (a, b, c) VALUES (1, 1, 'one'), (2, 2, 'two'); SELECT c FROM ${name} WHERE id = 1`,
  );
}

/** They end with the server. */
async function makeSessions(server: DatabaseServer): Promise<void> {
  const { accounts, idle, transactions, waiting } = WORLD;
  await server.query(
    `CREATE DATABASE busy; CREATE TABLE busy.goods (id INT PRIMARY KEY, n INT);
     INSERT INTO busy.goods VALUES ${Array.from({ length: transactions }, (_, i) => `(${i}, 0)`).join(', ')}`,
  );
  for (let i = 0; i < accounts; i++) await server.query(`CREATE USER user_${i}`);
  for (let i = 0; i < idle; i++) {
    const session = await createConnection({
      host: '127.0.0.1',
      port: server.port,
      user: `user_${i % accounts}`,
    });
    session.on('error', () => {}); // ends with the server
  }
  for (let i = 0; i < transactions; i++) {
    const session = await server.connect();
    await session.query(`BEGIN; UPDATE busy.goods SET n = 1 WHERE id = ${i}`);
  }
  for (let i = 0; i < waiting; i++) {
    const session = await server.connect();
    void session.query('UPDATE busy.goods SET n = 2 WHERE id = 0').catch(() => {});
  }
}
