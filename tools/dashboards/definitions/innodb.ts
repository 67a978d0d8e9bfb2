/** InnoDB and locks of one server. */
import { type Dashboard, ONE } from '../dashboard.ts';
import { graph, stat } from '../panel.ts';

const of = (name: string, more = '') => `mysql_${name}{${ONE}${more}}`;
const status = (name: string, more = '') => of(`global_status_${name}`, more);
const rate = (name: string, more = '') => `rate(${status(name, more)}[$__rate_interval])`;

const LOCK_WAITS = { description: 'Set: lock_waits.' };
const LONG = { description: 'Set: long_transactions.' };
const oldest = `${of('long_transactions_oldest_age_seconds')} or ${of('innodb_oldest_transaction_age_seconds')}`;
const waiting = `${of('lock_waits_waiting_transactions')} or ${of('innodb_lock_waiting_transactions')}`;

export const innodb: Dashboard = {
  name: 'innodb',
  title: 'MySQL: InnoDB and locks',
  description: 'Transactions, locks, buffer pool and redo log of one server.',
  shows: 'one',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Oldest transaction', 'dtdurations', oldest, { limits: [300, 1800] }),
        stat('Waiting for locks', 'short', waiting, { limits: [1, 10] }),
        stat('Longest wait', 's', of('lock_waits_longest_wait_seconds'), { limits: [5, 20], ...LOCK_WAITS }),
        stat('Longest wait for metadata', 's', of('lock_waits_metadata_longest_wait_seconds'), {
          limits: [5, 30],
          ...LOCK_WAITS,
        }),
        stat('Old row versions', 'short', of('innodb_history_list_length'), {
          limits: [100_000, 1_000_000],
          description: 'Set: innodb.',
        }),
        stat(
          'Buffer pool misses',
          'percentunit',
          `${rate('innodb_buffer_pool_reads')} / ${rate('innodb_buffer_pool_read_requests')}`,
          { limits: [0.01, 0.05] },
        ),
      ],
    },
    {
      title: 'Transactions (sets innodb, long_transactions)',
      panels: [
        graph('Open transactions', 'short', {
          open: of('innodb_transactions'),
          'waiting for locks': of('innodb_lock_waiting_transactions'),
          'session idle': of('long_transactions_idle'),
        }),
        graph('Age of the oldest', 's', {
          oldest,
          'longest idle': of('long_transactions_longest_idle_seconds'),
        }),
        graph('Older than', 'short', { '{{older_than_seconds}} s': of('long_transactions_above') }, LONG),
        graph('Oldest by user', 's', { '{{user}}': of('long_transactions_user_oldest_age_seconds') }, LONG),
        graph(
          'Rows changed and locked',
          'short',
          { changed: of('innodb_modified_rows'), locked: of('innodb_locked_rows') },
          { description: 'By open transactions. Set: innodb.' },
        ),
        graph(
          'Old row versions',
          'short',
          { 'history list': of('innodb_history_list_length') },
          { description: 'Set: innodb.' },
        ),
      ],
    },
    {
      title: 'Locks (sets lock_waits, deadlocks)',
      panels: [
        graph('Transactions', 'short', {
          waiting,
          blocking: of('lock_waits_blocking_transactions'),
          'blocking, waiting for none': of('lock_waits_root_blocking_transactions'),
        }),
        graph(
          'Blocked by user',
          'short',
          { '{{user}}': of('lock_waits_blocked_transactions') },
          { stacked: true, ...LOCK_WAITS },
        ),
        graph(
          'Longest wait',
          's',
          {
            'row lock': of('lock_waits_longest_wait_seconds'),
            metadata: of('lock_waits_metadata_longest_wait_seconds'),
          },
          LOCK_WAITS,
        ),
        graph('Deadlocks', 'ops', {
          deadlocks: `rate(${of('deadlocks_total')}[$__rate_interval]) or on (job, instance) ${rate('innodb_deadlocks')}`,
        }),
        graph('Row lock waits', 'ops', { waits: rate('innodb_row_lock_waits') }),
        graph('Time in row lock waits', 's', {
          'seconds a second': `${rate('innodb_row_lock_time')} / 1000`,
        }),
      ],
    },
    {
      title: 'Buffer pool',
      panels: [
        graph(
          'Pages',
          'short',
          { '{{state}}': status('buffer_pool_pages', ', state!="old"') },
          { stacked: true },
        ),
        graph('Dirty pages', 'short', { dirty: status('buffer_pool_dirty_pages') }),
        graph('Changes of pages', 'ops', { '{{operation}}': rate('buffer_pool_page_changes_total') }),
        graph('Reads', 'ops', {
          requests: rate('innodb_buffer_pool_read_requests'),
          'from disk': rate('innodb_buffer_pool_reads'),
          'waited for a free page': rate('innodb_buffer_pool_wait_free'),
        }),
        graph('Pages not found', 'percentunit', {
          misses: `${rate('innodb_buffer_pool_reads')} / ${rate('innodb_buffer_pool_read_requests')}`,
        }),
        graph('Rows', 'ops', { '{{operation}}': rate('innodb_row_ops_total') }),
      ],
    },
    {
      title: 'Disk',
      panels: [
        graph('Operations', 'ops', {
          reads: rate('innodb_data_reads'),
          writes: rate('innodb_data_writes'),
          fsyncs: rate('innodb_data_fsyncs'),
        }),
        graph('Bytes', 'Bps', {
          read: rate('innodb_data_read'),
          written: rate('innodb_data_written'),
          'redo log': rate('innodb_os_log_written'),
        }),
        graph('Waits for the log buffer', 'ops', { waits: rate('innodb_log_waits') }),
        graph(
          'Temporary tablespace',
          'bytes',
          {
            global: of('temporary_tablespace_bytes'),
            free: of('temporary_tablespace_free_bytes'),
            limit: of('temporary_tablespace_limit_bytes'),
            'sessions, {{purpose}}': `sum by (purpose) (${of('temporary_tablespace_session_bytes')})`,
          },
          { width: 24, description: 'Set: temporary_tablespace.' },
        ),
      ],
    },
  ],
};
