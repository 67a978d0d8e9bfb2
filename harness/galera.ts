/**
 * Nodes of Galera: the first one of a cluster, and those that join it.
 */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { startMariadb } from './mariadb.ts';
import type { Program } from './programs.ts';
import type { DatabaseServer } from './server-process.ts';

export interface GaleraNode {
  readonly server: DatabaseServer;
  /** Where other nodes find this one. */
  readonly address: string;
}

export interface GaleraNodeOptions {
  readonly cluster: string;
  /** Of a node to join; a cluster of its own when left out. */
  readonly joins?: string;
  readonly args?: readonly string[];
}

/** What makes this MariaDB a node of Galera; undefined when the library is not beside it. */
export async function galeraLibrary(program: Program): Promise<string | undefined> {
  const library = join(dirname(dirname(program.path)), 'lib/galera/libgalera_smm.so');
  return await access(library).then(
    () => library,
    () => undefined,
  );
}

/**
 * A node that joins is a member and counts for the quorum, but gets no data: the transfer of a state needs scripts
 * and programs of an installed server. It shows itself as a joiner.
 */
export async function startGaleraNode(
  program: Program,
  library: string,
  { args = [], cluster, joins = '' }: GaleraNodeOptions,
): Promise<GaleraNode> {
  const address = `127.0.0.1:${await freePort()}`;
  const provider = [`gmcast.listen_addr=tcp://${address}`, 'gcache.size=32M', ...SOON_MISSED].join(';');
  const server = await startMariadb(
    {
      args: [
        ...['--wsrep-on=ON', `--wsrep-cluster-address=gcomm://${joins}`, `--wsrep-cluster-name=${cluster}`],
        ...['--wsrep-node-address=127.0.0.1', '--binlog-format=ROW', '--innodb-autoinc-lock-mode=2'],
        ...[`--wsrep-provider=${library}`, `--wsrep-provider-options=${provider}`, '--wsrep-sst-method=skip'],
        ...args,
      ],
    },
    program,
  );
  return { server, address };
}

/** A member that has died is left out after seconds, not after half a minute. */
const SOON_MISSED = [
  'evs.keepalive_period=PT0.3S',
  'evs.inactive_check_period=PT0.3S',
  'evs.suspect_timeout=PT1S',
  'evs.inactive_timeout=PT3S',
];
