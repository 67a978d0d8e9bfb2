/**
 * Which servers belong together, and who of them takes writes.
 *
 * A cluster is what replication, a group or Galera connects, and what the operator's label `cluster` puts together: with
 * the label a primary that nobody follows any more is still one of its cluster, and a split brain is seen.
 */
import { grouped } from './grouped.ts';
import type { FleetTarget, KnownServer } from './known-server.ts';
import type { Edge } from './topology.ts';

export interface Cluster {
  readonly name: string;
  /** By name. */
  readonly servers: readonly KnownServer[];
  /** Who takes writes and follows nobody, as far as their last probes tell; of a cluster that is made for several, one. */
  readonly writablePrimaries: number;
  /** Servers that follow themselves over others. */
  readonly inCircle: readonly KnownServer[];
}

/** The names of all targets that are servers of a cluster. */
export const targetsOf = ({ servers }: Cluster): readonly string[] =>
  servers.flatMap(({ targets }) => targets.map(({ name }) => name));

/** Finds the clusters of servers that come in alphabetical order. */
export function findClusters(servers: readonly KnownServer[], edges: readonly Edge[]): readonly Cluster[] {
  const sets = new Sets(servers);
  for (const { replica, source } of edges) sets.join(replica, source);
  const firstOf = new Map<string, KnownServer>();
  for (const server of servers)
    for (const bond of bondsOf(server)) {
      const first = firstOf.get(bond);
      if (first === undefined) firstOf.set(bond, server);
      else sets.join(first, server);
    }
  const circle = inCircles(servers, edges);
  return sets.all.map((members) => ({
    name: nameOf(members),
    servers: members,
    writablePrimaries: countWritable(members, circle),
    inCircle: members.filter((server) => circle.has(server)),
  }));
}

function bondsOf({ record, targets }: KnownServer): readonly string[] {
  const { groupName } = record.server.value;
  const label = labelOf(targets);
  return [
    ...(label === undefined ? [] : [`label ${label}`]),
    ...(record.member === undefined || groupName === '' ? [] : [`group ${groupName}`]),
    ...(record.galera === undefined ? [] : [`galera ${record.galera.clusterUuid}`]),
  ];
}

const labelOf = (targets: readonly FleetTarget[]) =>
  targets.map(({ cluster }) => cluster).find((label) => label !== undefined && label !== '');

function nameOf(members: readonly KnownServer[]): string {
  const label = members.map(({ targets }) => labelOf(targets)).find((found) => found !== undefined);
  return label ?? members[0]?.name ?? '';
}

/** Galera and a group of several primaries are made to be written to at all of their nodes, and count once. */
function countWritable(members: readonly KnownServer[], circle: ReadonlySet<KnownServer>): number {
  const writers = new Set<KnownServer | string>();
  for (const server of members) {
    const { channels, galera, isCurrent, member } = server.record;
    const { groupName, hasOnePrimary, isWritable } = server.record.server.value;
    // A replica that was promoted may still have its channel, at rest.
    const follows = channels.some(({ applies, receives }) => applies || receives);
    if (!isCurrent || !isWritable || (follows && !circle.has(server))) continue;
    if (galera !== undefined) {
      if (galera.isPrimary) writers.add(`galera ${galera.clusterUuid}`);
    } else if (member !== undefined) {
      if (member.state === 'ONLINE' && member.role === 'PRIMARY')
        writers.add(hasOnePrimary ? server : `group ${groupName}`);
    } else writers.add(server);
  }
  return writers.size;
}

/** Servers that come back to themselves along edges. */
function inCircles(servers: readonly KnownServer[], edges: readonly Edge[]): ReadonlySet<KnownServer> {
  let left = edges.filter(({ replica, source }) => replica !== source);
  // Who is no source, or no replica, is in no circle: mostly nobody is left.
  for (let size = -1; size !== left.length; ) {
    size = left.length;
    const sources = new Set(left.map(({ source }) => source));
    const replicas = new Set(left.map(({ replica }) => replica));
    left = left.filter(({ replica, source }) => sources.has(replica) && replicas.has(source));
  }
  const next = new Map<KnownServer, KnownServer[]>();
  for (const { replica, source } of left) next.set(source, [...(next.get(source) ?? []), replica]);
  return new Set(servers.filter((server) => next.has(server) && reaches(server, server, next)));
}

function reaches(
  from: KnownServer,
  to: KnownServer,
  next: ReadonlyMap<KnownServer, readonly KnownServer[]>,
): boolean {
  const seen = new Set<KnownServer>();
  const queue = [...(next.get(from) ?? [])];
  for (let server = queue.pop(); server !== undefined; server = queue.pop()) {
    if (server === to) return true;
    if (seen.has(server)) continue;
    seen.add(server);
    queue.push(...(next.get(server) ?? []));
  }
  return false;
}

/** Sets of servers that are joined; each is the set of its root. */
class Sets {
  readonly #parents: Map<KnownServer, KnownServer>;

  constructor(servers: readonly KnownServer[]) {
    this.#parents = new Map(servers.map((server) => [server, server]));
  }

  join(a: KnownServer, b: KnownServer): void {
    this.#parents.set(this.#root(a), this.#root(b));
  }

  /** Each with its servers in their order. */
  get all(): readonly (readonly KnownServer[])[] {
    return [...grouped(this.#parents.keys(), (server) => this.#root(server)).values()];
  }

  #root(server: KnownServer): KnownServer {
    let root = server;
    for (
      let parent = this.#parents.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parents.get(root)
    )
      root = parent;
    // Later searches are short.
    this.#parents.set(server, root);
    return root;
  }
}
