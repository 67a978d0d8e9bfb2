/**
 * The families of /fleet.
 *
 * The place to begin with another one: fleet/samples.ts gives it samples.
 */
import type { Family } from '../model/samples.ts';

export interface FleetFamily extends Family {
  /** Names of the labels of each sample, in their order. */
  readonly labels: readonly string[];
}

const OF_EDGE = ['source', 'replica', 'channel'] as const;

const gauge = (name: string, labels: readonly string[], help: string): FleetFamily => ({
  name: `mysql_fleet_${name}`,
  type: 'gauge',
  help,
  labels,
});

export const FLEET_FAMILIES = {
  age: gauge(
    'result_age_seconds',
    ['target'],
    'Age of the last result of the set topology; none while a target has brought nothing.',
  ),
  querySeconds: {
    name: 'mysql_fleet_query_seconds_total',
    type: 'counter',
    help: 'Time that all queries of probes took since the set topology brought its first result, the way to the server and the wait for a connection included.',
    labels: ['target'],
  },
  edge: gauge('replication_edge', OF_EDGE, 'A target replicates from another one.'),
  running: gauge(
    'replication_running',
    [...OF_EDGE, 'thread'],
    'Whether the receiver (io) and the applier (sql) run; none when the last probe of the replica failed.',
  ),
  lagTransactions: gauge(
    'replication_lag_transactions',
    OF_EDGE,
    'Transactions that the source had and the replica lacked when it was asked last.',
  ),
  lagSeconds: gauge(
    'replication_lag_seconds',
    [...OF_EDGE, 'bound'],
    'Seconds by which the replica is behind at least (lower) and at most (upper); no upper one for what the source had before it was asked first.',
  ),
  orphan: gauge(
    'replication_orphan',
    ['replica', 'channel', 'source_host'],
    'A target replicates from a server that is no target.',
  ),
  unknownReplica: gauge(
    'unknown_replica',
    ['source', 'replica_host'],
    'A server that is no target replicates from a target.',
  ),
  member: gauge('cluster_member', ['cluster', 'target'], 'Which cluster a target belongs to.'),
  writable: gauge(
    'writable_primaries',
    ['cluster'],
    'Servers of a cluster that take writes and follow none; more than one is a split brain.',
  ),
  circle: gauge(
    'replication_circle',
    ['cluster'],
    'Servers of a cluster that follow themselves over others, 0 without a circle.',
  ),
  duplicate: gauge('duplicate_server', ['server_uuid'], 'Targets that are one server, or claim to be it.'),
  values: gauge(
    'variable_values',
    ['group', 'variable'],
    'Values that a variable has among the servers of one flavour in a group of targets.',
  ),
} satisfies Record<string, FleetFamily>;
