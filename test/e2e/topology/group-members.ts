/** A replication group of three members, each on a server of its own. */
import { after } from 'node:test';
import { freePort } from '../../../harness/free-port.ts';
import { GTID_ARGS } from '../../../harness/mysql.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';

export async function startGroup(): Promise<readonly [PrivateServer, PrivateServer, PrivateServer]> {
  const ports = await Promise.all([1, 2, 3].map(() => freePort()));
  const [first, second, third] = await Promise.all([
    startMember(ports, 1),
    startMember(ports, 2),
    startMember(ports, 3),
  ]);
  await first.root(
    'SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION; SET GLOBAL group_replication_bootstrap_group = OFF',
  );
  await second.root('START GROUP_REPLICATION');
  await third.root('START GROUP_REPLICATION');
  return [first, second, third];
}

async function startMember(ports: readonly number[], id: number): Promise<PrivateServer> {
  const group = Object.entries({
    group_name: '6a3bd3bf-0000-4000-8000-000000000002',
    local_address: `127.0.0.1:${ports[id - 1]}`,
    group_seeds: ports.map((port) => `127.0.0.1:${port}`).join(','),
    start_on_boot: 'OFF',
    recovery_get_public_key: 'ON',
    member_expel_timeout: '0',
    autorejoin_tries: '0',
    exit_state_action: 'OFFLINE_MODE',
  }).map(([name, value]) => `--loose-group_replication_${name}=${value}`);
  const server = await privateServer('mysql', {
    args: [
      ...[`--server-id=${id}`, ...GTID_ARGS, '--report-host=127.0.0.1'],
      ...['--plugin-load-add=group_replication.so', ...group],
    ],
  });
  after(() => server.stop());
  // Each has made its accounts itself, so none may come from another.
  await server.root(
    `SET sql_log_bin = 0; CREATE USER 'recovery'@'%' IDENTIFIED BY 'recovery';
     GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO 'recovery'@'%';
     CREATE USER 'keeper'@'%' IDENTIFIED BY 'keeper'; GRANT CONNECTION_ADMIN, PROCESS, REPLICATION CLIENT ON *.* TO 'keeper'@'%';
     GRANT SELECT ON performance_schema.* TO 'keeper'@'%'; SET sql_log_bin = 1;
     RESET BINARY LOGS AND GTIDS;
     CHANGE REPLICATION SOURCE TO SOURCE_USER = 'recovery', SOURCE_PASSWORD = 'recovery' FOR CHANNEL 'group_replication_recovery'`,
  );
  return server;
}
