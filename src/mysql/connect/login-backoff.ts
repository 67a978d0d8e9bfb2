/**
 * The back-off after a server has refused a login, so that no account is locked.
 */
import { failure, type MysqlFailure } from '../failure.ts';
import type { AnyLogin } from './login.ts';

const FIRST_BACKOFF_MS = 30_000;
const LONGEST_BACKOFF_MS = 300_000;

/** Refused logins that are remembered; each reload and each auth module may bring another. */
const MOST_REFUSED = 32;

/** Why a login is not tried now. */
export interface Forbidden {
  /** What the server said when it refused it. */
  readonly refusal: MysqlFailure;
  /** How long it is still left alone. */
  readonly backoff: MysqlFailure;
  /** On the clock of `performance.now()`. */
  readonly until: number;
}

interface Refused {
  readonly refusal: MysqlFailure;
  /** On the clock of `performance.now()`. */
  readonly until: number;
  readonly ms: number;
}

/**
 * Of one server: after a refused login it is not tried for 30 seconds, then 60, up to five minutes. Another user or
 * password, also one that has changed meanwhile, is tried at once.
 */
export class LoginBackoff {
  /** By login; the one that was refused last is at the end. */
  readonly #refused = new Map<string, Refused>();

  /** Whether some login is not to be tried now. */
  get isActive(): boolean {
    const now = performance.now();
    return [...this.#refused.values()].some(({ until }) => until > now);
  }

  /** Undefined when this login may be tried. */
  forbids(login: AnyLogin): Forbidden | undefined {
    const refused = this.#refused.get(keyOf(login));
    if (refused === undefined) return undefined;
    const left = refused.until - performance.now();
    if (left <= 0) return undefined;
    const sentence = `the login was refused; next try in ${Math.ceil(left / 1000)} s`;
    const { refusal, until } = refused;
    return { refusal, backoff: failure('backoff', sentence), until };
  }

  /** Returns until when it is left alone, on the clock of `performance.now()`. */
  noteRefused(login: AnyLogin, refusal: MysqlFailure): number {
    const key = keyOf(login);
    const before = this.#refused.get(key);
    const ms = before === undefined ? FIRST_BACKOFF_MS : Math.min(before.ms * 2, LONGEST_BACKOFF_MS);
    this.#refused.delete(key);
    const until = performance.now() + ms;
    this.#refused.set(key, { refusal, until, ms });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MOST_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
    return until;
  }

  /** Another login that is accepted is no reason to try the refused one again. */
  noteAccepted(login: AnyLogin): void {
    this.#refused.delete(keyOf(login));
  }
}

/** A program prints another password each time: what counts is what it is made from. */
const keyOf = (login: AnyLogin): string =>
  'command' in login
    ? JSON.stringify([login.user, login.command.program, login.command.args])
    : JSON.stringify([login.user, login.password]);
