/**
 * Opens the connections of one pool: reads the login, and respects its back-off.
 *
 * The login may be that of other pools too. Each pool reports once what the server said, then that it backs off.
 */
import type { Deadline } from '../../deadline.ts';
import type { Connection } from '../connect/connection.ts';
import type { AnyLogin, CommandLogin, Login } from '../connect/login.ts';
import type { LoginBackoff } from '../connect/login-backoff.ts';
import { type ConnectionSpec, openConnection } from '../connect/open-connection.ts';
import type { Resolved, ResolveHost } from '../connect/resolver.ts';
import type { MysqlFailure } from '../failure.ts';
import type { CommandPasswords } from '../password-command/command-passwords.ts';
import type { Seat } from './connection-cap.ts';

/** Access denied: a wrong user or password. */
const ER_ACCESS_DENIED = 1045;

export interface OpenerOptions {
  readonly spec: ConnectionSpec;
  readonly resolve: ResolveHost;
  /** Asked before each attempt to connect. */
  readonly login: (until: Deadline) => Promise<({ readonly ok: true } & AnyLogin) | MysqlFailure>;
  /** Those that programs print, of all pools. */
  readonly passwords: CommandPasswords;
  /** Shared with other pools of the same server. */
  readonly backoff: LoginBackoff;
  /** Told of each attempt to open a connection, and how many milliseconds it took. */
  readonly onAttempt: (opened: Opened, ms: number) => void;
  /** Called once, when a login has given the password to a server that had not proven who it is. */
  readonly onPasswordGiven: () => void;
}

export type Opened = { readonly ok: true; readonly connection: Connection } | MysqlFailure;

export class Opener {
  readonly #options: OpenerOptions;
  /** The refused login that this pool has reported to its queries. */
  #reported: MysqlFailure | undefined;
  /** Until when the login is left alone, on the clock of `performance.now()`. */
  #backoffUntil = 0;
  #hasGivenPassword = false;
  /** How often the name of the host is being resolved. */
  #lookups = 0;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  get isResolving(): boolean {
    return this.#lookups > 0;
  }

  /** Until when the login is not tried, on the clock of `performance.now()`. */
  get backoffUntil(): number | undefined {
    return this.#backoffUntil > performance.now() ? this.#backoffUntil : undefined;
  }

  /**
   * One attempt; `until` bounds all of it.
   *
   * @param seat given back when the attempt has failed, or when the connection is closed
   */
  async open(seat: Seat, until: Deadline): Promise<Opened> {
    const startedAt = performance.now();
    const opened = await this.#logIn(until);
    this.#options.onAttempt(opened, performance.now() - startedAt);
    if (opened.ok) opened.connection.onClosed(() => seat.release());
    else seat.release();
    if (opened.ok && opened.connection.gavePassword && !this.#hasGivenPassword) {
      this.#hasGivenPassword = true;
      this.#options.onPasswordGiven();
    }
    return opened;
  }

  async #logIn(until: Deadline): Promise<Opened> {
    const { backoff } = this.#options;
    const login = await this.#options.login(until);
    if (!login.ok) return login;
    const forbidden = backoff.forbids(login);
    this.#backoffUntil = forbidden?.until ?? 0;
    if (forbidden !== undefined) {
      if (forbidden.refusal === this.#reported) return forbidden.backoff;
      this.#reported = forbidden.refusal;
      return forbidden.refusal;
    }
    const opened = await ('command' in login
      ? this.#openByCommand(login, until)
      : this.#openWith(login, until));
    if (opened.ok) backoff.noteAccepted(login);
    else if (opened.reason === 'auth') {
      this.#backoffUntil = backoff.noteRefused(login, opened);
      this.#reported = opened;
    }
    return opened;
  }

  /** A kept password that is refused may be over or rotated: another is tried once, at once. */
  async #openByCommand({ command, user }: CommandLogin, until: Deadline): Promise<Opened> {
    const { passwords } = this.#options;
    const first = await passwords.read(command, until);
    if (!first.ok) return first;
    const opened = await this.#openWith({ user, password: first.password }, until);
    if (opened.ok || opened.errno !== ER_ACCESS_DENIED) return opened;
    passwords.noteRefused(command, first.password);
    if (first.isFresh) return opened;
    const second = await passwords.read(command, until);
    if (!second.ok) return second;
    if (second.password === first.password) return opened;
    const again = await this.#openWith({ user, password: second.password }, until);
    if (!again.ok && again.errno === ER_ACCESS_DENIED) passwords.noteRefused(command, second.password);
    return again;
  }

  async #openWith(login: Login, until: Deadline): Promise<Opened> {
    return await openConnection(this.#options.spec, login, (host) => this.#lookUp(host), until);
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
