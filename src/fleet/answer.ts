/**
 * What is known of the fleet for programs: `/api/v1/fleet`. Durations are in seconds.
 */
import type { Flavour } from '../model/query-set.ts';
import { targetsOf } from './clusters.ts';
import { differing, rarestFirst } from './drift.ts';
import type { EdgeState, FleetReport } from './fleet.ts';
import { seconds } from './samples.ts';
import { addressText } from './topology.ts';

export interface EdgeAnswer {
  readonly source: string;
  readonly replica: string;
  readonly channel: string;
  /** Whether the channel's threads ran; left out when the last probe of the replica failed. */
  readonly receives?: boolean;
  readonly applies?: boolean;
  /** Left out when it is not known. */
  readonly lag?: {
    readonly transactions: number;
    readonly lowerSeconds: number;
    /** Left out when the replica lacks what its source had before the exporter first looked. */
    readonly upperSeconds?: number;
  };
}

/** Servers go by the names of targets. */
export interface FleetAnswer {
  readonly targets: readonly {
    readonly name: string;
    /** Of its last result; left out when it has brought none. */
    readonly ageSeconds?: number;
    readonly querySeconds: number;
  }[];
  readonly edges: readonly EdgeAnswer[];
  readonly orphans: readonly {
    readonly replica: string;
    readonly channel: string;
    readonly source: string;
  }[];
  readonly unknownReplicas: readonly { readonly source: string; readonly replica: string }[];
  readonly duplicates: readonly {
    readonly serverUuid: string;
    readonly targets: readonly string[];
    /** Whether they are servers of their own, such as clones. */
    readonly areSeveral: boolean;
  }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly targets: readonly string[];
    readonly writablePrimaries: number;
    readonly inCircle: readonly string[];
  }[];
  /** Those alone that differ within a group. */
  readonly variables: readonly {
    readonly group: string;
    readonly flavour: Flavour;
    readonly variable: string;
    /** The rarest first. */
    readonly values: readonly { readonly value: string; readonly targets: readonly string[] }[];
  }[];
}

/** @returns what goes into the JSON as it is */
export function fleetAnswer(report: FleetReport): FleetAnswer {
  const { ages, clusters, duplicates, edges, orphans, unknownReplicas, variables } = report;
  return {
    targets: ages.map(({ ageMs, querySeconds, target }) => ({
      name: target,
      ...(ageMs === undefined ? {} : { ageSeconds: seconds(ageMs) }),
      querySeconds: seconds(querySeconds * 1000),
    })),
    edges: edges.map(edgeAnswer),
    orphans: orphans.map(({ channel, replica }) => ({
      replica: replica.name,
      channel: channel.name,
      source: addressText(channel.sourceHost, channel.sourcePort),
    })),
    unknownReplicas: unknownReplicas.map(({ name, source }) => ({ source: source.name, replica: name })),
    duplicates: duplicates.map(({ areSeveral, targets, uuid }) => ({
      serverUuid: uuid,
      targets,
      areSeveral,
    })),
    clusters: clusters.map((cluster) => ({
      name: cluster.name,
      targets: targetsOf(cluster),
      writablePrimaries: cluster.writablePrimaries,
      inCircle: cluster.inCircle.map(({ name }) => name),
    })),
    variables: differing(variables).map((one) => ({
      ...{ group: one.group, flavour: one.flavour, variable: one.variable },
      values: rarestFirst(one).map(([value, targets]) => ({ value, targets })),
    })),
  };
}

function edgeAnswer({ channel, lag, replica, source }: EdgeState): EdgeAnswer {
  const { applies, name, receives } = channel;
  return {
    source: source.name,
    replica: replica.name,
    channel: name,
    ...(replica.record.isCurrent ? { receives, applies } : {}),
    ...(lag === undefined
      ? {}
      : {
          lag: {
            transactions: lag.transactions,
            lowerSeconds: seconds(lag.lowerMs),
            ...(lag.upperMs === undefined ? {} : { upperSeconds: seconds(lag.upperMs) }),
          },
        }),
  };
}
