/**
 * `mysql://user:password@host:port/database?options`, also with the scheme `mariadb`, all parts percent-encoded.
 *
 * Not read with `URL`: that accepts an unencoded `@` or `/` in a password by cutting it somewhere, and refuses
 * the empty host of `mysql://user@/db?socket=/path`. Here an ambiguous text is an error.
 * Options are an allow-list, so that none can switch anything on in the driver. Messages repeat no part of the text.
 */

import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import { type Address, TLS_MODES, type TlsMode } from '../../model/config.ts';
import { parseTimeout } from '../check/duration.ts';
import { parseTcpAddress, socketAt } from './address.ts';
import type { Dsn } from './dsn-fields.ts';

const ENCODE = 'in a user or password write @ as %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25';
const OPTIONS = ['ssl-mode', 'tls', 'timeout', 'connect_timeout', 'socket'] as const;

/** Reads a URL that begins with `mysql://` or `mariadb://`. */
export function parseMysqlUrl(text: string): Parsed<Dsn> {
  const rest = text.slice(text.indexOf('://') + 3);
  if (rest.includes('#')) return refused(`the URL has an unencoded #: ${ENCODE}`);
  const [, authority = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? [];
  if (authority.split('@').length > 2 || path.includes('@') || path.includes('/'))
    return refused(`the URL cannot be split with certainty: ${ENCODE}`);

  const at = authority.indexOf('@');
  const credentials = at < 0 ? parsed({}) : credentialsOf(authority.slice(0, at));
  if (!credentials.ok) return credentials;
  const options = readOptions(query, authority.includes('@') && !query.includes('@'));
  if (!options.ok) return options;
  const { socket, ...settings } = options.value;
  const address = addressOf(authority.slice(at + 1), socket);
  if (!address.ok) return address;
  const database = decode(path);
  if (database === undefined) return refused(`the URL has a % that is no percent-encoding: ${ENCODE}`);

  return parsed({
    address: address.value,
    ...credentials.value,
    ...(database === '' ? {} : { database }),
    ...settings,
    session: {},
    warnings: [],
  });
}

function credentialsOf(text: string): Parsed<{ user: string; password: string }> {
  const parts = text.split(':');
  const user = decode(parts[0] ?? '');
  const password = decode(parts[1] ?? '');
  if (user === undefined || password === undefined || parts.length > 2)
    return refused(`the user and password of the URL are not well formed: ${ENCODE}`);
  return parsed({ user, password });
}

function addressOf(host: string, socket: string | undefined): Parsed<Address> {
  if (socket !== undefined) {
    if (host !== '' && host !== 'localhost')
      return refused('the URL has both a host and the option socket: leave out one of them');
    const address = socketAt(socket);
    return address.ok ? address : refused(`in the URL, ${address.message}`);
  }
  if (host === '') return refused('the URL has neither a host nor the option socket');
  const address = parseTcpAddress(host);
  return address.ok ? address : refused(`in the URL, ${address.message}; ${ENCODE}`);
}

interface UrlOptions {
  socket?: string;
  tlsMode?: TlsMode;
  connectTimeoutMs?: number;
}

/** @param isBehind whether the password certainly ends before the query: only then may an option be named */
function readOptions(query: string, isBehind: boolean): Parsed<UrlOptions> {
  const found: UrlOptions = {};
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [key = '', raw = ''] = part.split(/=(.*)/s);
    const value = decode(raw);
    if (value === undefined)
      return refused('the value of an option in the URL has a % that is no percent-encoding: write %25');
    const option = optionOf(key, value);
    if (option === undefined)
      return refused(
        isBehind && /^[a-z][\w-]{0,40}$/i.test(key)
          ? `the URL has the option ${key}, which is not allowed; allowed are ${OPTIONS.join(', ')}`
          : `the URL has an option that is not allowed; allowed are ${OPTIONS.join(', ')}`,
      );
    if (!option.ok) return option;
    if (Object.keys(option.value).some((name) => name in found))
      return refused('the URL gives one option twice, or under two names: keep one of them');
    Object.assign(found, option.value);
  }
  return parsed(found);
}

/** Undefined when there is no such option. */
function optionOf(key: string, value: string): Parsed<UrlOptions> | undefined {
  switch (key) {
    case 'ssl-mode':
    case 'tls': {
      const mode = TLS_MODES.find((known) => known === value.toLowerCase());
      return mode === undefined
        ? refused(`the option ${key} of the URL must be one of ${TLS_MODES.join(', ')}`)
        : parsed({ tlsMode: mode });
    }
    case 'timeout':
    case 'connect_timeout': {
      const timeout = parseTimeout(value);
      return timeout.ok
        ? parsed({ connectTimeoutMs: timeout.value })
        : refused(`the option ${key} of the URL must be a duration such as 500ms or 5s`);
    }
    case 'socket':
      return parsed({ socket: value });
    default:
      return undefined;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
