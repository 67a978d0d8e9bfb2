/**
 * Whether a server is a replica or a primary now: asked again every few seconds, since it changes by itself.
 */
import type { Deadline } from '../deadline.ts';
import type { Role } from '../model/query-set.ts';
import { compareVersions } from '../model/version.ts';
import type { Connection } from './connect/connection.ts';

/** Shorter than anybody scrapes, so that each probe knows. */
const GOOD_FOR_MS = 5_000;
const LIMITS = { maxRows: 1, maxBytes: 1 << 16 };

const known = new WeakMap<Connection, { readonly at: number; readonly roles: ReadonlySet<Role> }>();

/** The role, as a set of one; none when the account may not see it. */
export async function rolesOf(connection: Connection, until: Deadline): Promise<ReadonlySet<Role>> {
  const remembered = known.get(connection);
  if (remembered !== undefined && performance.now() - remembered.at < GOOD_FOR_MS) return remembered.roles;
  const answer = await connection.queryWithin({ sql: sqlFor(connection), limits: LIMITS }, until);
  const [row] = answer.ok ? answer.rows : [];
  const [isReplica = null] = row ?? [];
  const roles: ReadonlySet<Role> = new Set(
    isReplica === null ? [] : [isReplica === '1' ? 'replica' : 'primary'],
  );
  // A failure too: a right that is missing is no reason to ask for each query.
  known.set(connection, { at: performance.now(), roles });
  return roles;
}

/** MariaDB tells no table of a channel whose applier is stopped: then its position and read_only do. */
const ON_MARIADB = `SELECT (SELECT variable_value + 0 FROM information_schema.global_status WHERE variable_name = 'SLAVES_RUNNING') > 0
  OR (@@GLOBAL.read_only <> 0 AND @@GLOBAL.gtid_slave_pos <> '')`;

const HAS_CHANNEL = `EXISTS (SELECT 1 FROM performance_schema.replication_connection_configuration
  WHERE channel_name NOT IN ('group_replication_applier', 'group_replication_recovery'))`;

/** Without performance_schema its tables are empty, which is no answer. */
const onMysql = (isReplica: string) => `SELECT CASE WHEN @@GLOBAL.performance_schema THEN ${isReplica} END`;

const ON_MYSQL_57 = onMysql(HAS_CHANNEL);

const ON_MYSQL =
  onMysql(`(${HAS_CHANNEL} OR EXISTS (SELECT 1 FROM performance_schema.replication_group_members
  WHERE member_id = @@GLOBAL.server_uuid AND member_role = 'SECONDARY'))`);

function sqlFor({ version: { flavour, major, minor, patch } }: Connection): string {
  if (flavour === 'mariadb') return ON_MARIADB;
  return compareVersions([major, minor, patch], [8, 0, 2]) < 0 ? ON_MYSQL_57 : ON_MYSQL;
}
