/**
 * The states of a server in which others wait for locks, as docs/reference/locks.md names them.
 *
 * How each is brought about is in states.ts.
 */

export const STATES = {
  quiet: { title: 'Nothing', what: 'Nobody holds a lock.' },
  transaction: {
    title: 'Open transaction',
    what: 'A transaction has changed rows and is not committed.',
  },
  ddl_waiting: {
    title: 'DDL that waits',
    what: '`ALTER TABLE` waits behind an open transaction, and whoever wants the table waits behind it.',
  },
  ddl_exclusive: {
    title: 'DDL that holds its table',
    what: '`RENAME TABLE` of three tables has two of them and waits for the third. The end of an `ALTER TABLE`, `TRUNCATE` and `DROP DATABASE` hold tables in the same way.',
  },
  long_alter: {
    title: 'Long ALTER',
    what: '`ALTER TABLE ... ALGORITHM=COPY` is copying rows.',
  },
  lock_tables: { title: 'LOCK TABLES', what: '`LOCK TABLES ... WRITE` of two tables.' },
  read_lock: {
    title: 'FLUSH TABLES WITH READ LOCK',
    what: 'A write and an `ALTER TABLE` wait behind it.',
  },
  backup: {
    title: 'Backup',
    what: 'MySQL: `LOCK INSTANCE FOR BACKUP`; MariaDB: `BACKUP STAGE BLOCK_COMMIT`, after the stages before it. An `ALTER TABLE` waits behind it.',
  },
  flush_waiting: {
    title: 'FLUSH TABLES that waits',
    what: '`FLUSH TABLES WITH READ LOCK`, on MariaDB `FLUSH TABLES t FOR EXPORT`, waits for a long SELECT or a transaction, as the beginning of a backup does.',
  },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly what: string }>>;

export type StateName = keyof typeof STATES;

export const STATE_NAMES = Object.keys(STATES) as readonly StateName[];
