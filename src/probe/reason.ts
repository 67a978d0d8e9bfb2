/**
 * Why a query or a whole probe failed, as the closed list that users see in labels.
 */
import type { MysqlReason } from '../mysql/failure.ts';
import type { MapFailure } from '../query-set/compiled.ts';

export const REASONS = [
  'dns',
  'refused',
  'unreachable',
  'connect_timeout',
  'tls',
  'auth',
  'backoff',
  'queue',
  'timeout',
  'canceled',
  'sql',
  'missing_column',
  'invalid_value',
  'limit',
  'lost',
] as const satisfies readonly (MysqlReason | MapFailure['reason'])[];

export type Reason = (typeof REASONS)[number];

export interface Failure {
  readonly ok: false;
  readonly reason: Reason;
  /** For the log, never for a label: may hold a server's text. */
  readonly detail: string;
}
