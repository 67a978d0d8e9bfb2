/**
 * What can go wrong between us and one server, as values of one closed list.
 *
 * The only place that reads error numbers of servers and codes of the driver and of Node.
 */
import type { Failure, MysqlReason } from '../model/reason.ts';

/** Why a server could not be asked, or did not answer. */
export interface MysqlFailure extends Failure<MysqlReason> {
  /** True when the connection was most likely dead before the statement was sent: it may be asked again elsewhere. */
  readonly retryable?: boolean;
}

/** A server may send 16 MB of error text, plugin names or what else ends up in a message. */
const MAX_MESSAGE = 1000;

/** Builds a failure. */
export function failure(reason: MysqlReason, detail: string): MysqlFailure {
  return { ok: false, reason, detail };
}

/** An error as a server sent it: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html */
export interface ServerError {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

// Numbers: https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html and
// https://mariadb.com/kb/en/mariadb-error-code-reference/. Those with SQLSTATE 28000 need not be listed.
const REASON_BY_ERRNO: ReadonlyMap<number, MysqlReason> = new Map<number, MysqlReason>([
  // An expired password: some servers let it in and refuse everything but a new one.
  ...([1820, 1862] as const).map((n) => [n, 'auth'] as const),
  // A Galera node without its cluster (1047), offline mode (3032), a failed member of a group (6400).
  ...([1047, 3032, 6400] as const).map((n) => [n, 'refused'] as const),
  ...([1205, 1969, 3024] as const).map((n) => [n, 'timeout'] as const),
  [1317, 'canceled'], // KILL QUERY by another session
  ...([1053, 1927, 4031] as const).map((n) => [n, 'lost'] as const), // shutdown, KILL, idle for too long
]);

/** What means something else of a statement: a right missing for one query is no refused login. */
const REASON_AT_LOGIN: ReadonlyMap<number, MysqlReason> = new Map<number, MysqlReason>([
  ...([1044, 1045, 1130, 1251, 1524, 1698, 3118, 3955, 4151] as const).map((n) => [n, 'auth'] as const),
  ...([1040, 1129, 1135, 1203, 1226] as const).map((n) => [n, 'refused'] as const),
  [2003, 'unreachable'], // MySQL Router without a server behind it
  [3159, 'tls'], // require_secure_transport
]);

/** Access denied: to a database (1044), table, column, routine, or for want of a privilege (1227); 1045 by a proxy. */
const REFUSED_RIGHTS: ReadonlySet<number> = new Set([1044, 1045, 1142, 1143, 1227, 1370]);

/** Whether the account lacks a right for a statement: a connection that is opened later may have it. */
export function isRefusedRight({ errno }: MysqlFailure): boolean {
  return errno !== undefined && REFUSED_RIGHTS.has(errno);
}

/** What a server's error means to us, during the login or as the answer to a statement. */
export function fromServerError(error: ServerError, phase: 'login' | 'query'): MysqlFailure {
  const bySystemUser = phase === 'login' && error.errno === ER_ACCESS_DENIED_NO_PASSWORD;
  const detail = `${cut(error.message)} (${error.errno})${bySystemUser ? BY_SYSTEM_USER : ''}`;
  const atLogin = REASON_AT_LOGIN.get(error.errno) ?? (error.sqlState === '28000' ? 'auth' : 'sql');
  const reason = REASON_BY_ERRNO.get(error.errno) ?? (phase === 'login' ? atLogin : 'sql');
  return { ...failure(reason, detail), errno: error.errno };
}

/** The account has no password that could be wrong. */
const ER_ACCESS_DENIED_NO_PASSWORD = 1698;
const BY_SYSTEM_USER =
  '; the account logs in as a user of the operating system (unix_socket, auth_socket), over a socket of the same ' +
  'machine: run the exporter as that user with address unix:///path, or give the account a plugin with a password';

const REASON_BY_CODE: Readonly<Record<string, MysqlReason>> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'refused', // no socket file: nothing listens
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
  EMFILE: 'unreachable',
  ENFILE: 'unreachable',
  ETIMEDOUT: 'connect_timeout',
  HANDSHAKE_SSL_ERROR: 'tls',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
  AUTH_SWITCH_PLUGIN_ERROR: 'auth',
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED: 'auth',
};

/**
 * What an error of a socket or of the driver means while a connection is being opened.
 *
 * @param login whether the server was asked for its RSA key and has not sent one
 */
