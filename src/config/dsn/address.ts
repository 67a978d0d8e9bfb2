/**
 * Where a server listens: `host`, `host:port`, `[v6]:port` or `unix:///path`.
 */
import { isIPv6 } from 'node:net';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import type { Address } from '../../model/config.ts';

const DEFAULT_PORT = 3306;

const FORMS = 'write host, host:port, [IPv6]:port or unix:///path/to/socket';
/** Letters of any script, so that international names work; no space, slash or `@` that hints at a DSN. */
const HOST = /^[\p{L}\p{N}._-]+$/u;

/** Reads the `address` of a target. Messages never repeat the text, which may be a misplaced DSN. */
export function parseAddress(text: string): Parsed<Address> {
  if (text.startsWith('unix:')) return parseSocket(text.slice('unix:'.length));
  if (text.includes('@') || text.includes('://'))
    return refused(`this looks like a DSN or URL: use the key dsn for it, or ${FORMS}`);
  return parseTcpAddress(text);
}

/** Reads `host`, `host:port`, `[v6]` or `[v6]:port`. */
export function parseTcpAddress(text: string): Parsed<Address> {
  if (isIPv6(text)) return refused('an IPv6 address must stand in brackets, like [::1]:3306');
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text);
  if (!parts) return refused(`not a valid address: ${FORMS}`);
  const [, v6, name, portText] = parts;
  if (v6 !== undefined && !isIPv6(v6)) return refused('what stands in the brackets is not an IPv6 address');
  if (name === '') return refused(`the host is missing: ${FORMS}`);
  if (name !== undefined && !HOST.test(name))
    return refused(`the host has a character that no host name has: ${FORMS}`);
  const port = portText === undefined ? DEFAULT_PORT : portOf(portText);
  if (port === undefined) return refused('the port must be a number from 1 to 65535');
  return parsed({ kind: 'tcp', host: v6 ?? name ?? '', port });
}

/**
 * The name of a target that is its address too, in one of the forms that mysqld_exporter takes in `target=`:
 * `host:port`, `[v6]:port` or `unix:///path`. A bare word is refused: a target named `orders` lacks its address.
 */
export function parseNamedAddress(name: string): Parsed<Address> {
  const address = parseAddress(name);
  if (!address.ok || address.value.kind === 'unix' || /:\d+$/.test(name)) return address;
  return refused('the port is missing');
}

function parseSocket(rest: string): Parsed<Address> {
  const path = rest.startsWith('//') ? rest.slice(2) : rest;
  return socketAt(path);
}

/** The address of a socket file; its path must be absolute. */
export function socketAt(path: string): Parsed<Address> {
  if (!path.startsWith('/') || path.includes('\0') || path === '/')
    return refused('the path of the socket must be absolute, like unix:///run/mysqld/mysqld.sock');
  return parsed({ kind: 'unix', path });
}

function portOf(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}
