/**
 * What a pool tells people about the server that it is connected to.
 */
import type { Connection } from '../connect/connection.ts';
import type { ServerVersion } from '../connect/server-version.ts';
import type { TlsInUse } from '../connect/tls-in-use.ts';

export interface PoolStats {
  readonly idle: number;
  readonly lent: number;
  /** Being opened. */
  readonly opening: number;
  readonly waiting: number;
}

/** What the last connection that was opened has found. */
export interface Reached {
  readonly version: ServerVersion;
  /** For people; undefined when the server does not tell. */
  readonly server: string | undefined;
  /** The address that answered; undefined for a unix socket. */
  readonly host: string | undefined;
  readonly user: string;
  /** When it was opened, on the clock of `performance.now()`. */
  readonly openedAt: number;
}

export interface PoolState {
  readonly stats: PoolStats;
  /** Undefined before the first connection. */
  readonly reached: Reached | undefined;
  /** Until when the login is not tried, on the clock of `performance.now()`. */
  readonly backoffUntil: number | undefined;
}

/** Of a connection that has been set up. */
export function reachedBy({ host, openedAt, server, user, version }: Connection): Reached {
  return { version, server: server?.name, host, user, openedAt };
}

/** Of a connection that is open. */
export interface OpenTls {
  /** Undefined for a connection in clear. */
  readonly tls: TlsInUse | undefined;
}
