/**
 * Parts of a server that have to be switched on while it runs, because a collector reads them. A server without
 * such a part is compared without it: the collector then shows as having nothing from mysqld_exporter.
 */
import { freePort } from '../../harness/free-port.ts';
import type { DatabaseServer } from '../../harness/server-process.ts';

/** Any will do, it is the only group here. */
const GROUP = '6a3bd3bf-0000-4000-8000-000000000001';

/** A group of one member, for the collectors of group replication. The member needs GTIDs and a `--report-host`. */
export async function startGroup(server: DatabaseServer): Promise<void> {
  await server.query("INSTALL PLUGIN group_replication SONAME 'group_replication.so'");
  await server.query(
    `SET GLOBAL group_replication_group_name = ?,
         GLOBAL group_replication_local_address = ?,
         GLOBAL group_replication_bootstrap_group = ON`,
    [GROUP, `127.0.0.1:${await freePort()}`],
  );
  await server.query('START GROUP_REPLICATION');
  await server.query('SET GLOBAL group_replication_bootstrap_group = OFF');
  // Something for its counters.
  await server.query("UPDATE parity.ai_tiny SET note = 'through the group'");
}

/** Its variables have a dot in their names. To be loaded last: it refuses simple passwords of new accounts. */
export async function loadPasswordComponent(server: DatabaseServer): Promise<void> {
  await server.query("INSTALL COMPONENT 'file://component_validate_password'");
}

/** For info_schema.query_response_time. */
export async function recordResponseTimes(server: DatabaseServer): Promise<void> {
  await ifThere(server, 'query_response_time', async () => {
    await server.query('SET GLOBAL query_response_time_stats = ON');
  });
}

/** For info_schema.rocksdb_perf_context; the replica does not get these tables, it lacks the engine. */
export async function makeRocksTables(server: DatabaseServer): Promise<void> {
  await ifThere(server, 'ha_rocksdb', async () => {
    await server.query('SET SESSION sql_log_bin = OFF');
    await server.query('SET GLOBAL rocksdb_perf_context_level = 3');
    await server.query('CREATE DATABASE rocks');
    await server.query('CREATE TABLE rocks.plain (id INT PRIMARY KEY, body TEXT) ENGINE = ROCKSDB');
    await server.query(
      `CREATE TABLE rocks.parted (id INT PRIMARY KEY, body TEXT) ENGINE = ROCKSDB
       PARTITION BY HASH (id) PARTITIONS 2`,
    );
    await server.query("INSERT INTO rocks.plain VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    await server.query("INSERT INTO rocks.parted VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    await server.query('SELECT * FROM rocks.plain JOIN rocks.parted USING (id) WHERE id > 1');
    await server.query('SET SESSION sql_log_bin = ON');
  });
}

/** MariaDB's plugins are in packages of their own, which not every machine can have. */
async function ifThere(server: DatabaseServer, library: string, use: () => Promise<void>): Promise<void> {
  try {
    await server.query(`INSTALL SONAME '${library}'`);
  } catch (cause) {
    if ((cause as { errno?: number }).errno === CANNOT_OPEN_LIBRARY) return;
    throw cause;
  }
  await use();
}

const CANNOT_OPEN_LIBRARY = 1126;
