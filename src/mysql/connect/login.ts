/**
 * The login of a connection, read where user and password live.
 */
import type { Deadline } from '../../deadline.ts';
import type { Credentials } from '../../model/config.ts';
import { type FileText, passwordText, userText } from '../../model/password-text.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import { readShared } from './files.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Reads user and password, until then; a file is read anew each time, so a rotated one is picked up. */
export async function readLogin(
  credentials: Credentials,
  until: Deadline,
): Promise<({ readonly ok: true } & Login) | MysqlFailure> {
  const user = await readUser(credentials.user, until);
  if (!user.ok) return user;
  const { password } = credentials;
  switch (password.kind) {
    case 'none':
      return { ok: true, user: user.text, password: '' };
    case 'text':
      return { ok: true, user: user.text, password: password.secret.reveal() };
    case 'file': {
      const found = await readFile('password', password.path, passwordText, until);
      return found.ok ? { ok: true, user: user.text, password: found.text } : found;
    }
  }
}

type Found = { readonly ok: true; readonly text: string } | MysqlFailure;

async function readUser(user: Credentials['user'], until: Deadline): Promise<Found> {
  return typeof user === 'string' ? { ok: true, text: user } : readFile('user', user.path, userText, until);
}

async function readFile(
  what: 'user' | 'password',
  path: string,
  textOf: (bytes: Uint8Array) => FileText,
  until: Deadline,
): Promise<Found> {
  const read = await readShared(path, until);
  const found = read.ok ? textOf(read.bytes) : read;
  return found.ok ? found : failure('credentials', `the ${what} file ${path} ${found.detail}`);
}
