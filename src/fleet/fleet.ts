/**
 * The last results of the set `topology` of all targets, and what they tell together.
 *
 * Owns nothing but memory: it is told of results while probes read them, and asks no server anything.
 */

import type { Target } from '../model/config.ts';
import { type Cluster, findClusters } from './clusters.ts';
import { findVariables, type VariableOfGroup } from './drift.ts';
import { type GtidSet, parseGtidSet, parsePosition } from './gtid-set.ts';
import {
  type Duplicate,
  type FleetTarget,
  type KnownServer,
  knownServers,
  type TargetRecord,
} from './known-server.ts';
import { type Lag, SeenTransactions } from './seen-transactions.ts';
import {
  readChannels,
  readGalera,
  readMember,
  readReplicas,
  readServer,
  readTransactions,
  type TableRows,
  type Transactions,
} from './server-facts.ts';
import { SharedTexts } from './shared-texts.ts';
import { addressText, type Edge, findTopology, type Orphan, type UnknownReplica } from './topology.ts';

/** The query set whose results are kept. */
export const TOPOLOGY = 'topology';

/** An edge with what is known of its lag; a replica whose last probe failed has none. */
export interface EdgeState extends Edge {
  readonly lag: Lag | undefined;
}

export interface TargetAge {
  readonly target: string;
  /** Undefined when it has brought nothing yet. */
  readonly ageMs: number | undefined;
  /** That its queries took, from its first result on. */
  readonly querySeconds: number;
}

/** What /fleet answers with. */
export interface FleetReport {
  readonly ages: readonly TargetAge[];
  readonly servers: readonly KnownServer[];
  readonly duplicates: readonly Duplicate[];
  readonly edges: readonly EdgeState[];
  readonly orphans: readonly Orphan[];
  readonly unknownReplicas: readonly UnknownReplica[];
  readonly clusters: readonly Cluster[];
  readonly variables: readonly VariableOfGroup[];
}

type Kept = { -readonly [Key in keyof Omit<TargetRecord, 'server' | 'isCurrent'>]: TargetRecord[Key] } & {
  server: TargetRecord['server'] | undefined;
  /** Whether the last attempt to learn who the server is has failed. */
  hasFailed: boolean;
  querySeconds: number;
};

/** Older results say what was, not what is. */
const MAX_AGE_MS = 10 * 60_000;
/** So long nobody is said to be no target, while a target has brought nothing: its first probe comes within this time. */
const PATIENCE_MS = 5 * 60_000;

export class Fleet {
  readonly set = TOPOLOGY;
  readonly #kept = new Map<string, Kept>();
  readonly #texts = new SharedTexts();
  /** When a target was first seen without a result. */
  readonly #awaitedSince = new Map<string, number>();

