/**
 * Which server a connection has reached, and its id there: asked of the server itself.
 *
 * The greeting does not tell: a proxy sends one of its own, with its own version and with an id that no server or
 * another server knows.
 */
import { parseVersion, type ServerVersion } from './server-version.ts';

/** Which server it is, as far as it tells. */
export interface ServerIdentity {
  /** For people, and equal for one server before and after its restart. */
  readonly name: string;
  /** When the server was started, in seconds since 1970: known of MariaDB, which has no UUID. */
  readonly startedAt: number | undefined;
}

/** What the server says of itself and of the connection. */
export interface Introduction {
  /** The connection's id, for KILL. */
  readonly connectionId: number;
  readonly version: ServerVersion;
  readonly server: ServerIdentity;
}

/**
 * MariaDB skips comments for 5.7 to 9.99, MySQL all that begin with M: the server itself decides what it is asked.
 * Tried on MySQL 9.7, MariaDB 10.5, 10.11 and 11.8; https://mariadb.com/kb/en/comment-syntax/
 */
export const INTRODUCTION_SQL =
  'SELECT CONNECTION_ID(), VERSION(), @@version_comment, @@hostname, @@port, @@server_id' +
  ' /*!50700 , @@server_uuid */' +
  ' /*M!100000 , NULL, (SELECT ROUND(UNIX_TIMESTAMP() - VARIABLE_VALUE)' +
  " FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME') */";

/** Reads the one row of {@link INTRODUCTION_SQL}; undefined when it is not what a server answers. */
export function readIntroduction(row: readonly (string | null)[] | undefined): Introduction | undefined {
  if (row === undefined) return undefined;
  const [id, version, comment, host, port, serverId, uuid, startedAt] = row;
  const connectionId = Number(id);
  if (!Number.isSafeInteger(connectionId) || connectionId <= 0 || version == null) return undefined;
  const parsed = parseVersion(version);
  const isMariadb = startedAt !== undefined || /mariadb/i.test(comment ?? '');
  const own = [`server_id ${serverId}`, ...(uuid == null ? [] : [uuid])].join(', ');
  return {
    connectionId,
    version: isMariadb ? { ...parsed, flavour: 'mariadb' } : parsed,
    server: {
      name: `${host}:${port} (${own})`,
      startedAt: startedAt == null ? undefined : Number(startedAt),
    },
  };
}

/** Both are read in whole seconds, one after the other. */
const START_TOLERANCE_SECONDS = 2;

/** Whether two connections have reached the same running server; unknown ones are never the same. */
export function isSameServer(one: ServerIdentity | undefined, other: ServerIdentity | undefined): boolean {
  if (one === undefined || other === undefined || one.name !== other.name) return false;
  if (one === other || one.startedAt === undefined || other.startedAt === undefined) return true;
  return Math.abs(one.startedAt - other.startedAt) <= START_TOLERANCE_SECONDS;
}
