/**
 * How the port is guarded: what a web file says, checked. `config/web-file` makes it, `http/port` serves by it.
 */
import type { SecureContextOptions } from 'node:tls';

/** What a client's certificate must be, by the names of Go's crypto/tls. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

export type ClientAuth = (typeof CLIENT_AUTH_TYPES)[number];

export interface WebTls {
  /** The whole of it: what is left out here falls back to Node.js when a context is replaced. Has the private key. */
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** One of these must be a name of the client's certificate; undefined when any name will do. */
  readonly allowedSans: ReadonlySet<string> | undefined;
}

/** A token each interval, for all clients together. */
export interface RateLimit {
  readonly intervalMs: number;
  /** Most tokens there are, and how many there are at the start. */
  readonly burst: number;
}

export interface WebSettings {
  /** Undefined for plain HTTP. */
  readonly tls: WebTls | undefined;
  /** Only over TLS. */
  readonly http2: boolean;
  /** Set on every answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** bcrypt hashes by user; nobody has to log in when there are none. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}
