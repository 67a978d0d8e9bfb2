/** All targets at once, and the exporter that watches them. */
import { type Dashboard, MANY, uidOf } from '../dashboard.ts';
import { graph, stat, table } from '../panel.ts';

const mysql = (name: string) => `mysql_${name}{${MANY}}`;
const probe = (name: string) => `query_exporter_${name}{${MANY}}`;
/** The exporter's own, which is scraped by a job of its own and stands for all targets. */
const own = (name: string) => `query_exporter_${name}`;
const rate = (series: string) => `rate(${series}[$__rate_interval])`;

const EXPORTER = '{job="mysql-query-exporter"}';
const OVERVIEW = `/d/${uidOf('overview')}?var-instance=\${__data.fields.instance}`;
const NONE = 'or vector(0)';

export const fleet: Dashboard = {
  name: 'fleet',
  title: 'MySQL: all servers',
  description: 'All targets of the exporter, how their probes go, and the exporter itself.',
  shows: 'many',
  rows: [
    {
      title: 'Targets',
      panels: [
        stat('Targets', 'none', `count(${mysql('up')})`),
        stat('Down', 'none', `count(${mysql('up')} == 0) ${NONE}`, { limits: [1, 1] }),
        stat(
          'Failing queries',
          'none',
          `count(${probe('query_success')} == 0 and on (job, instance) ${mysql('up')} == 1) ${NONE}`,
          { limits: [1, 10], description: 'On servers that are up.' },
        ),
        stat('Queries of all servers', 'ops', `sum(${rate(mysql('global_status_queries'))})`),
        stat(
          'Furthest behind',
          's',
          `max(${mysql('slave_status_seconds_behind_master')} or ${mysql('slave_status_seconds_behind_source')})`,
          { limits: [30, 300] },
        ),
        stat(
          'Fullest connections',
          'percentunit',
          `max(${mysql('global_status_threads_connected')} / ${mysql('global_variables_max_connections')})`,
          { limits: [0.7, 0.85] },
        ),
        table(
          'Servers',
          ['instance'],
          {
            state: { expr: mysql('up'), texts: { 0: 'down', 1: 'up' } },
            queries: { expr: rate(mysql('global_status_queries')), unit: 'ops' },
            running: { expr: mysql('global_status_threads_running') },
            connections: {
              expr: `${mysql('global_status_threads_connected')} / ${mysql('global_variables_max_connections')}`,
              unit: 'percentunit',
            },
            behind: {
              expr: `${mysql('slave_status_seconds_behind_master')} or ${mysql('slave_status_seconds_behind_source')}`,
              unit: 's',
            },
            uptime: { expr: mysql('global_status_uptime'), unit: 'dtdurations' },
            'probe takes': { expr: probe('probe_duration_seconds'), unit: 's' },
            'failing queries': {
              expr: `count by (job, instance) (${probe('query_success')} == 0)`,
              unit: 'none',
            },
          },
          { links: { instance: OVERVIEW } },
        ),
        table(
          'Versions',
          ['instance', 'version', 'version_comment', 'innodb_version'],
          { known: { expr: mysql('version_info'), texts: { 1: 'yes' } } },
          { width: 12 },
        ),
        table(
          'Why targets are down',
          ['instance', 'reason'],
          { down: { expr: probe('probe_error'), texts: { 1: 'yes' } } },
          { width: 12 },
        ),
      ],
    },
    {
      title: 'Probes',
      panels: [
        graph('Slowest probes', 's', { '{{instance}}': `topk(10, ${probe('probe_duration_seconds')})` }),
        graph(
          'Nearest to their timeout',
          'percentunit',
          {
            '{{instance}}': `topk(10, ${probe('probe_duration_seconds')} / ${probe('probe_timeout_seconds')})`,
          },
          { max: 1 },
        ),
        graph('Slowest queries', 's', {
          '{{instance}} {{query_set}}/{{query}}': `topk(10, ${probe('query_duration_seconds')})`,
        }),
        graph(
          'Targets that are down',
          'none',
          { '{{reason}}': `count by (reason) (${probe('probe_error')})` },
          { stacked: true },
        ),
        graph(
          'Failing queries',
          'none',
          {
            '{{query_set}}/{{query}} {{reason}}': `count by (query_set, query, reason) (${probe('query_error')} and on (job, instance) ${mysql('up')} == 1)`,
          },
          { stacked: true },
        ),
        graph('Age of kept results', 's', {
          '{{query_set}}/{{query}}': `max by (query_set, query) (${probe('query_age_seconds')})`,
        }),
        graph(
          'Sets that take longest',
          's',
          {
            '{{collector}}': `topk(10, max by (collector) (${mysql('exporter_collector_duration_seconds')}))`,
          },
          { width: 12 },
        ),
        graph(
          'Sets that fail',
          'none',
          { '{{collector}}': `count by (collector) (${mysql('exporter_collector_success')} == 0)` },
          { width: 12, stacked: true },
        ),
      ],
    },
    {
      title: 'The exporter (job mysql-query-exporter)',
      panels: [
        graph('Probes', 'ops', {
          run: rate(own('probes_total')),
          shared: rate(own('probes_joined_total')),
          'turned away: {{limit}}': rate(own('refused_total')),
        }),
        graph(
          'Targets that were down',
          'ops',
          { '{{reason}}': `${rate(own('probe_failures_total'))} > 0` },
          { stacked: true },
        ),
        graph('Queries', 'ops', {
          all: rate(own('queries_total')),
          'failed: {{reason}}': `${rate(own('query_failures_total'))} > 0`,
        }),
        graph('Connections', 'short', {
          '{{state}}': own('connections'),
          'queries that wait': own('connection_waiters'),
          'being asked': own('queries_in_flight'),
        }),
        graph('Requests under way', 'short', { '{{instance}}': own('probes_in_flight') }),
        graph('Targets', 'short', { '{{instance}}': own('targets') }),
        graph('Memory', 'bytes', {
          resident: `process_resident_memory_bytes${EXPORTER}`,
          heap: `nodejs_heap_size_used_bytes${EXPORTER}`,
        }),
        graph('Processor', 'percentunit', {
          '{{instance}}': `rate(process_cpu_seconds_total${EXPORTER}[$__rate_interval])`,
        }),
        graph(
          'Late to its work',
          's',
          { 'p99, {{instance}}': `nodejs_eventloop_lag_p99_seconds${EXPORTER}` },
          { description: 'How late the event loop of Node.js is.' },
        ),
        graph(
          'Samples dropped as repeated',
          'short',
          { '{{instance}}': `increase(${own('duplicate_series_total')}[$__rate_interval])` },
          { width: 12 },
        ),
        stat('Version', 'none', own('build_info'), {
          width: 12,
          legend: '{{version}} on Node.js {{nodeversion}}',
        }),
      ],
    },
  ],
};
