/** What a server is kept busy with: statements, sessions, and the tables and indexes behind them. */
import { type Dashboard, ONE } from '../dashboard.ts';
import { graph, stat, table } from '../panel.ts';

const of = (name: string) => `mysql_${name}{${ONE}}`;
const rate = (name: string) => `rate(${of(name)}[$__rate_interval])`;
/** Over what is shown, so that the tables tell of the same time as the graphs. */
const overall = (name: string) => `rate(${of(name)}[$__range])`;

const STATEMENT = '{{schema}} {{digest_text}}';
const top = (name: string) => `topk(10, ${rate(`top_statements_${name}`)} > 0)`;
const TABLE = ['schema', 'table'] as const;

export const statements: Dashboard = {
  name: 'statements',
  title: 'MySQL: statements',
  description: 'Statements by digest, sessions, tables and indexes of one server.',
  shows: 'one',
  rows: [
    {
      title: 'All statements (set top_statements)',
      panels: [
        stat('Statements', 'ops', rate('top_statements_all_calls_total'), { width: 6 }),
        stat('At work at once', 'short', rate('top_statements_all_time_seconds_total'), {
          width: 6,
          description: 'Seconds of statements a second.',
        }),
        stat('Rows read', 'ops', rate('top_statements_all_rows_examined_total'), { width: 6 }),
        stat('Failed', 'ops', rate('top_statements_all_errors_total'), { width: 6 }),
      ],
    },
    {
      title: 'By digest (set top_statements)',
      panels: [
        table(
          'Most time',
          ['schema', 'digest', 'digest_text'],
          {
            'time a second': {
              expr: `topk(50, ${overall('top_statements_time_seconds_total')} > 0)`,
              unit: 's',
            },
            calls: { expr: overall('top_statements_calls_total'), unit: 'ops' },
            'time a call': {
              expr: `${overall('top_statements_time_seconds_total')} / (${overall('top_statements_calls_total')} > 0)`,
              unit: 's',
            },
            'rows read a call': {
              expr: `${overall('top_statements_rows_examined_total')} / (${overall('top_statements_calls_total')} > 0)`,
            },
            'rows sent a call': {
              expr: `${overall('top_statements_rows_sent_total')} / (${overall('top_statements_calls_total')} > 0)`,
            },
          },
          { description: 'In the time that is shown. The digest other is all that are not listed.' },
        ),
        graph('Time', 's', { [STATEMENT]: top('time_seconds_total') }, { stacked: true, width: 12 }),
        graph('Calls', 'ops', { [STATEMENT]: top('calls_total') }, { width: 12 }),
        graph('Rows read', 'ops', { [STATEMENT]: top('rows_examined_total') }, { width: 12 }),
        graph('Rows changed', 'ops', { [STATEMENT]: top('rows_affected_total') }, { width: 12 }),
        graph('Waiting for table locks', 's', { [STATEMENT]: top('lock_time_seconds_total') }, { width: 12 }),
        graph(
          'Temporary tables on disk',
          'ops',
          { [STATEMENT]: top('tmp_disk_tables_total') },
          { width: 12 },
        ),
        graph('Without an index', 'ops', { [STATEMENT]: top('no_index_used_total') }, { width: 12 }),
        graph('Failed', 'ops', { [STATEMENT]: top('errors_total') }, { width: 12 }),
      ],
    },
    {
      title: 'Sessions (sets sessions, connections)',
      panels: [
        graph(
          'Sessions by user',
          'short',
          { '{{user}}': `sum by (user) (${of('sessions_connected')})` },
          { stacked: true },
        ),
        graph(
          'Sessions by command',
          'short',
          { '{{command}}': `sum by (command) (${of('sessions_connected')})` },
          { stacked: true },
        ),
        graph('Longest command by user', 's', { '{{user}}': of('sessions_longest_command_seconds') }),
        graph(
          'Connections of users against their limits',
          'percentunit',
          { '{{user}}': of('connections_user_used_ratio') },
          { width: 24, description: 'Only users that have one (max_user_connections).' },
        ),
      ],
    },
    {
      title: 'Tables and indexes (sets table_sizes, auto_increment_headroom, index_usage)',
      closed: true,
      panels: [
        table(
          'Largest tables',
          TABLE,
          {
            size: { expr: `topk(50, sum without (part) (${of('table_size_bytes')}))`, unit: 'bytes' },
            rows: { expr: of('table_estimated_rows') },
          },
          { width: 12 },
        ),
        table(
          'AUTO_INCREMENT',
          [...TABLE, 'column'],
          {
            used: { expr: of('auto_increment_headroom_used_ratio'), unit: 'percentunit' },
            left: { expr: of('auto_increment_headroom_remaining_numbers') },
          },
          { width: 12 },
        ),
        table(
          'Indexes that nothing uses',
          [...TABLE, 'index'],
          { size: { expr: of('index_usage_unused_index_bytes'), unit: 'bytes' } },
          { width: 12 },
        ),
        table(
          'Indexes that another one covers',
          [...TABLE, 'index', 'covered_by'],
          { redundant: { expr: of('index_usage_redundant_index_info'), texts: { 1: 'yes' } } },
          { width: 12 },
        ),
      ],
    },
  ],
};
