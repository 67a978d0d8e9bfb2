/**
 * The login of a connection, and the back-off after a server has refused it.
 */
import type { Deadline } from '../../deadline.ts';
import type { Credentials } from '../../model/config.ts';
import { passwordText } from '../../model/password-text.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import { readShared } from './files.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

const FIRST_BACKOFF_MS = 30_000;
const LONGEST_BACKOFF_MS = 300_000;

/** Reads the password where it lives, until then; a file is read anew each time, so a rotated one is picked up. */
export async function readLogin(
  credentials: Credentials,
  until: Deadline,
): Promise<({ readonly ok: true } & Login) | MysqlFailure> {
  const { user, password } = credentials;
  switch (password.kind) {
    case 'none':
      return { ok: true, user, password: '' };
    case 'text':
      return { ok: true, user, password: password.secret.reveal() };
    case 'file': {
      const read = await readShared(password.path, until);
      const found = read.ok ? passwordText(read.bytes) : read;
      return found.ok
        ? { ok: true, user, password: found.text }
        : failure('credentials', `the password file ${password.path} ${found.detail}`);
    }
  }
}

/** Why a login is not tried now. */
export interface Forbidden {
  /** What the server said when it refused it. */
  readonly refusal: MysqlFailure;
  /** How long it is still left alone. */
  readonly backoff: MysqlFailure;
}

interface Refused {
  readonly password: string;
  readonly refusal: MysqlFailure;
  /** On the clock of `performance.now()`. */
  readonly until: number;
  readonly ms: number;
}

/**
 * Keeps us from locking an account: after a refused login no other is tried for 30 seconds, then 60, up to
 * five minutes. A password that has changed meanwhile is tried at once.
 */
export class LoginBackoff {
  #refused: Refused | undefined;

  /** Whether some login is not to be tried now. */
  get isActive(): boolean {
    return this.#refused !== undefined && this.#refused.until > performance.now();
  }

  /** Undefined when this login may be tried. */
  forbids(login: Login): Forbidden | undefined {
    const refused = this.#refused;
    if (refused === undefined || refused.password !== login.password) return undefined;
    const left = refused.until - performance.now();
    if (left <= 0) return undefined;
    const sentence = `the login was refused; next try in ${Math.ceil(left / 1000)} s`;
    return { refusal: refused.refusal, backoff: failure('backoff', sentence) };
  }

  noteRefused({ password }: Login, refusal: MysqlFailure): void {
    const again = this.#refused?.password === password;
    const ms = again ? Math.min((this.#refused?.ms ?? 0) * 2, LONGEST_BACKOFF_MS) : FIRST_BACKOFF_MS;
    this.#refused = { password, refusal, until: performance.now() + ms, ms };
  }

  /** Another password that is accepted, of another target of the same account, is no reason to try this one again. */
  noteAccepted({ password }: Login): void {
    if (this.#refused?.password === password) this.#refused = undefined;
  }
}
