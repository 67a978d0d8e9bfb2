/**
 * The servers behind the targets: one server may be under several names, and two servers may claim to be one.
 */

import { grouped } from './grouped.ts';
import type { SeenTransactions } from './seen-transactions.ts';
import type {
  Channel,
  ConnectedReplica,
  GaleraNode,
  GroupMember,
  ServerSettings,
  Transactions,
} from './server-facts.ts';

/** A result with the moment at which it was read, on the clock of `performance.now()`. */
export interface Read<T> {
  readonly at: number;
  readonly value: T;
}

/** The last results of one target. */
export interface TargetRecord {
  readonly server: Read<ServerSettings>;
  readonly transactions: Read<Transactions> | undefined;
  readonly channels: readonly Channel[];
  readonly replicas: readonly ConnectedReplica[];
  readonly member: GroupMember | undefined;
  readonly galera: GaleraNode | undefined;
  /** What it had at earlier looks. */
  readonly seen: SeenTransactions;
  /** Whether its last probe brought a result: what can change by itself is told of these alone. */
  readonly isCurrent: boolean;
}

/** A target as the fleet looks at it. */
export interface FleetTarget {
  readonly name: string;
  /** `host:port` as the configuration has it, in small letters; the path of a socket. */
  readonly address: string;
  readonly groups: readonly string[];
  /** What the operator says that it belongs to: the label `cluster`. */
  readonly cluster: string | undefined;
  /** Undefined until a probe of it brought something. */
  readonly record: TargetRecord | undefined;
}

export interface KnownServer {
  /** The first of its names in alphabetical order. */
  readonly name: string;
  readonly targets: readonly FleetTarget[];
  /** The latest of its targets' records. */
  readonly record: TargetRecord;
}

/** One or more targets that have the same UUID. */
export interface Duplicate {
  readonly uuid: string;
  readonly targets: readonly string[];
  /** Whether they are servers of their own, such as clones: nothing that names this UUID can be joined to one of them. */
  readonly areSeveral: boolean;
}

export interface KnownServers {
  readonly servers: readonly KnownServer[];
  readonly duplicates: readonly Duplicate[];
  /** Servers by UUID, of those that have one for themselves. */
  readonly byUuid: ReadonlyMap<string, KnownServer>;
  /** All UUIDs, those of several servers too. */
  readonly uuids: ReadonlySet<string>;
}

/** Finds the servers behind targets, which come in alphabetical order. */
export function knownServers(targets: readonly FleetTarget[]): KnownServers {
  const withRecord = targets.flatMap(({ record, ...target }) =>
    record === undefined ? [] : [{ ...target, record }],
  );
  const byIdentity = grouped(withRecord, ({ name, record }) => identityOf(name, record.server.value));
  const servers: KnownServer[] = [];
  const byUuid = new Map<string, KnownServer[]>();
  for (const same of byIdentity.values()) {
    const [first] = same;
    if (first === undefined) continue;
    const latest = same.reduce((a, b) => (b.record.server.at > a.record.server.at ? b : a));
    const server: KnownServer = { name: first.name, targets: same, record: latest.record };
    servers.push(server);
    const { uuid } = latest.record.server.value;
    if (uuid !== '') byUuid.set(uuid, [...(byUuid.get(uuid) ?? []), server]);
  }
  const found = [...byUuid].map(([uuid, claimants]) => ({ uuid, claimants }));
  return {
    servers,
    duplicates: found
      .map(({ claimants, uuid }) => ({
        uuid,
        targets: claimants.flatMap((server) => server.targets.map(({ name }) => name)).sort(),
        areSeveral: claimants.length > 1,
      }))
      .filter((duplicate) => duplicate.targets.length > 1),
    byUuid: new Map(
      found.flatMap(({ claimants, uuid }) => {
        const [only] = claimants;
        return only !== undefined && claimants.length === 1 ? [[uuid, only] as const] : [];
      }),
    ),
    uuids: new Set(byUuid.keys()),
  };
}

/**
 * A clone has the UUID of its original and, mostly, another host, port or server id. Without a UUID nothing proves that
 * two targets are one server.
 */
function identityOf(name: string, { hostname, port, serverId, uuid }: ServerSettings): string {
  return uuid === '' ? JSON.stringify([name]) : JSON.stringify([uuid, serverId, hostname, port]);
}
