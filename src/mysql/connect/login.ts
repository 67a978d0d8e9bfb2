/**
 * Who we are on a server, and how long to leave an account alone that has refused us.
 */
import { readFile } from 'node:fs/promises';
import type { Credentials } from '../../model/config.ts';
import { failure, type MysqlFailure } from '../failure.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

const FIRST_BACKOFF_MS = 30_000;
const LONGEST_BACKOFF_MS = 300_000;

/** Reads the password where it lives; a file is read anew each time, so a rotated one is picked up. */
export async function readLogin(
  credentials: Credentials,
): Promise<({ readonly ok: true } & Login) | MysqlFailure> {
  const { user, password } = credentials;
  switch (password.kind) {
    case 'none':
      return { ok: true, user, password: '' };
    case 'text':
      return { ok: true, user, password: password.secret.reveal() };
    case 'file':
      try {
        // Editors and `echo` end a file with a newline, and some begin it with a byte order mark: neither is a part
        // of the password.
        const text = (await readFile(password.path, 'utf8')).replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
        return { ok: true, user, password: text };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : error;
        return failure('auth', `the password file ${password.path} cannot be read (${code})`);
      }
  }
}

/**
 * Keeps us from locking an account: after a refused login no other is tried for 30 seconds, then 60, up to
 * five minutes. A password that has changed meanwhile is tried at once.
 */
export class LoginBackoff {
  #refused: { readonly password: string; readonly until: number; readonly ms: number } | undefined;

  /** Why this login should not be tried now; undefined when it may. */
  forbids(login: Login): MysqlFailure | undefined {
    const refused = this.#refused;
    if (refused === undefined || refused.password !== login.password) return undefined;
    const left = refused.until - performance.now();
    if (left <= 0) return undefined;
    return failure('backoff', `the login was refused; next try in ${Math.ceil(left / 1000)} s`);
  }

  noteRefused(login: Login): void {
    const again = this.#refused?.password === login.password;
    const ms = again ? Math.min((this.#refused?.ms ?? 0) * 2, LONGEST_BACKOFF_MS) : FIRST_BACKOFF_MS;
    this.#refused = { password: login.password, until: performance.now() + ms, ms };
  }

  noteAccepted(): void {
    this.#refused = undefined;
  }
}
