/** What only the exporter sees, which asks all servers: who follows whom, clusters, settings that differ, and its own cost. */
import { type Dashboard, MANY } from '../dashboard.ts';
import { graph, stat, table } from '../panel.ts';

/** Of /fleet, which is scraped by a job of its own and stands for all targets. */
const fleet = (name: string) => `mysql_fleet_${name}`;
const cost = (name: string) => `rate(mysql_exporter_cost_${name}{${MANY}}[$__rate_interval])`;
const DAY = 86_400;
const NONE = 'or vector(0)';
const RUNS = { 0: 'stopped', 1: 'runs' };

export const topology: Dashboard = {
  name: 'topology',
  title: 'MySQL: topology',
  description:
    'Replication between targets, clusters, settings that differ, what monitoring costs. Needs the query set topology and a job that scrapes /fleet.',
  shows: 'many',
  rows: [
    {
      title: 'Clusters (job mysql-fleet)',
      panels: [
        stat('Clusters', 'none', `count(${fleet('writable_primaries')})`),
        stat('Split brains', 'none', `count(${fleet('writable_primaries')} > 1) ${NONE}`, {
          limits: [1, 1],
          description: 'Clusters with more than one server that takes writes and follows none.',
        }),
        stat('Without a primary', 'none', `count(${fleet('writable_primaries')} == 0) ${NONE}`, {
          limits: [1, 5],
        }),
        stat('Orphans', 'none', `count(${fleet('replication_orphan')}) ${NONE}`, {
          limits: [1, 5],
          description: 'Replicas whose source is no target.',
        }),
        stat('Unknown replicas', 'none', `count(${fleet('unknown_replica')}) ${NONE}`, {
          limits: [1, 5],
          description: 'Replicas of targets that are no targets.',
        }),
        stat('Settings that differ', 'none', `count(${fleet('variable_values')} > 1) ${NONE}`, {
          limits: [1, 100],
        }),
        table(
          'Replication',
          ['source', 'replica', 'channel'],
          {
            'transactions behind': { expr: fleet('replication_lag_transactions') },
            'seconds at least': { expr: `${fleet('replication_lag_seconds')}{bound="lower"}`, unit: 's' },
            'seconds at most': { expr: `${fleet('replication_lag_seconds')}{bound="upper"}`, unit: 's' },
            receiver: { expr: `${fleet('replication_running')}{thread="io"}`, texts: RUNS },
            applier: { expr: `${fleet('replication_running')}{thread="sql"}`, texts: RUNS },
          },
          { description: 'Names of targets.' },
        ),
        table(
          'Clusters',
          ['cluster'],
          {
            'take writes': { expr: fleet('writable_primaries') },
            members: { expr: `count by (cluster) (${fleet('cluster_member')})` },
            'in a circle': { expr: fleet('replication_circle') },
          },
          { width: 12 },
        ),
        table(
          'Settings that differ',
          ['group', 'variable'],
          { values: { expr: `${fleet('variable_values')} > 1` } },
          { width: 12 },
        ),
      ],
    },
    {
      title: 'Lag',
      panels: [
        graph('Transactions behind', 'short', {
          '{{source}} to {{replica}} {{channel}}': `topk(10, ${fleet('replication_lag_transactions')})`,
        }),
        graph('Behind at least', 's', {
          '{{source}} to {{replica}} {{channel}}': `topk(10, ${fleet('replication_lag_seconds')}{bound="lower"})`,
        }),
        graph('Age of results', 's', { '{{target}}': `topk(10, ${fleet('result_age_seconds')})` }),
      ],
    },
    {
      title: 'What monitoring costs (set exporter_cost, job mysql-fleet)',
      panels: [
        graph('Seconds of statements a day', 's', {
          '{{instance}}': `topk(10, ${DAY} * ${cost('seconds_total')})`,
        }),
        graph('Seconds of queries a day, with the way', 's', {
          '{{target}}': `topk(10, ${DAY} * rate(${fleet('query_seconds_total')}[$__rate_interval]))`,
        }),
        graph('Statements', 'ops', { '{{instance}}': `topk(10, ${cost('statements_total')})` }),
        graph('Rows examined', 'ops', { '{{instance}}': `topk(10, ${cost('rows_examined_total')})` }),
        graph('Temporary tables on disk', 'ops', {
          '{{instance}}': `topk(10, ${cost('temporary_disk_tables_total')})`,
        }),
      ],
    },
  ],
};
