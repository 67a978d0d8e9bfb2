/**
 * The families that the rules, alerts and overview of mysqld_exporter's mixin read.
 */
const inStatus = [
  ...['aborted_clients', 'aborted_connects', 'buffer_pool_pages', 'bytes_received', 'bytes_sent'],
  ...[
    'commands_total',
    'created_tmp_disk_tables',
    'created_tmp_files',
    'created_tmp_tables',
    'handlers_total',
  ],
  ...['innodb_mem_adaptive_hash', 'innodb_mem_dictionary', 'innodb_num_open_files', 'innodb_page_size'],
  ...['max_used_connections', 'open_files', 'open_table_definitions', 'open_tables', 'opened_files'],
  ...['opened_table_definitions', 'opened_tables', 'qcache_free_memory', 'qcache_hits', 'qcache_inserts'],
  ...['qcache_lowmem_prunes', 'qcache_not_cached', 'qcache_queries_in_cache', 'queries', 'questions'],
  ...['select_full_join', 'select_full_range_join', 'select_range', 'select_range_check', 'select_scan'],
  ...['slow_queries', 'sort_merge_passes', 'sort_range', 'sort_rows', 'sort_scan', 'table_locks_immediate'],
  ...['table_locks_waited', 'table_open_cache_hits', 'table_open_cache_misses', 'table_open_cache_overflows'],
  ...['threads_cached', 'threads_connected', 'threads_created', 'threads_running', 'uptime'],
];
const inVariables = [
  ...['innodb_additional_mem_pool_size', 'innodb_buffer_pool_size', 'innodb_log_buffer_size'],
  ...['key_buffer_size', 'max_connections', 'open_files_limit', 'query_cache_size', 'table_definition_cache'],
  ...['table_open_cache', 'thread_cache_size', 'tokudb_cache_size'],
];
const inSlaveStatus = ['seconds_behind_master', 'slave_io_running', 'slave_sql_running', 'sql_delay'];
const inGaleraStatus = ['wsrep_local_recv_queue', 'wsrep_local_state', 'wsrep_ready'];

export const OVERVIEW_FAMILIES: readonly string[] = [
  'mysql_up',
  'mysql_info_schema_processlist_threads',
  ...inStatus.map((name) => `mysql_global_status_${name}`),
  ...inVariables.map((name) => `mysql_global_variables_${name}`),
];

export const RULE_FAMILIES: readonly string[] = [
  'mysql_up',
  'mysql_global_status_commands_total',
  'mysql_global_status_innodb_log_waits',
  'mysql_global_variables_wsrep_desync',
  'mysql_heartbeat_now_timestamp_seconds',
  'mysql_heartbeat_stored_timestamp_seconds',
  ...inSlaveStatus.map((name) => `mysql_slave_status_${name}`),
  ...inGaleraStatus.map((name) => `mysql_global_status_${name}`),
];
