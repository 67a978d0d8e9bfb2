/**
 * The settings of each new session, by flavour and version of the server.
 *
 * Read-only, UTC, short lock waits, a time limit of the server's own, and a life not much longer than ours. And what
 * keeps results independent of the server's global settings: an answer must mean the same on every server.
 */
import type { Flavour } from '../../model/query-set.ts';
import { quoteLiteral } from '../../sql/quote.ts';
import { atLeast, type ServerVersion } from './server-version.ts';

/** Seconds that a statement may wait for a metadata lock: a DDL in progress must not queue us for its whole time. */
const LOCK_WAIT_SECONDS = 2;
/** Seconds by which the server outlasts our own idle timeout before it closes the connection by itself. */
const WAIT_MARGIN_SECONDS = 60;

/**
 * What other globals would change in results. Checked on MySQL 9.7 and MariaDB 10.11:
 * - with autocommit off a transaction of ours would stay open: numbers stand still, DDL waits, purge stops;
 * - `sql_select_limit=DEFAULT` is the global value, not "no limit";
 * - `max_join_size` is ignored with sql_big_selects on.
 * No COLLATE with NAMES: with one of ours a comparison with the text constant of a view is error 1267.
 */
const INDEPENDENT = [
  'NAMES utf8mb4',
  'SESSION autocommit=1',
  "SESSION sql_mode=''",
  'SESSION sql_select_limit=18446744073709551615',
  'SESSION sql_big_selects=1',
];

/**
 * Variables of replication plugins and builds that a server may not have. Reads must answer at once from a node that
 * lags or has lost its cluster, since that is when its state is wanted.
 */
const OPTIONAL: Readonly<Record<Flavour, Readonly<Record<string, string>>>> = {
  mysql: {
    group_replication_consistency: "SESSION group_replication_consistency='EVENTUAL'",
    // Sizes and next numbers of tables as they are, not as another client found them within the last day.
    information_schema_stats_expiry: 'SESSION information_schema_stats_expiry=0',
  },
  mariadb: {
    wsrep_sync_wait: 'SESSION wsrep_sync_wait=0',
    wsrep_dirty_reads: 'SESSION wsrep_dirty_reads=1',
  },
};

/** The optional variable that an error 1193 names; undefined when it names another. */
export function unknownOptional(flavour: Flavour, detail: string): string | undefined {
  const name = /'([^']+)'/.exec(detail)?.[1]?.toLowerCase();
  return name !== undefined && Object.hasOwn(OPTIONAL[flavour], name) ? name : undefined;
}

export interface SessionWishes {
  readonly session: Readonly<Record<string, string | number>>;
  readonly idleTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

export interface SessionStatements {
  /** All in one statement: one round trip for a new connection. */
  readonly together: { readonly sql: string; readonly timeLimitMs: number };
  /** The same one by one, for a server that refuses the whole; `required` must succeed. */
  readonly alone: readonly { readonly sql: string; readonly required: boolean }[];
}

/**
 * The statements that set a session up as the design and the target's `session` want it.
 *
 * @param unknown optional variables that the server does not have
 */
export function sessionStatements(
  version: ServerVersion,
  wishes: SessionWishes,
  unknown: ReadonlySet<string> = new Set(),
): SessionStatements {
  const timeLimitMs = timeLimit(wishes.queryTimeoutMs);
  const limit = timeLimitAssignment(version, timeLimitMs);
  const optional = Object.entries(OPTIONAL[version.flavour]).filter(([name]) => !unknown.has(name));
  const ours = [
    ...INDEPENDENT,
    ...optional.map(([, assignment]) => assignment),
    `SESSION lock_wait_timeout=${LOCK_WAIT_SECONDS}`,
    "SESSION time_zone='+00:00'",
    `SESSION wait_timeout=${Math.ceil(wishes.idleTimeoutMs / 1000) + WAIT_MARGIN_SECONDS}`,
  ];
  const theirs = Object.entries(wishes.session).map(
    ([name, value]) => `SESSION ${name}=${settingLiteral(value)}`,
  );
  // Behind the target's own: these two hold whatever `session` says.
  const last = [`SESSION ${readOnlyVariable(version)}=1`, ...(limit === undefined ? [] : [limit])];
  return {
    together: { sql: `SET ${[...ours, ...theirs, ...last].join(', ')}`, timeLimitMs },
    alone: [
      ...ours.map((assignment) => ({ sql: `SET ${assignment}`, required: false })),
      ...theirs.map((assignment) => ({ sql: `SET ${assignment}`, required: true })),
      { sql: 'SET SESSION TRANSACTION READ ONLY', required: true },
    ],
  };
}

/** A number that came as text, from a variable of the environment or above 2^53, is one for the server too. */
function settingLiteral(value: string | number): string {
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? value : quoteLiteral(value);
}

/**
 * The server's limit in milliseconds for a statement that we wait `leftMs` for: a little less, so that its
 * answer arrives in time, and rounded, so that neighbouring queries share one setting.
 */
export function timeLimit(leftMs: number): number {
  return leftMs > 1000
    ? Math.floor((leftMs - 50) / 100) * 100
    : Math.max(10, Math.floor((leftMs - 45) / 10) * 10);
}

/**
 * The assignment that limits the time of the session's statements; undefined where the server has none.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_execution_time (5.7.8),
 * https://mariadb.com/kb/en/server-system-variables/#max_statement_time (10.1.1)
 */
export function timeLimitAssignment(version: ServerVersion, ms: number): string | undefined {
  if (version.flavour === 'mariadb') {
    return atLeast(version, 10, 1, 1) ? `SESSION max_statement_time=${ms / 1000}` : undefined;
  }
  return atLeast(version, 5, 7, 8) ? `SESSION max_execution_time=${ms}` : undefined;
}

/** MariaDB has the newer name only since 11.1, MySQL only the newer since 8.0. */
function readOnlyVariable(version: ServerVersion): string {
  const modern = version.flavour === 'mariadb' ? atLeast(version, 11, 1, 1) : atLeast(version, 5, 7, 20);
  return modern ? 'transaction_read_only' : 'tx_read_only';
}
