/**
 * The shipped sets about information_schema, engines and replication, on rows of servers that `npm run parity` does
 * not have: which server is asked what, and what its rows become.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerFacts } from '../../src/model/facts.ts';
import type { Rows } from '../../src/query-set/compiled.ts';
import { sinkOf } from '../support/sink.ts';
import { loadShipped, type Params, samplesOf, server, statementFor } from './shipped.ts';

const NAMES = [
  'auto_increment.columns',
  'binlog_size',
  'engine_innodb_status',
  'engine_tokudb_status',
  'heartbeat',
  'info_schema.clientstats',
  'info_schema.innodb_metrics',
  'info_schema.innodb_tablespaces',
  'info_schema.processlist',
  'info_schema.replica_host',
  'info_schema.rocksdb_perf_context',
  'info_schema.schemastats',
  'info_schema.tables',
  'info_schema.tablestats',
  'info_schema.userstats',
  'slave_hosts',
  'slave_status',
] as const;
type SetName = (typeof NAMES)[number];

const find = await loadShipped(NAMES);

const IS = 'information_schema';
const SPACES = `${IS}.innodb_sys_tablespaces`;
const USERSTAT_TABLES = ['client', 'user', 'table'].map((what) => `${IS}.${what}_statistics`);
const userstat = (flavour: ServerFacts['flavour'], version: ServerFacts['version'], value: string) =>
  server(flavour, version, { variables: { userstat: value }, tables: USERSTAT_TABLES });

const MYSQL_9 = server('mysql', [9, 7, 4], { variables: { performance_schema: 'ON', log_bin: 'ON' } });
const MYSQL_57 = server('mysql', [5, 7, 44], {
  variables: { performance_schema: 'ON', log_bin: 'OFF' },
  columns: [`${SPACES}.space_type`, `${SPACES}.file_format`],
});
const PERCONA_56 = userstat('mysql', [5, 6, 51], 'ON');
const MARIADB_11 = userstat('mariadb', [11, 8, 2], 'ON');
const MARIADB_103 = server('mariadb', [10, 3, 39], {
  variables: { userstat: 'OFF', log_bin: 'ON' },
  tables: [...USERSTAT_TABLES, `${IS}.rocksdb_perf_context`],
  columns: [`${SPACES}.space_type`],
});

const asked: readonly (readonly [SetName, readonly (readonly [ServerFacts, RegExp])[]])[] = [
  [
    'auto_increment.columns',
    [
      [MYSQL_9, /ON c\.table_schema/],
      [MYSQL_57, /ON BINARY/],
      [MARIADB_11, /ON BINARY/],
    ],
  ],
  [
    'binlog_size',
    [
      [MYSQL_9, /^SHOW BINARY LOGS$/],
      [MYSQL_57, /^\[variable]$/],
    ],
  ],
  [
    'engine_tokudb_status',
    [
      [MYSQL_9, /^\[version]$/],
      [PERCONA_56, /^SHOW ENGINE TOKUDB/],
      [MARIADB_11, /^\[version]$/],
      [MARIADB_103, /TOKUDB/],
    ],
  ],
  [
    'info_schema.clientstats',
    [
      [MYSQL_9, /^\[table]$/],
      [PERCONA_56, /CLIENT_/],
      [MARIADB_103, /^\[variable]$/],
    ],
  ],
  [
    'info_schema.userstats',
    [
      [MYSQL_9, /^\[table]$/],
      [MARIADB_11, /USER_/],
      [MARIADB_103, /^\[variable]$/],
    ],
  ],
  [
    'info_schema.tablestats',
    [
      [MYSQL_9, /^\[table]$/],
      [MARIADB_11, /rows_changed_x_indexes\s+FROM information_schema.TABLE_/],
      [
        server('mariadb', [11, 8, 9], {
          variables: { userstat: 'ON' },
          tables: USERSTAT_TABLES,
          columns: [`${IS}.table_statistics.pages_accessed`],
        }),
        /pages_read_from_disk\s+FROM/,
      ],
      [MARIADB_103, /^\[variable]$/],
    ],
  ],
  [
    'info_schema.schemastats',
    [
      [MYSQL_9, /^\[table]$/],
      [MARIADB_11, /SUM/],
      [MARIADB_103, /^\[variable]$/],
    ],
  ],
  [
    'info_schema.innodb_metrics',
    [
      [MYSQL_9, /status = 'enabled'/],
      [MARIADB_103, /status = 'enabled'/],
      [MARIADB_11, /enabled = 1/],
    ],
  ],
  [
    'info_schema.innodb_tablespaces',
    [
      [MYSQL_9, /'NONE' AS file_format[\s\S]*innodb_tablespaces/],
      [MYSQL_57, /'FILE_FORMAT' AS file_format[\s\S]*innodb_sys_tablespaces/],
      [MARIADB_103, /'NONE' AS file_format[\s\S]*space_type, 'NONE'[\s\S]*innodb_sys_tablespaces/],
      [MARIADB_11, /'' AS space_type[\s\S]*innodb_sys_tablespaces/],
      [PERCONA_56, /^\[column]$/],
    ],
  ],
  [
    'info_schema.processlist',
    [
      [MYSQL_9, /performance_schema\.processlist/],
      [
        server('mysql', [9, 7, 4], { variables: { performance_schema: 'OFF' } }),
        /information_schema\.processlist/,
      ],
      [MYSQL_57, /information_schema\.processlist/],
      [MARIADB_11, /information_schema\.processlist/],
    ],
  ],
  [
    'info_schema.replica_host',
    [
      [MYSQL_57, /replica_host_status/],
      [MARIADB_11, /^\[flavour]$/],
    ],
  ],
  [
    'info_schema.rocksdb_perf_context',
    [
      [MYSQL_9, /^\[table]$/],
      [MARIADB_103, /ROCKSDB_PERF_CONTEXT/],
    ],
  ],
  [
    'slave_hosts',
    [
      [MYSQL_9, /^SHOW REPLICAS$/],
      [server('mysql', [8, 0, 21]), /^SHOW SLAVE HOSTS$/],
      [MARIADB_11, /^SHOW SLAVE HOSTS$/],
    ],
  ],
];

for (const [set, servers] of asked) {
  test(`${set}: what is asked of which server`, () => {
    for (const [facts, expected] of servers) assert.match(statementFor(find(set), facts), expected);
  });
}

test('userstat of Percona Server 5.1', () => {
  const facts = server('mysql', [5, 1, 73], {
    variables: { userstat_running: 'ON' },
    tables: USERSTAT_TABLES,
  });
  for (const set of ['clientstats', 'userstats', 'tablestats', 'schemastats'] as const)
    assert.match(statementFor(find(`info_schema.${set}`), facts), /_STATISTICS/);
});

test('parameters of mysqld_exporter are in the statements', () => {
  const sql = (set: SetName, params: Params) => statementFor(find(set, undefined, params), MYSQL_9);
  assert.match(sql('heartbeat', {}), /IF\(0, [\s\S]*FROM `heartbeat`\.`heartbeat`/);
  assert.match(
    sql('heartbeat', { database: 'percona', table: 'beat`s', utc: true }),
    /IF\(1, [\s\S]*FROM `percona`\.`beat``s`/,
  );
  assert.match(sql('info_schema.processlist', { min_time: 7 }), /time >= 7\b/);
  assert.match(sql('info_schema.tables', {}), /IN \('\*'\)/);
  assert.match(sql('info_schema.tables', { databases: ['shop', "it's"] }), /IN \('shop', 'it''s'\)/);
});

/** Rows by the names of their columns. */
function rows(...all: readonly Readonly<Record<string, string | null>>[]): Rows {
  return { columns: Object.keys(all[0] ?? {}), rows: all.map((cells) => Object.values(cells)) };
}

