/** Servers as the queries of the set `topology` show them, made up. */
import { Fleet, type FleetReport } from '../../../src/fleet/fleet.ts';
import { exposeFleet } from '../../../src/fleet/samples.ts';
import type { TableRows } from '../../../src/fleet/server-facts.ts';
import type { Target } from '../../../src/model/config.ts';
import { sinkOf } from '../../support/sink.ts';

export interface MadeUp {
  readonly name: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Executed, of MySQL. */
  readonly executed?: string;
  readonly channels?: readonly Readonly<Record<string, string>>[];
  readonly replicas?: readonly Readonly<Record<string, string>>[];
  readonly member?: Readonly<Record<string, string>>;
  readonly galera?: Readonly<Record<string, string>>;
  readonly groups?: readonly string[];
  readonly cluster?: string;
}

export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** The n-th server of MySQL, which has no source. */
export function mysql(n: number, more: Partial<MadeUp> = {}): MadeUp {
  const name = more.name ?? `db${n}`;
  return {
    executed: `${uuid(1)}:1-100`,
    ...more,
    name,
    variables: {
      ...{ server_uuid: uuid(n), server_id: `${n}`, hostname: `host${n}`, port: '3306', read_only: 'OFF' },
      ...{ super_read_only: 'OFF', version: '9.7.4', gtid_mode: 'ON' },
      ...more.variables,
    },
  };
}

/** A channel of MySQL from the n-th server. */
export function from(n: number, more: Readonly<Record<string, string>> = {}) {
  return {
    ...{ Channel_Name: '', Source_Host: `host${n}`, Source_Port: '3306', Source_UUID: uuid(n) },
    ...{ Source_Server_Id: `${n}`, Replica_IO_Running: 'Yes', Replica_SQL_Running: 'Yes' },
    ...more,
  };
}

export function target({ cluster, groups = [], name }: MadeUp): Target {
  const made = {
    ...{ name, enabled: true, address: { kind: 'tcp', host: name, port: 3306 }, groups },
    ...{ labels: cluster === undefined ? {} : { cluster }, querySets: ['topology'] },
  } as const;
  return made as unknown as Target; // nobody looks at the rest
}

const pairs = (of: Readonly<Record<string, string>>): TableRows => ({
  columns: ['Variable_name', 'Value'],
  rows: Object.entries(of),
});

function table(of: readonly Readonly<Record<string, string>>[]): TableRows {
  const columns = Object.keys(of[0] ?? {});
  return { columns, rows: of.map((row) => columns.map((name) => row[name] ?? null)) };
}

/** Tells a fleet what a probe of a server has brought. */
export function probe(fleet: Fleet, server: MadeUp, now = 0): void {
  const of = target(server);
  fleet.take(of, 'server', pairs(server.variables ?? {}), now);
  if (server.executed !== undefined) fleet.take(of, 'gtids', table([{ executed: server.executed }]), now);
  fleet.take(of, 'channels', table(server.channels ?? []), now);
  fleet.take(of, 'replicas', table(server.replicas ?? []), now);
  fleet.take(of, 'group', table(server.member === undefined ? [] : [server.member]), now);
  if (server.galera !== undefined) fleet.take(of, 'galera', pairs(server.galera), now);
}

/** What /fleet says of servers that were all probed at once, twice. */
export function reportOf(servers: readonly MadeUp[], awaited: readonly MadeUp[] = []): FleetReport {
  const fleet = new Fleet();
  for (const at of [0, 1_000]) for (const server of servers) probe(fleet, server, at);
  return fleet.report([...servers, ...awaited].map(target), 1_000);
}

/** The samples of some families, without `mysql_fleet_`. */
export function samplesOf(report: FleetReport, ...names: readonly string[]): readonly string[] {
  const found: string[] = [];
  exposeFleet(
    report,
    sinkOf(({ name }, labels, value) => {
      const short = name.replace('mysql_fleet_', '');
      if (names.includes(short)) found.push(`${short}{${labels}} ${value}`);
    }),
  );
  return found;
}
