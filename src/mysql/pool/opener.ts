/**
 * Opens the connections of one pool: reads the login, and respects its back-off.
 *
 * The login may be that of other pools too. Each pool reports once what the server said, then that it backs off.
 */
import type { Deadline } from '../../deadline.ts';
import { type Connection, type ConnectionSpec, openConnection } from '../connect/connection.ts';
import type { Login } from '../connect/login.ts';
import type { LoginBackoff } from '../connect/login-backoff.ts';
import type { Resolved, ResolveHost } from '../connect/resolver.ts';
import type { MysqlFailure } from '../failure.ts';
import type { Seat } from './connection-cap.ts';

export interface OpenerOptions {
  readonly spec: ConnectionSpec;
  readonly resolve: ResolveHost;
  /** Asked before each attempt to connect. */
  readonly login: (until: Deadline) => Promise<({ readonly ok: true } & Login) | MysqlFailure>;
  /** Shared with other pools of the same server. */
  readonly backoff: LoginBackoff;
  /** Called once, when a login has given the password to a server that had not proven who it is. */
  readonly onPasswordGiven: () => void;
}

export type Opened = { readonly ok: true; readonly connection: Connection } | MysqlFailure;

export class Opener {
  readonly #options: OpenerOptions;
  /** The refused login that this pool has reported to its queries. */
  #reported: MysqlFailure | undefined;
  #hasGivenPassword = false;
  /** How often the name of the host is being resolved. */
  #lookups = 0;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  get isResolving(): boolean {
    return this.#lookups > 0;
  }

  /**
   * One attempt; `until` bounds all of it.
   *
   * @param seat given back when the attempt has failed, or when the connection is closed
   */
  async open(seat: Seat, until: Deadline): Promise<Opened> {
    const opened = await this.#logIn(until);
    if (opened.ok) opened.connection.onClosed(() => seat.release());
    else seat.release();
    if (opened.ok && opened.connection.gavePassword && !this.#hasGivenPassword) {
      this.#hasGivenPassword = true;
      this.#options.onPasswordGiven();
    }
    return opened;
  }

  async #logIn(until: Deadline): Promise<Opened> {
    const { backoff, spec } = this.#options;
    const login = await this.#options.login(until);
    if (!login.ok) return login;
    const forbidden = backoff.forbids(login);
    if (forbidden !== undefined) {
      if (forbidden.refusal === this.#reported) return forbidden.backoff;
      this.#reported = forbidden.refusal;
      return forbidden.refusal;
    }
    const opened = await openConnection(spec, login, (host) => this.#lookUp(host), until);
    if (opened.ok) backoff.noteAccepted(login);
    else if (opened.reason === 'auth') {
      backoff.noteRefused(login, opened);
      this.#reported = opened;
    }
    return opened;
  }

  /** Notes that no query was waiting for a failure, so that the next one gets it. */
  noteUnreported(failed: MysqlFailure): void {
    if (this.#reported === failed) this.#reported = undefined;
  }

  async #lookUp(host: string): Promise<Resolved> {
    this.#lookups++;
    try {
      return await this.#options.resolve(host);
    } finally {
      this.#lookups--;
    }
  }
}