export function fromConnectError(error: unknown, login?: { readonly awaitsKey: boolean }): MysqlFailure {
  if (isServerError(error)) {
    const refusal = fromServerError(error, 'login');
    return login?.awaitsKey ? { ...refusal, detail: `${refusal.detail}${WITHOUT_KEY}` } : refusal;
  }
  const { code, message: said } = describe(error);
  const message = inOurWords(code, said);
  // In TLS 1.3 a server refuses a client's certificate only when the client believes that all is done.
  return failure(REASON_BY_CODE[code] ?? (code.startsWith('ERR_SSL_') ? 'tls' : 'lost'), message);
}

/** The refusal looks like that of a wrong password, which the server has not seen yet. */
const WITHOUT_KEY =
  '; it refused when it was asked for its RSA key, so it has none, and the password may be right: use TLS, or give ' +
  'the server a key (MariaDB makes one when it is restarted after its plugin was installed)';

/** What an error of a socket or of the driver means once the connection is open. */
export function fromLostConnection(error: unknown): MysqlFailure {
  return failure('lost', describe(error).message);
}

/** The driver's own messages tell a programmer what to change in a program. */
function inOurWords(code: string, message: string): string {
  if (code === 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED')
    return (
      'the server asks for the password in clear text (mysql_clear_password), which is sent only inside TLS ' +
      'whose certificate is verified: tls mode verify_ca or verify_identity'
    );
  const [, plugin] = /unknown plugin (.+?)(?:\. See |$)/s.exec(message) ?? [];
  if (plugin === undefined) return message;
  const advice = Object.hasOwn(PLUGIN_ADVICE, plugin) ? ` (${PLUGIN_ADVICE[plugin]})` : '';
  return (
    `the server asks for the authentication plugin ${plugin}, which the exporter does not have${advice}; MariaDB asks ` +
    'for some plugin also when the user does not exist: check the name, or give the account another plugin: ed25519 or ' +
    'parsec on MariaDB, caching_sha2_password on MySQL'
  );
}

/** What each plugin is for, and the way round it where there is one. */
const PLUGIN_ADVICE: Readonly<Record<string, string>> = {
  dialog:
    'PAM: pam_use_cleartext_plugin=ON on the server and tls mode verify_identity here let it take a password',
  auth_gssapi_client: 'Kerberos',
  authentication_kerberos_client: 'Kerberos',
  authentication_ldap_sasl_client:
    'LDAP by SASL: authentication_ldap_simple takes a password, with tls mode verify_identity here',
  authentication_oci_client: 'a key of Oracle Cloud',
  authentication_openid_connect_client: 'OpenID Connect',
  authentication_webauthn_client: 'a device that a person holds',
  authentication_windows_client: 'Windows',
  mysql_old_password: 'a hash of before MySQL 4.1: set the password anew',
};

function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    error.errno > 0 && // Node's own are negative
    'sqlState' in error
  );
}

function describe(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: cut(error.message) };
}

function cut(message: string): string {
  return message.slice(0, MAX_MESSAGE);
}

/** Words of one to three letters stand in others, where a mask would tell them. */
const MIN_SECRET = 4;

/** What of a login is to be masked: a password that is its user's name too would be told by its mask. */
export function secretOf({ password, user }: { readonly user: string; readonly password: string }): string {
  return password.length < MIN_SECRET || password === user ? '' : password;
}

/**
 * The failure without a password: a server may say anything in its errors, also the password that it was given.
 *
 * Messages are cut before this is known, so the beginning of the password at the place of the cut is removed too.
 */
export function withoutSecret<F extends Failure>(failed: F, secret: string): F {
  if (secret === '') return failed;
  const cleaned = failed.detail.replaceAll(secret, MASK);
  const end =
    failed.detail.length >= MAX_MESSAGE ? startOfSecret(failed.detail.slice(0, MAX_MESSAGE), secret) : 0;
  if (end === 0) return cleaned === failed.detail ? failed : { ...failed, detail: cleaned };
  const head = failed.detail.slice(0, MAX_MESSAGE - end).replaceAll(secret, MASK);
  return { ...failed, detail: head + MASK + failed.detail.slice(MAX_MESSAGE) };
}

const MASK = '<secret>';

/** How many characters at the end of a text are the beginning of the secret, but not all of it. */
function startOfSecret(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length--)
    if (text.endsWith(secret.slice(0, length))) return length;
  return 0;
}
