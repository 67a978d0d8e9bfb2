/** Replicas, groups and Galera clusters: whether they run, how far they are behind, and what they wait for. */
import { type Dashboard, MANY } from '../dashboard.ts';
import { graph, stat, table } from '../panel.ts';

const of = (name: string, more = '') => `mysql_${name}{${MANY}${more}}`;
const rate = (name: string) => `rate(${of(name)}[$__rate_interval])`;

/** Any MariaDB has some of the status of Galera; only nodes are meant. */
const node = (name: string) => `${of(name)} and on (job, instance) ${of('global_variables_wsrep_on')} == 1`;

const CHANNEL = '{{instance}} {{channel}}';
const CHANNEL_OLD = '{{instance}} {{channel_name}}{{connection_name}}';
const RUNNING = { 0: 'stopped', 1: 'runs' };

export const replication: Dashboard = {
  name: 'replication',
  title: 'MySQL: replication',
  description: 'Replicas, replication groups and Galera clusters.',
  shows: 'many',
  rows: [
    {
      title: 'Replicas',
      panels: [
        stat(
          'Channels that stand still',
          'none',
          `count(${of('slave_status_slave_io_running')} == 0 or ${of('slave_status_slave_sql_running')} == 0 or ${of('slave_status_replica_io_running')} == 0 or ${of('slave_status_replica_sql_running')} == 0) or vector(0)`,
          { width: 6, limits: [1, 1] },
        ),
        stat(
          'Furthest behind',
          's',
          `max(${of('slave_status_seconds_behind_master')} or ${of('slave_status_seconds_behind_source')})`,
          { width: 6, limits: [30, 300] },
        ),
        stat('Furthest behind, by commit times', 's', `max(${of('replication_lag_seconds')})`, {
          width: 6,
          limits: [30, 300],
          description: 'Needs the query set replication_lag.',
        }),
        stat(
          'Channels with an error',
          'none',
          `count(${of('slave_status_last_io_errno')} > 0 or ${of('slave_status_last_sql_errno')} > 0) or vector(0)`,
          { width: 6, limits: [1, 1] },
        ),
        table('Channels', ['instance', 'master_host', 'channel_name', 'connection_name'], {
          behind: {
            expr: `${of('slave_status_seconds_behind_master')} or ${of('slave_status_seconds_behind_source')}`,
            unit: 's',
          },
          'told to be behind': { expr: of('slave_status_sql_delay'), unit: 's' },
          receiver: {
            expr: `${of('slave_status_slave_io_running')} or ${of('slave_status_replica_io_running')}`,
            texts: RUNNING,
          },
          applier: {
            expr: `${of('slave_status_slave_sql_running')} or ${of('slave_status_replica_sql_running')}`,
            texts: RUNNING,
          },
          'receiver error': { expr: of('slave_status_last_io_errno'), unit: 'none' },
          'applier error': { expr: of('slave_status_last_sql_errno'), unit: 'none' },
          'relay logs': { expr: of('slave_status_relay_log_space'), unit: 'bytes' },
        }),
        graph('Behind', 's', {
          [CHANNEL_OLD]: `${of('slave_status_seconds_behind_master')} or ${of('slave_status_seconds_behind_source')}`,
        }),
        graph(
          'Behind, by commit times',
          's',
          { [CHANNEL]: of('replication_lag_seconds') },
          { description: 'From the commit at the origin, on MySQL 8 and later. Set: replication_lag.' },
        ),
        graph(
          'Behind, by heartbeat',
          's',
          {
            '{{instance}} of {{server_id}}': `${of('heartbeat_now_timestamp_seconds')} - ${of('heartbeat_stored_timestamp_seconds')} or ${of('replication_lag_heartbeat_seconds')}`,
          },
          { description: 'Set: heartbeat, or replication_lag with the parameter heartbeat.' },
        ),
      ],
    },
    {
      title: 'Positions (sets gtid, slave_hosts, binlog_space)',
      panels: [
        graph('Received and not applied', 'short', {
          [CHANNEL]: of('gtid_unapplied_transactions'),
          '{{instance}} {{channel}} domain {{domain_id}}': `${of('gtid_received_sequence')} - ignoring (server_id) group_left ${of('gtid_applied_sequence')}`,
        }),
        graph('Transactions missing in between', 'short', {
          '{{instance}} {{set}}': of('gtid_missing_transactions'),
        }),
        graph('Connected replicas', 'short', {
          '{{instance}}': `count by (instance) (${of('heartbeat_mysql_slave_hosts_info')})`,
        }),
        graph('Binary logs', 'bytes', { '{{instance}}': of('binlog_space_bytes') }),
        graph('Transactions too large for the cache', 'ops', {
          '{{instance}}': rate('binlog_space_spilled_transactions_total'),
        }),
        graph('Relay logs', 'bytes', { [CHANNEL_OLD]: of('slave_status_relay_log_space') }),
      ],
    },
    {
      title: 'Group replication (set group_replication)',
      closed: true,
      panels: [
        table('Members', ['instance', 'member_host', 'member_port'], {
          state: {
            expr: of('group_replication_member_state_number'),
            texts: { 0: 'offline', 1: 'online', 2: 'recovering', 3: 'unreachable', 4: 'error' },
          },
          role: { expr: of('group_replication_member_role_number'), texts: { 0: 'secondary', 1: 'primary' } },
        }),
        graph('Waiting transactions', 'short', {
          '{{member_id}} {{queue}}': `max by (member_id, queue) (${of('group_replication_queued_transactions')})`,
        }),
        graph('Checked and in conflict', 'ops', {
          '{{member_id}} checked': `max by (member_id) (${rate('group_replication_checked_transactions_total')})`,
          '{{member_id}} in conflict': `max by (member_id) (${rate('group_replication_conflicts_total')})`,
        }),
        graph(
          'Members by state',
          'short',
          { '{{instance}} {{state}}': of('group_replication_members') },
          { stacked: true },
        ),
      ],
    },
    {
      title: 'Galera',
      closed: true,
      panels: [
        table('Nodes', ['instance'], {
          'local state': {
            expr: node('global_status_wsrep_local_state'),
            texts: { 1: 'joining', 2: 'donor', 3: 'joined', 4: 'synced' },
          },
          component: {
            expr: node('global_status_wsrep_cluster_status'),
            texts: { 0: 'cut off', 1: 'primary' },
          },
          ready: { expr: node('global_status_wsrep_ready'), texts: { 0: 'no', 1: 'yes' } },
          'cluster size': { expr: node('global_status_wsrep_cluster_size') },
          desync: { expr: node('global_variables_wsrep_desync'), texts: { 0: 'no', 1: 'yes' } },
        }),
        graph('Queues', 'short', {
          '{{instance}} to apply': of('global_status_wsrep_local_recv_queue'),
          '{{instance}} to send': of('global_status_wsrep_local_send_queue'),
        }),
        graph(
          'Paused by flow control',
          'percentunit',
          { '{{instance}}': `${rate('global_status_wsrep_flow_control_paused_ns')} / 1e9` },
          { max: 1 },
        ),
        graph('Conflicts', 'ops', {
          '{{instance}} refused': rate('global_status_wsrep_local_cert_failures'),
          '{{instance}} broken off': rate('global_status_wsrep_local_bf_aborts'),
        }),
        graph('Write sets', 'Bps', {
          '{{instance}} received': rate('global_status_wsrep_received_bytes'),
          '{{instance}} sent': rate('global_status_wsrep_replicated_bytes'),
        }),
      ],
    },
  ],
};
