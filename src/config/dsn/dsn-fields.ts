/** The content of a connection text (a DSN or a URL), in plain fields. Made by dsn.ts and mysql-url.ts. */
import type { Address, TlsMode } from '../../model/config.ts';

export interface Dsn {
  readonly address: Address;
  /** Undefined when the text names no user; then it has no password either. */
  readonly user?: string;
  /** Present, perhaps empty, whenever there is a user. */
  readonly password?: string;
  readonly database?: string;
  readonly tlsMode?: TlsMode;
  readonly connectTimeoutMs?: number;
  readonly queryTimeoutMs?: number;
  /** System variables; empty for URLs. */
  readonly session: Readonly<Record<string, string | number>>;
  /** About options that are known but have no effect. */
  readonly warnings: readonly string[];
}
