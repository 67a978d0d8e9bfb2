/**
 * Who follows whom: channels of replicas joined to the targets that are their sources.
 *
 * MySQL names the source by its UUID. MariaDB names its address and server id, and ids come again in other clusters:
 * address and id must both fit, or the source must list the replica.
 */
import { grouped } from './grouped.ts';
import type { FleetTarget, KnownServer, KnownServers } from './known-server.ts';
import type { Channel, ConnectedReplica } from './server-facts.ts';

export interface Edge {
  readonly source: KnownServer;
  readonly replica: KnownServer;
  readonly channel: Channel;
}

/** A channel whose source is no target. */
export interface Orphan {
  readonly replica: KnownServer;
  readonly channel: Channel;
}

/** A replica that is no target. */
export interface UnknownReplica {
  readonly source: KnownServer;
  /** `host:port` as it has announced itself; else its UUID or its id. */
  readonly name: string;
}

export interface Topology {
  readonly edges: readonly Edge[];
  readonly orphans: readonly Orphan[];
  readonly unknownReplicas: readonly UnknownReplica[];
}

/**
 * Joins channels to sources.
 *
 * @param mayBeAwaited targets of which nothing is known yet: until they have brought something nobody is said to be none
 */
export function findTopology(known: KnownServers, mayBeAwaited: readonly FleetTarget[]): Topology {
  const byAddress = addressesOf(known.servers);
  const byId = grouped(known.servers, (server) => factsOf(server).serverId);
  const edges: Edge[] = [];
  const orphans: Orphan[] = [];
  for (const replica of known.servers)
    for (const channel of replica.record.channels) {
      const source = sourceOf(channel, replica, known, byAddress, byId);
      if (source === 'none') orphans.push({ replica, channel });
      else if (source !== 'unclear') edges.push({ source, replica, channel });
    }
  if (mayBeAwaited.length > 0) return { edges, orphans: [], unknownReplicas: [] };
  return { edges, orphans, unknownReplicas: findUnknown(known, edges, byId) };
}

type ServersBy = ReadonlyMap<string, readonly KnownServer[]>;

function sourceOf(
  channel: Channel,
  replica: KnownServer,
  known: KnownServers,
  byAddress: ServersBy,
  byId: ServersBy,
): KnownServer | 'none' | 'unclear' {
  const { sourceHost, sourceId, sourcePort, sourceUuid } = channel;
  if (sourceUuid !== '')
    return known.byUuid.get(sourceUuid) ?? (known.uuids.has(sourceUuid) ? 'unclear' : 'none');
  const hasId = sourceId !== '' && sourceId !== '0';
  const fits = (server: KnownServer) =>
    server !== replica && (!hasId || factsOf(server).serverId === sourceId);
  const there = (byAddress.get(addressText(sourceHost, sourcePort)) ?? []).filter(fits);
  const [found] = there;
  if (found !== undefined) return there.length === 1 ? found : 'unclear';
  if (!hasId) return 'none';
  // An address that only the replica knows it by, such as that of a proxy: then the source must list the replica.
  const ownId = factsOf(replica).serverId;
  const listing = (byId.get(sourceId) ?? []).filter(
    (server) =>
      server !== replica && server.record.replicas.some((listed) => isListed(listed, ownId, replica)),
  );
  const [only] = listing;
  if (only === undefined) return 'none';
  return listing.length === 1 ? only : 'unclear';
}

const isListed = (listed: ConnectedReplica, id: string, replica: KnownServer) =>
  listed.serverId === id &&
  (listed.port === factsOf(replica).port || listed.port === factsOf(replica).reportPort);

const factsOf = (server: KnownServer) => server.record.server.value;

/** A host and a port in small letters, as both sides of a join have them. */
export function addressText(host: string, port: string | number): string {
  return `${host.toLowerCase()}:${port}`;
}

/** Servers by every address that they are known by. */
function addressesOf(servers: readonly KnownServer[]): ServersBy {
  const found = new Map<string, Set<KnownServer>>();
  for (const server of servers) {
    const { hostname, port, reportHost, reportPort } = factsOf(server);
    const addresses = new Set([
      ...server.targets.map(({ address }) => address),
      ...(hostname === '' ? [] : [addressText(hostname, port)]),
      ...(reportHost === '' ? [] : [addressText(reportHost, reportPort === '0' ? port : reportPort)]),
    ]);
    for (const address of addresses) {
      const there = found.get(address);
      if (there === undefined) found.set(address, new Set([server]));
      else there.add(server);
    }
  }
  return new Map([...found].map(([address, there]) => [address, [...there]]));
}

function findUnknown(
  known: KnownServers,
  edges: readonly Edge[],
  byId: ServersBy,
): readonly UnknownReplica[] {
  const bySource = grouped(edges, ({ source }) => source);
  const followersOf = (source: KnownServer) => new Set(bySource.get(source)?.map(({ replica }) => replica));
  return known.servers.flatMap((source) => {
    const followers = followersOf(source);
    return source.record.replicas
      .filter((listed) => !isKnown(listed, followers, known, byId))
      .map((listed) => ({ source, name: nameOf(listed) }));
  });
}

function isKnown(
  { port, serverId, uuid }: ConnectedReplica,
  followers: ReadonlySet<KnownServer>,
  known: KnownServers,
  byId: ServersBy,
): boolean {
  if (uuid !== '') return known.uuids.has(uuid);
  return (byId.get(serverId) ?? []).some(
    (server) => followers.has(server) || factsOf(server).port === port || factsOf(server).reportPort === port,
  );
}

function nameOf({ host, port, serverId, uuid }: ConnectedReplica): string {
  if (host !== '') return addressText(host, port);
  return uuid === '' ? `server id ${serverId}` : uuid;
}