const TOKUDB = (Name: string, Status: string) => ({ Type: 'TokuDB', Name, Status });
const AURORA = {
  server_id: 'aurora-1',
  role: 'writer',
  cpu: '12.5',
  master_slave_latency_in_microseconds: '0',
  replica_lag_in_milliseconds: '0',
  log_stream_speed_in_kib_per_second: '0',
  current_replay_latency_in_microseconds: '0',
};
const READER = '{server_id="aurora-2",role="reader"}';
const WRITER = '{server_id="aurora-1",role="writer"}';
const LOG = (Log_name: string, File_size: string) => ({ Log_name, File_size, Encrypted: 'No' });
const METRIC = (kind_and_name: string, value: string) => ({ kind_and_name, value });
const ROCKS = (stat_type: string, value: string, partition_name: string | null = null) => ({
  ...{ table_schema: 'rocks', table_name: 't', partition_name, stat_type, value },
});
const PROCESS = (user: string, client: string, command: string, state: string | null, threads: string) => ({
  ...{ user, client, command, state, threads, seconds: '10' },
});

const recorded: readonly {
  readonly name: string;
  readonly set: SetName;
  readonly query?: string;
  readonly params?: Params;
  readonly rows: Rows;
  readonly samples: readonly string[];
}[] = [
  {
    name: 'names of TokuDB that are no names of metrics',
    set: 'engine_tokudb_status',
    rows: rows(
      TOKUDB('disk free space', 'not in use or critically low'),
      TOKUDB('time of environment creation', 'Thu Jan  7 10:14:25 2016'),
      TOKUDB('checkpoint: non-checkpoint client wait on cs lock', '12'),
      TOKUDB('ft: bytes (compressed + uncompressed), > 64KB', '7'),
      TOKUDB('cachetable: long time waiting on cache pressure/evictions', '0.25'),
    ),
    samples: [
      'untyped mysql_engine_tokudb_checkpoint_non_checkpoint_client_wait_on_cs_lock 12',
      'untyped mysql_engine_tokudb_ft_bytes_compressed_and_uncompressed__64kb 7',
      'untyped mysql_engine_tokudb_cachetable_long_time_waiting_on_cache_pressureandevictions 0.25',
    ],
  },
  {
    name: 'a cluster, and an instance of which nothing is known yet',
    set: 'info_schema.replica_host',
    rows: rows(
      AURORA,
      {
        ...AURORA,
        server_id: 'aurora-2',
        role: 'reader',
        cpu: '3.25',
        master_slave_latency_in_microseconds: '20013',
        replica_lag_in_milliseconds: '19.5',
        log_stream_speed_in_kib_per_second: '1234.5',
        current_replay_latency_in_microseconds: '45',
      },
      {
        ...Object.fromEntries(Object.keys(AURORA).map((key) => [key, null])),
        server_id: 'new',
        role: 'reader',
      },
    ),
    samples: [
      ['cpu_percent', 12.5, 3.25],
      ['replica_latency_seconds', 0, 0.020013],
      ['lag_seconds', 0, 0.0195],
      ['log_stream_speed', 0, 1234.5],
      ['replay_latency_seconds', 0, 0.000045],
    ].flatMap(([name, writer, reader]) => [
      `gauge mysql_info_schema_replica_host_${name}${WRITER} ${writer}`,
      `gauge mysql_info_schema_replica_host_${name}${READER} ${reader}`,
    ]),
  },
  {
    name: 'counters by partition, and none of another name',
    set: 'info_schema.rocksdb_perf_context',
    rows: rows(
      ROCKS('BLOCK_READ_BYTE', '4096'),
      ROCKS('IO_BYTES_READ', '7', 'p0'),
      ROCKS('GET_SNAPSHOT_TIME', '1'),
    ),
    samples: [
      'counter mysql_info_schema_rocksdb_perf_context_block_read_byte{schema="rocks",table="t",part=""} 4096',
      'counter mysql_info_schema_rocksdb_perf_context_io_bytes_read{schema="rocks",table="t",part="p0"} 7',
    ],
  },
  {
    name: 'a base name with a dot, and the order of the server',
    set: 'binlog_size',
    rows: rows(LOG('db1.example.bin.999999', '100'), LOG('db1.example.bin.1000000', '23')),
    samples: [
      'gauge mysql_binlog_size_bytes 123',
      'gauge mysql_binlog_files 2',
      'gauge mysql_binlog_file_number 1000000',
    ],
  },
  {
    name: 'no file',
    set: 'binlog_size',
    rows: { columns: ['Log_name', 'File_size'], rows: [] },
    samples: [],
  },
  {
    name: 'a query that quotes the report',
    set: 'engine_innodb_status',
    rows: rows({
      Type: 'InnoDB',
      Name: '',
      Status: [
        ...[
          '---TRANSACTION 1, ACTIVE 3 sec',
          "SELECT '",
          ' 9 queries inside InnoDB, 9 queries in queue',
          "'",
        ],
        ...[
          'ROW OPERATIONS',
          '3 queries inside InnoDB, 4 queries in queue',
          '2 read views open inside InnoDB',
        ],
      ].join('\n'),
    }),
    samples: [
      'gauge mysql_engine_innodb_queries_inside_innodb 3',
      'gauge mysql_engine_innodb_queries_in_queue 4',
      'gauge mysql_engine_innodb_read_views_open_inside_innodb 2',
    ],
  },
  {
    name: 'names keep their case, pages get labels, and what is below zero is no counter',
    set: 'info_schema.innodb_metrics',
    rows: rows(
      METRIC('counter_buffer_buffer_LRU_batch_flush_total_pages', '441'),
      METRIC('gauge_buffer_buffer_pool_size', '134217728'),
      METRIC('gauge_buffer_buffer_pool_pages_total', '8192'),
      METRIC('gauge_buffer_buffer_pool_pages_dirty', '3'),
      METRIC('gauge_buffer_buffer_pool_pages_misc', '2'),
      METRIC('counter_buffer_page_io_buffer_page_read_index_leaf', '5'),
      METRIC('counter_buffer_page_io_buffer_page_written_undo_log', '6'),
      METRIC('counter_buffer_page_io_elsewhere', '7'),
      METRIC('gauge_transaction_trx_active_transactions', '-1'),
    ),
    samples: [
      'counter mysql_info_schema_innodb_metrics_buffer_buffer_LRU_batch_flush_total_pages_total 441',
      'gauge mysql_info_schema_innodb_metrics_buffer_buffer_pool_size 134217728',
      'gauge mysql_info_schema_innodb_metrics_buffer_pool_dirty_pages 3',
      'gauge mysql_info_schema_innodb_metrics_buffer_pool_pages{state="misc"} 2',
      'counter mysql_info_schema_innodb_metrics_buffer_page_read_total{type="index_leaf"} 5',
      'counter mysql_info_schema_innodb_metrics_buffer_page_written_total{type="undo_log"} 6',
      'gauge mysql_info_schema_innodb_metrics_transaction_trx_active_transactions -1',
    ],
  },
  {
    name: 'columns of Percona Server and of a version to come',
    set: 'info_schema.userstats',
    rows: rows({ USER: 'app', TOTAL_CONNECTIONS: '3', BUSY_TIME: '0.5', ROWS_FETCHED: '7', NEW_THING: '1' }),
    samples: [
      'counter mysql_info_schema_user_statistics_total_connections{user="app"} 3',
      'counter mysql_info_schema_user_statistics_busy_seconds_total{user="app"} 0.5',
      'counter mysql_info_schema_user_statistics_rows_fetched_total{user="app"} 7',
      'untyped mysql_info_schema_user_statistics_new_thing{user="app"} 1',
    ],
  },
  {
    name: 'statements that took too long are a counter for clients',
    set: 'info_schema.clientstats',
    rows: rows({ CLIENT: '10.0.0.5', MAX_STATEMENT_TIME_EXCEEDED: '2' }),
    samples: [
      'counter mysql_info_schema_client_statistics_max_statement_time_exceeded_total{client="10.0.0.5"} 2',
    ],
  },
  {
    name: 'states that differ in what is removed are one',
    set: 'info_schema.processlist',
    rows: rows(
      PROCESS('app', '10.0.0.5', 'Binlog Dump', 'Waiting for (x); now', '1'),
      PROCESS('app', '', 'Binlog-Dump', 'waiting for x, now', '2'),
      PROCESS('root', '10.0.0.5', 'Sleep', null, '4'),
    ),
    samples: [
      'gauge mysql_info_schema_processlist_threads{command="binlog_dump",state="waiting_for_x_now"} 3',
      'gauge mysql_info_schema_processlist_threads{command="sleep",state="unknown"} 4',
      'gauge mysql_info_schema_processlist_seconds{command="binlog_dump",state="waiting_for_x_now"} 20',
      'gauge mysql_info_schema_processlist_seconds{command="sleep",state="unknown"} 10',
      'gauge mysql_info_schema_processlist_processes_by_user{mysql_user="app"} 3',
      'gauge mysql_info_schema_processlist_processes_by_user{mysql_user="root"} 4',
      'gauge mysql_info_schema_processlist_processes_by_host{client_host="10.0.0.5"} 5',
      'gauge mysql_info_schema_processlist_processes_by_host{client_host="unknown"} 2',
    ],
  },
  {
    name: 'neither by user nor by host',
    set: 'info_schema.processlist',
    params: { processes_by_user: false, processes_by_host: false },
    rows: rows(PROCESS('app', '10.0.0.5', 'Sleep', '', '1')),
    samples: [
      'gauge mysql_info_schema_processlist_threads{command="sleep",state="unknown"} 1',
      'gauge mysql_info_schema_processlist_seconds{command="sleep",state="unknown"} 10',
    ],
  },
  {
    name: 'old names',
    set: 'info_schema.processlist',
    params: { old_names: true, processes_by_user: false, processes_by_host: false },
    rows: rows(
      PROCESS('app', '10.0.0.5', 'Query', 'Copying to tmp table', '2'),
      PROCESS('app', '10.0.0.5', 'Sleep', '', '1'),
    ),
    samples: [
      'gauge mysql_info_schema_processlist_threads{command="query",state="copying_to_tmp_table"} 2',
      'gauge mysql_info_schema_processlist_threads{command="sleep",state="unknown"} 1',
      'gauge mysql_info_schema_processlist_seconds{command="query",state="copying_to_tmp_table"} 10',
      'gauge mysql_info_schema_processlist_seconds{command="sleep",state="unknown"} 10',
      'gauge mysql_info_schema_threads{state="copying to tmp table"} 2',
      'gauge mysql_info_schema_threads{state="idle"} 1',
      'gauge mysql_info_schema_threads_seconds{state="copying to tmp table"} 10',
      'gauge mysql_info_schema_threads_seconds{state="idle"} 10',
    ],
  },
  {
    name: 'replicas of MySQL 5.7',
    set: 'slave_hosts',
    rows: rows({ Server_id: '12', Host: 'replica', Port: '3306', Master_id: '11', Slave_UUID: 'e45d' }),
    samples: [
      'gauge mysql_heartbeat_mysql_slave_hosts_info{server_id="12",slave_host="replica",port="3306",master_id="11",slave_uuid="e45d"} 1',
    ],
  },
  {
    name: 'replicas of a very old server',
    set: 'slave_hosts',
    rows: rows({ Server_id: '12', Host: '', Port: '3306', Rpl_recovery_rank: '0', Master_id: '11' }),
    samples: [
      'gauge mysql_heartbeat_mysql_slave_hosts_info{server_id="12",slave_host="",port="3306",master_id="11",slave_uuid=""} 1',
    ],
  },
  {
    name: 'a column of a type that has no end',
    set: 'auto_increment.columns',
    rows: rows({ table_schema: 's', table_name: 't', column_name: 'c', next_value: '7', most: null }),
    samples: ['gauge mysql_info_schema_auto_increment_column{schema="s",table="t",column="c"} 7'],
  },
];

for (const { name, params, query, rows: result, samples, set } of recorded) {
  test(`${set}: ${name}`, () => assert.deepEqual(samplesOf(find(set, query, params), result, true), samples));
}

test('slave_status: HELP says that MariaDB’s Master_Slave_time_diff is no lag', () => {
  const { map } = find('slave_status');
  const helps = new Map<string, string>();
  const sink = sinkOf(({ help, name }) => helps.set(name, help));
  const rows: Rows = { columns: ['Connection_name', 'Master_Slave_time_diff'], rows: [['', '3']] };
  assert.equal(map(rows, sink), undefined);
  assert.match(helps.get('mysql_slave_status_master_slave_time_diff') ?? '', /not a lag/);
});
