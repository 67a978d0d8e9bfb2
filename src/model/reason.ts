/**
 * Why something failed or was not asked: closed lists, whose words users see in labels.
 *
 * The place to begin with another reason.
 */

/** Where each reason arises: between the exporter and a server, in what becomes of a result, or in both. */
const ORIGINS = {
  dns: 'server',
  refused: 'server',
  unreachable: 'server',
  connect_timeout: 'server',
  tls: 'server',
  credentials: 'server',
  auth: 'server',
  backoff: 'server',
  queue: 'server',
  timeout: 'server',
  canceled: 'server',
  sql: 'server',
  missing_column: 'result',
  invalid_value: 'result',
  limit: 'both',
  lost: 'server',
} as const satisfies Record<string, 'server' | 'result' | 'both'>;

/** Why a query or a whole probe failed. */
export type Reason = keyof typeof ORIGINS;

export const REASONS = Object.keys(ORIGINS) as readonly Reason[];

type ReasonFrom<Origin> = {
  [R in Reason]: (typeof ORIGINS)[R] extends Origin | 'both' ? R : never;
}[Reason];

export type MysqlReason = ReasonFrom<'server'>;
export type ResultReason = ReasonFrom<'result'>;

export interface Failure<Of extends Reason = Reason> {
  readonly ok: false;
  readonly reason: Of;
  /** For the log and for people, never for a label: may hold a server's own text, never a secret. */
  readonly detail: string;
  /** The number of the server's error, when it was the server that refused. */
  readonly errno?: number;
}

/** Why a query was not asked, which is no failure. */
export const SKIP_REASONS = [
  'flavour',
  'version',
  'variable',
  'table',
  'column',
  'role',
  'ignored_error',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What a server lacks of what a query is for. */
export interface Unmet {
  readonly reason: SkipReason;
  /** For people. */
  readonly detail: string;
}
