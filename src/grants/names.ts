/**
 * Names of privileges: what the servers know, and older names for newer ones.
 *
 * https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html, https://mariadb.com/kb/en/grant/
 */
import type { Flavour } from '../model/query-set.ts';

/** The only ones that can be granted on a schema or table. */
export const LOCAL = ['SELECT', 'SHOW VIEW', 'EXECUTE', 'EVENT', 'TRIGGER', 'LOCK TABLES', 'REFERENCES'];

/** What reading can need; servers have more, and plugins of MySQL add theirs. */
export const KNOWN: Readonly<Record<Flavour | 'both', readonly string[]>> = {
  both: [
    ...LOCAL,
    ...['PROCESS', 'REPLICATION CLIENT', 'REPLICATION SLAVE', 'SHOW DATABASES', 'FILE', 'RELOAD', 'SUPER'],
  ],
  mysql: [
    ...['SHOW_ROUTINE', 'SENSITIVE_VARIABLES_OBSERVER', 'BACKUP_ADMIN', 'BINLOG_ADMIN', 'CONNECTION_ADMIN'],
    ...['GROUP_REPLICATION_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'FLUSH_STATUS'],
    ...['INNODB_REDO_LOG_ARCHIVE', 'CLONE_ADMIN', 'AUDIT_ADMIN', 'ROLE_ADMIN', 'XA_RECOVER_ADMIN'],
  ],
  mariadb: [
    ...['BINLOG MONITOR', 'SLAVE MONITOR', 'REPLICA MONITOR', 'REPLICATION MASTER ADMIN', 'BINLOG ADMIN'],
    ...['REPLICATION SLAVE ADMIN', 'REPLICATION REPLICA ADMIN', 'BINLOG REPLAY', 'CONNECTION ADMIN'],
    ...['READ_ONLY ADMIN', 'FEDERATED ADMIN', 'SET USER', 'DELETE HISTORY', 'REPLICATION REPLICA'],
  ],
};

export const isKnown = (privilege: string): boolean =>
  Object.values(KNOWN).some((privileges) => privileges.includes(privilege));

/** MariaDB before 10.5 has the older privilege in place of the newer. */
export const BEFORE_10_5: ReadonlyMap<string, string> = new Map([
  ['BINLOG MONITOR', 'REPLICATION CLIENT'],
  ['SLAVE MONITOR', 'REPLICATION CLIENT'],
  ['REPLICA MONITOR', 'REPLICATION CLIENT'],
  ['REPLICATION MASTER ADMIN', 'REPLICATION SLAVE'],
]);
