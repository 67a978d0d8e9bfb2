/**
 * What the queries of the set `topology` tell of one server, read from their rows.
 *
 * The rows are those of servers: what is missing or strange is left out, and lists and texts have bounds.
 */
import type { SharedTexts } from './shared-texts.ts';

/** A result; cells as text, NULL as null. */
export interface TableRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Who a server is, and how it is set. */
export interface ServerSettings {
  /** Empty where the server has none. */
  readonly uuid: string;
  readonly serverId: string;
  readonly hostname: string;
  readonly port: string;
  readonly reportHost: string;
  readonly reportPort: string;
  /** Whether clients can write; some accounts may even where it says that none can. */
  readonly isWritable: boolean;
  readonly isMariadb: boolean;
  /** Whether the server names its transactions. */
  readonly hasGtids: boolean;
  readonly groupName: string;
  readonly hasOnePrimary: boolean;
  /** What servers of a group should have alike: names and, in the same order, values. */
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** As texts: most are never looked at but to see that they are the same as before. */
export interface Transactions {
  readonly kind: 'mysql' | 'mariadb';
  /** What a replica has executed. */
  readonly applied: string;
  /** What it can send to others. */
  readonly written: string;
}

export interface Channel {
  readonly name: string;
  readonly sourceHost: string;
  readonly sourcePort: string;
  /** Empty until the channel was connected, and on MariaDB. */
  readonly sourceUuid: string;
  /** `0` or empty until the channel was connected. */
  readonly sourceId: string;
  readonly receives: boolean;
  readonly applies: boolean;
  /** Domains of MariaDB that the channel leaves out, or the only ones that it takes. */
  readonly ignoredDomains: readonly string[];
  readonly onlyDomains: readonly string[];
}

export interface ConnectedReplica {
  readonly serverId: string;
  readonly uuid: string;
  readonly host: string;
  readonly port: string;
}

export interface GroupMember {
  readonly state: string;
  readonly role: string;
}

export interface GaleraNode {
  readonly clusterUuid: string;
  readonly isPrimary: boolean;
}

const MOST_VARIABLES = 300;
const MOST_CHANNELS = 256;
const MOST_REPLICAS = 1_000;
const LONGEST_NAME = 255;
/** Sets of 10,000 intervals have some 150,000 characters. */
const LONGEST_GTIDS = 2 << 20;

/** Those that servers of a group never have alike. */
const OF_ONE_SERVER: ReadonlySet<string> = new Set([
  ...['server_uuid', 'server_uid', 'server_id', 'hostname', 'port', 'report_host', 'report_port'],
  ...['read_only', 'super_read_only', 'group_replication_group_name'],
]);

/** Of `SHOW GLOBAL VARIABLES`; undefined when it names no server. */
export function readServer(table: TableRows, texts: SharedTexts): ServerSettings | undefined {
  const variables = keysAndValues(table);
  const serverId = variables.get('server_id');
  if (serverId === undefined) return undefined;
  const text = (name: string) => texts.share((variables.get(name) ?? '').slice(0, LONGEST_NAME));
  const isOff = (name: string) => ['', '0', 'off'].includes((variables.get(name) ?? '').toLowerCase());
  const isMariadb = /mariadb/i.test(variables.get('version') ?? '');
  const alike = [...variables]
    .filter(([name]) => !OF_ONE_SERVER.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    uuid: text('server_uuid') || text('server_uid'),
    serverId: text('server_id'),
    hostname: text('hostname'),
    port: text('port'),
    reportHost: text('report_host'),
    reportPort: text('report_port'),
    isWritable: isOff('read_only') && isOff('super_read_only'),
    isMariadb,
    hasGtids: isMariadb || !isOff('gtid_mode'),
    groupName: text('group_replication_group_name'),
    hasOnePrimary: !isOff('group_replication_single_primary_mode'),
    names: texts.shareList(alike.map(([name]) => name)),
    values: alike.map(([, value]) => texts.share(value)),
  };
}

/** Undefined when there is none, or one that is too long to be kept. */
export function readTransactions(table: TableRows): Transactions | undefined {
  const [row] = records(table, 1);
  if (row === undefined) return undefined;
  const executed = row.text(['executed']);
  const isMysql = executed !== undefined;
  const applied = executed ?? row.text(['applied']);
  const written = executed ?? row.text(['written']);
  if (applied === undefined || written === undefined) return undefined;
  if (applied.length > LONGEST_GTIDS || written.length > LONGEST_GTIDS) return undefined;
  const compact = (text: string) => text.replaceAll('\n', '');
  return { kind: isMysql ? 'mysql' : 'mariadb', applied: compact(applied), written: compact(written) };
}

export function readChannels(table: TableRows, texts: SharedTexts): readonly Channel[] {
  return records(table, MOST_CHANNELS).flatMap((row) => {
    const text = (...names: readonly string[]) => texts.share((row.text(names) ?? '').slice(0, LONGEST_NAME));
    const list = (name: string) => texts.shareList(words(row.text([name])));
    const isOn = (...names: readonly string[]) => text(...names).toLowerCase() === 'yes';
    const name = text('Channel_Name', 'Connection_name');
    // A group moves its transactions itself, and its channels name no source.
    if (name === 'group_replication_applier' || name === 'group_replication_recovery') return [];
    return [
      {
        name,
        sourceHost: text('Source_Host', 'Master_Host'),
        sourcePort: text('Source_Port', 'Master_Port'),
        sourceUuid: text('Source_UUID', 'Master_UUID').toLowerCase(),
        sourceId: text('Source_Server_Id', 'Master_Server_Id'),
        receives: isOn('Replica_IO_Running', 'Slave_IO_Running'),
        applies: isOn('Replica_SQL_Running', 'Slave_SQL_Running'),
        ignoredDomains: list('Replicate_Ignore_Domain_Ids'),
        onlyDomains: list('Replicate_Do_Domain_Ids'),
      },
    ];
  });
}

export function readReplicas(table: TableRows, texts: SharedTexts): readonly ConnectedReplica[] {
  return records(table, MOST_REPLICAS).map((row) => {
    const text = (...names: readonly string[]) => texts.share((row.text(names) ?? '').slice(0, LONGEST_NAME));
    return {
      serverId: text('Server_Id'),
      uuid: text('Replica_UUID', 'Slave_UUID').toLowerCase(),
      host: text('Host'),
      port: text('Port'),
    };
  });
}

export function readMember(table: TableRows, texts: SharedTexts): GroupMember | undefined {
  const [row] = records(table, 1);
  if (row === undefined) return undefined;
  return {
    state: texts.share(row.text(['member_state']) ?? ''),
    role: texts.share(row.text(['member_role']) ?? ''),
  };
}

export function readGalera(table: TableRows, texts: SharedTexts): GaleraNode | undefined {
  const status = keysAndValues(table);
  const clusterUuid = status.get('wsrep_cluster_state_uuid');
  if (clusterUuid === undefined) return undefined;
  return {
    clusterUuid: texts.share(clusterUuid.slice(0, LONGEST_NAME)),
    isPrimary: status.get('wsrep_cluster_status') === 'Primary',
  };
}

const words = (text = '') => text.split(/[\s,]+/).filter((word) => word !== '');

/** Names in small letters. */
function keysAndValues({ rows }: TableRows): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of rows.slice(0, MOST_VARIABLES)) {
    if (typeof name === 'string') found.set(name.toLowerCase(), value ?? '');
  }
  return found;
}

interface RowRecord {
  /** The cell of the first of these columns that there is; undefined for none, and for NULL. */
  text(names: readonly string[]): string | undefined;
}

function records({ columns, rows }: TableRows, most: number): readonly RowRecord[] {
  const places = new Map(columns.map((name, i) => [name.toLowerCase(), i]));
  return rows.slice(0, most).map((row) => ({
    text: (names) => {
      const place = names.map((name) => places.get(name.toLowerCase())).find((found) => found !== undefined);
      return place === undefined ? undefined : (row[place] ?? undefined);
    },
  }));
}