  /** Takes the result of a query of the set. */
  take({ name }: Target, query: string, table: TableRows, now = performance.now()): void {
    const kept = this.#keptOf(name);
    switch (query) {
      case 'server': {
        const value = readServer(table, this.#texts);
        if (value === undefined) break;
        if (kept.server !== undefined && kept.server.value.uuid !== value.uuid)
          kept.seen = new SeenTransactions();
        kept.server = { at: now, value };
        kept.hasFailed = false;
        break;
      }
      case 'gtids': {
        const value = readTransactions(table);
        kept.transactions = value === undefined ? undefined : { at: now, value };
        if (value !== undefined) kept.seen.see(value.written, parserOf(value.kind), now);
        break;
      }
      case 'channels':
        kept.channels = readChannels(table, this.#texts);
        break;
      case 'replicas':
        kept.replicas = readReplicas(table, this.#texts);
        break;
      case 'group':
        kept.member = readMember(table, this.#texts);
        break;
      case 'galera':
        kept.galera = readGalera(table, this.#texts);
        break;
    }
  }

  /** Notes that a query of the set has failed: what it told before may be so no more. */
  fail({ name }: Target, query: string): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined && query === 'server') kept.hasFailed = true;
  }

  /** Counts what the queries of a probe took, all of them together. */
  spend({ name }: Target, seconds: number): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined) kept.querySeconds += seconds;
  }

  /** Drops the results of targets that there are no more. */
  forget(isGone: (target: string) => boolean): void {
    for (const name of this.#kept.keys()) if (isGone(name)) this.#kept.delete(name);
    for (const name of this.#awaitedSince.keys()) if (isGone(name)) this.#awaitedSince.delete(name);
  }

  /** Puts together what is known at this moment of enabled targets that have the set, or were asked for it. */
  report(targets: Iterable<Target>, now = performance.now()): FleetReport {
    const fleet = [...targets]
      .filter(
        ({ enabled, name, querySets }) => enabled && (querySets.includes(TOPOLOGY) || this.#kept.has(name)),
      )
      .map((target) => this.#fleetTarget(target, now))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const known = knownServers(fleet);
    const { edges, orphans, unknownReplicas } = findTopology(known, this.#awaited(fleet, now));
    return {
      ages: fleet.map(({ name, record }) => ({
        target: name,
        ageMs: record && now - record.server.at,
        querySeconds: this.#kept.get(name)?.querySeconds ?? 0,
      })),
      servers: known.servers,
      duplicates: known.duplicates,
      edges: withLags(edges),
      orphans,
      unknownReplicas,
      clusters: findClusters(known.servers, edges),
      variables: findVariables(known.servers),
    };
  }

  #keptOf(name: string): Kept {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const kept: Kept = {
      ...{ server: undefined, transactions: undefined, channels: [], replicas: [], member: undefined },
      ...{ galera: undefined, seen: new SeenTransactions(), hasFailed: false, querySeconds: 0 },
    };
    this.#kept.set(name, kept);
    return kept;
  }

  #fleetTarget({ address, groups, labels, name }: Target, now: number): FleetTarget {
    const kept = this.#kept.get(name);
    const server = kept?.server;
    return {
      name,
      address: address.kind === 'tcp' ? addressText(address.host, address.port) : address.path,
      groups,
      cluster: labels['cluster'],
      record:
        kept === undefined || server === undefined
          ? undefined
          : { ...kept, server, isCurrent: !kept.hasFailed && now - server.at <= MAX_AGE_MS },
    };
  }

  #awaited(fleet: readonly FleetTarget[], now: number): readonly FleetTarget[] {
    return fleet.filter(({ name, record }) => {
      if (record !== undefined) {
        this.#awaitedSince.delete(name);
        return false;
      }
      const since = this.#awaitedSince.get(name) ?? now;
      this.#awaitedSince.set(name, since);
      return now - since < PATIENCE_MS;
    });
  }
}

function parserOf(kind: Transactions['kind']): Parse {
  return kind === 'mysql' ? parseGtidSet : parsePosition;
}

function withLags(edges: readonly Edge[]): readonly EdgeState[] {
  // The replicas of a source all compare with the same set.
  const known = new Map<string, GtidSet | undefined>();
  const remembering = (parse: Parse) => (text: string) => {
    if (!known.has(text)) known.set(text, parse(text));
    return known.get(text);
  };
  const parsers = { mysql: remembering(parseGtidSet), mariadb: remembering(parsePosition) };
  return edges.map((edge) => ({ ...edge, lag: lagOf(edge, (kind) => parsers[kind]) }));
}

type Parse = (text: string) => GtidSet | undefined;

/** Undefined when it is not known: also between MySQL and MariaDB, which name transactions each in its own way. */
function lagOf(
  { channel, replica, source }: Edge,
  parserFor: (kind: Transactions['kind']) => Parse,
): Lag | undefined {
  const theirs = source.record.transactions;
  const own = replica.record.transactions;
  if (theirs === undefined || own === undefined || theirs.value.kind !== own.value.kind) return undefined;
  if (!replica.record.isCurrent || !source.record.server.value.hasGtids) return undefined;
  const parse = parserFor(own.value.kind);
  const applied = parse(own.value.applied);
  if (applied === undefined) return undefined;
  const { ignoredDomains, onlyDomains } = channel;
  const isTaken = (domain: string) =>
    !ignoredDomains.includes(domain) && (onlyDomains.length === 0 || onlyDomains.includes(domain));
  return source.record.seen.lagOf(applied, own.at, parse, isTaken);
}
