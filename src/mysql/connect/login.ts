/**
 * The login of a connection, read where user and password live.
 */
import type { Deadline } from '../../deadline.ts';
import type { Address, Credentials, PasswordCommand } from '../../model/config.ts';
import { fillIn } from '../../model/password-command.ts';
import { type FileText, passwordText, userText } from '../../model/password-text.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import type { FilledCommand } from '../password-command/command-passwords.ts';
import { readShared } from './files.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A login whose password a program prints: it is not run for a login that may not be tried. */
export interface CommandLogin {
  readonly user: string;
  readonly command: FilledCommand;
}

export type AnyLogin = Login | CommandLogin;

/** Reads user and password, until then; a file is read anew each time, so a rotated one is picked up. */
export async function readLogin(
  credentials: Credentials,
  address: Address,
  until: Deadline,
): Promise<({ readonly ok: true } & AnyLogin) | MysqlFailure> {
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
    case 'command':
      return commandLogin(password, user.text, address);
  }
}

function commandLogin(
  { args, program, ttlMs }: PasswordCommand,
  user: string,
  address: Address,
): ({ readonly ok: true } & CommandLogin) | MysqlFailure {
  // The configuration has none of the two for a socket.
  const { host, port } = address.kind === 'tcp' ? address : { host: '', port: '' };
  const values = { host, port: String(port), user };
  const filled = args.map((argument) => fillIn(argument, values));
  const isOption = filled.some((argument, i) => argument.startsWith('-') && !args[i]?.startsWith('-'));
  return isOption
    ? failure(
        'credentials',
        `password_command: ${program} would take a host or user that begins with - for an option`,
      )
    : { ok: true, user, command: { program, args: filled, ttlMs, open: [host, user] } };
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
