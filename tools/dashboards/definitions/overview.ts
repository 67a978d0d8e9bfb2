/** One server, with all that the overview of mysqld_exporter's mixin shows. */
import { type Dashboard, ONE } from '../dashboard.ts';
import { graph, stat } from '../panel.ts';

const status = (name: string, more = '') => `mysql_global_status_${name}{${ONE}${more}}`;
const variable = (name: string) => `mysql_global_variables_${name}{${ONE}}`;
const rate = (name: string, more = '') => `rate(${status(name, more)}[$__rate_interval])`;

const TRANSACTION_HANDLERS = 'commit|rollback|savepoint.*|prepare';

export const overview: Dashboard = {
  name: 'overview',
  title: 'MySQL: overview of a server',
  description: 'Connections, queries, memory, files and tables of one MySQL or MariaDB server.',
  shows: 'one',
  rows: [
    {
      title: 'At a glance',
      panels: [
        stat('State', 'none', `mysql_up{${ONE}}`, { texts: { 0: 'down', 1: 'up' }, limits: [1, 0.5] }),
        stat('Uptime', 'dtdurations', status('uptime')),
        stat('Queries', 'ops', rate('queries')),
        stat(
          'Connections in use',
          'percentunit',
          `${status('threads_connected')} / ${variable('max_connections')}`,
          {
            limits: [0.7, 0.85],
          },
        ),
        stat('Threads running', 'short', status('threads_running')),
        stat('Buffer pool', 'bytes', variable('innodb_buffer_pool_size')),
      ],
    },
    {
      title: 'Connections',
      panels: [
        graph('Connections', 'short', {
          open: status('threads_connected'),
          'most at once since the start': status('max_used_connections'),
          max_connections: variable('max_connections'),
        }),
        graph('Threads', 'short', { open: status('threads_connected'), running: status('threads_running') }),
        graph('Broken off', 'ops', {
          'by clients': rate('aborted_clients'),
          'at login': rate('aborted_connects'),
        }),
        graph('Thread cache', 'short', {
          thread_cache_size: variable('thread_cache_size'),
          cached: status('threads_cached'),
          'created a second': rate('threads_created'),
        }),
        graph(
          'Sessions by state',
          'short',
          { '{{command}} {{state}}': `topk(10, mysql_info_schema_processlist_threads{${ONE}} > 0)` },
          { stacked: true, width: 16, description: 'Needs the query set info_schema.processlist.' },
        ),
      ],
    },
    {
      title: 'Queries',
      panels: [
        graph('Queries', 'ops', {
          questions: rate('questions'),
          'with those in procedures': rate('queries'),
        }),
        graph('Commands', 'ops', { '{{command}}': `topk(10, ${rate('commands_total')} > 0)` }),
        graph('Slow queries', 'ops', { 'slower than long_query_time': rate('slow_queries') }),
        graph(
          'Rows',
          'ops',
          { '{{handler}}': rate('handlers_total', `, handler!~"${TRANSACTION_HANDLERS}"`) },
          { stacked: true },
        ),
        graph(
          'Transactions',
          'ops',
          { '{{handler}}': rate('handlers_total', `, handler=~"${TRANSACTION_HANDLERS}"`) },
          { stacked: true },
        ),
        graph('Joins and scans', 'ops', {
          'full join': rate('select_full_join'),
          'full range join': rate('select_full_range_join'),
          range: rate('select_range'),
          'range check': rate('select_range_check'),
          scan: rate('select_scan'),
        }),
        graph('Sorts', 'ops', {
          rows: rate('sort_rows'),
          range: rate('sort_range'),
          scan: rate('sort_scan'),
          'merge passes': rate('sort_merge_passes'),
        }),
        graph('Temporary tables', 'ops', {
          tables: rate('created_tmp_tables'),
          'tables on disk': rate('created_tmp_disk_tables'),
          files: rate('created_tmp_files'),
        }),
        graph('Table locks', 'ops', {
          'got at once': rate('table_locks_immediate'),
          'waited for': rate('table_locks_waited'),
        }),
        graph(
          'Network',
          'Bps',
          { received: rate('bytes_received'), sent: rate('bytes_sent') },
          { width: 24 },
        ),
      ],
    },
    {
      title: 'Memory',
      panels: [
        graph(
          'Memory',
          'bytes',
          {
            'buffer pool, data': `${status('innodb_page_size')} * on (job, instance) ${status('buffer_pool_pages', ', state="data"')}`,
            'log buffer': variable('innodb_log_buffer_size'),
            'additional pool': variable('innodb_additional_mem_pool_size'),
            dictionary: status('innodb_mem_dictionary'),
            'adaptive hash': status('innodb_mem_adaptive_hash'),
            'key buffer': variable('key_buffer_size'),
            'query cache': variable('query_cache_size'),
            TokuDB: variable('tokudb_cache_size'),
          },
          {
            stacked: true,
            width: 24,
            description:
              'What the server has; the additional pool until MySQL 5.6, the query cache not on MySQL 8.',
          },
        ),
      ],
    },
    {
      title: 'Files and tables',
      panels: [
        graph('Open files', 'short', {
          server: status('open_files'),
          InnoDB: status('innodb_num_open_files'),
          open_files_limit: variable('open_files_limit'),
        }),
        graph('Opened', 'ops', {
          files: rate('opened_files'),
          tables: rate('opened_tables'),
          definitions: rate('opened_table_definitions'),
        }),
        graph('Table cache', 'ops', {
          hits: rate('table_open_cache_hits'),
          misses: rate('table_open_cache_misses'),
          overflows: rate('table_open_cache_overflows'),
        }),
        graph(
          'Open tables',
          'short',
          { open: status('open_tables'), table_open_cache: variable('table_open_cache') },
          { width: 12 },
        ),
        graph(
          'Open table definitions',
          'short',
          {
            open: status('open_table_definitions'),
            table_definition_cache: variable('table_definition_cache'),
          },
          { width: 12 },
        ),
      ],
    },
    {
      title: 'Query cache (not on MySQL 8 and later)',
      closed: true,
      panels: [
        graph('Size', 'bytes', {
          free: status('qcache_free_memory'),
          query_cache_size: variable('query_cache_size'),
        }),
        graph('Use', 'ops', {
          hits: rate('qcache_hits'),
          inserts: rate('qcache_inserts'),
          'not cached': rate('qcache_not_cached'),
          'removed for want of memory': rate('qcache_lowmem_prunes'),
        }),
        graph('Cached', 'short', { queries: status('qcache_queries_in_cache') }),
      ],
    },
  ],
};
