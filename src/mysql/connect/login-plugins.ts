/**
 * The driver's plugins of SHA-2 logins, and what they must not do: give the password, or ask for a key, where the
 * target does not allow it.
 */
import { authPlugins } from 'mysql2';
import type { Address } from '../../model/config.ts';
import { mariadbPlugins } from './mariadb-plugins.ts';

/** What a login may do. */
export interface LoginGuards {
  readonly address: Address;
  readonly password: string;
  /** Whether the password may be sent in clear text, inside TLS whose peer has proven its identity. */
  readonly allowClearPassword: boolean;
  readonly allowPublicKeyRetrieval: boolean;
  /** Whether a full login may give the password inside TLS to a server that has not proven who it is. */
  readonly allowFullLogin: boolean;
}

/** What a login has come to. */
export interface LoginCourse {
  /** Whether it gave the password to a server that had not proven who it is. */
  gavePassword: boolean;
  /** Whether the server was asked for its RSA key and has not sent one. */
  awaitsKey: boolean;
}

type AuthPlugin = ReturnType<typeof authPlugins.caching_sha2_password>;

/** The byte by which each plugin asks for the server's RSA key. */
const KEY_REQUESTS = { caching_sha2_password: 2, sha256_password: 1 } as const;

/** MariaDB's plugins, and some in place of the driver's own, which hold where nothing is to be guarded; `course` is kept up to date. */
export function pluginsFor(guards: LoginGuards, isEncrypted: boolean, course: LoginCourse) {
  return { ...mariadbPlugins(guards.password), ...guardedPlugins(guards, isEncrypted, course) };
}

function guardedPlugins(guards: LoginGuards, isEncrypted: boolean, course: LoginCourse) {
  const { address, allowClearPassword, allowPublicKeyRetrieval } = guards;
  if (isEncrypted) return allowClearPassword ? {} : watchingPassword(guards, course);
  return address.kind === 'unix' ? {} : watchingKeyRequests(allowPublicKeyRetrieval, course);
}

/** Inside TLS whose peer has not proven who it is. */
function watchingPassword({ allowFullLogin, password }: LoginGuards, course: LoginCourse) {
  return eachPlugin((answer) => {
    if (password === '' || !answer.equals(Buffer.from(`${password}\0`))) return;
    if (!allowFullLogin) throw new Error(NOT_VERIFIED);
    course.gavePassword = true;
  });
}

/**
 * Without TLS: the plugins encrypt the password with whatever RSA key arrives, and an attacker on the path could send
 * its own. MySQL's clients refuse this too by default (--get-server-public-key).
 */
function watchingKeyRequests(isAllowed: boolean, course: LoginCourse) {
  return eachPlugin((answer, request) => {
    course.awaitsKey = answer.length === 1 && answer[0] === request;
    if (course.awaitsKey && !isAllowed) throw new Error(KEY_NOT_ALLOWED);
  });
}

/** Both plugins, each answer of theirs looked at before it is sent. */
function eachPlugin(look: (answer: Buffer, keyRequest: number) => void) {
  const looking =
    (plugin: AuthPlugin, keyRequest: number): AuthPlugin =>
    (metadata) => {
      const step = plugin(metadata);
      return (data) => {
        const answer: unknown = step(data); // declared wider than it is: both plugins answer at once
        if (Buffer.isBuffer(answer)) look(answer, keyRequest);
        return answer as Buffer | null;
      };
    };
  return {
    caching_sha2_password: looking(authPlugins.caching_sha2_password({}), KEY_REQUESTS.caching_sha2_password),
    sha256_password: looking(authPlugins.sha256_password({}), KEY_REQUESTS.sha256_password),
  };
}

const NOT_VERIFIED =
  'the server asks for a full login, which gives it the password, and has not proven who it is: tls full_login: ' +
  'verified allows that with tls mode verify_ca or verify_identity only';

const KEY_NOT_ALLOWED =
  'the server asks for a full login, as MariaDB does each time; the account needs TLS or a unix socket for it. ' +
  'allow_public_key_retrieval: true permits it without, at the risk of giving the password to whoever is on the path';
