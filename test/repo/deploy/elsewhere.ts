/**
 * Families that none of our real servers has, or that not every machine can have a server for: why, and what such a
 * server sends. The library makes the families of it, which is what the test looks at.
 */
import { loadShippedSets } from '../../../src/config/load.ts';
import { loadShipped, samplesOf } from '../../queries/shipped.ts';

const SETS = ['global_status', 'global_variables', 'binlog_space'] as const;

interface Elsewhere {
  readonly why: string;
  readonly set: (typeof SETS)[number];
  readonly query?: string;
  /** Names and values of variables. */
  readonly sent: Readonly<Record<string, string>>;
}

const NAMED_BY_SERVER: readonly Elsewhere[] = [
  {
    why: 'only in MariaDB 11.4 and later',
    set: 'binlog_space',
    query: 'limits',
    sent: { max_binlog_total_size: '1073741824' },
  },
  {
    why: 'only until MySQL 5.6',
    set: 'global_variables',
    sent: { innodb_additional_mem_pool_size: '8388608' },
  },
  {
    why: 'only with the storage engine TokuDB, of Percona Server 5.7 and MariaDB 10.4',
    set: 'global_variables',
    sent: { tokudb_cache_size: '1073741824' },
  },
  {
    why: 'only on nodes of Galera, whose library not every machine can have; recorded on MariaDB 10.11',
    set: 'global_status',
    sent: {
      wsrep_local_state: '4',
      wsrep_local_recv_queue: '0',
      wsrep_local_send_queue: '0',
      wsrep_flow_control_paused_ns: '0',
      wsrep_local_cert_failures: '0',
      wsrep_received_bytes: '168',
      wsrep_replicated_bytes: '531640',
    },
  },
];

/** Of families with a fixed name it is enough that the library has them. */
const NAMED_BY_US: Readonly<Record<string, string>> = {
  mysql_temporary_tablespace_limit_bytes:
    'only where innodb_temp_data_file_path has a limit, which none is started with',
};

/** The families, each with its reason. */
export async function elsewhere(): Promise<ReadonlyMap<string, string>> {
  const find = await loadShipped(SETS);
  const sets = [...(await loadShippedSets()).values()];
  const fixed = new Set(
    sets.flatMap(({ queries }) => queries.flatMap(({ metrics }) => metrics.map((m) => m.family))),
  );
  const ours = Object.entries(NAMED_BY_US).filter(([family]) => fixed.has(family));
  const theirs = NAMED_BY_SERVER.flatMap(({ why, set, query, sent }) => {
    const samples = samplesOf(find(set, query), {
      columns: ['Variable_name', 'Value'],
      rows: Object.entries(sent),
    });
    return samples.map((sample) => [sample.split(/[ {]/)[0] ?? '', why] as const);
  });
  return new Map([...ours, ...theirs]);
}
