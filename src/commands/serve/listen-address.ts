/**
 * `--web.listen-address` in Prometheus' notation: `:9104`, `127.0.0.1:9104`, `[::1]:9104`; and `unix:///path`.
 */
import { InvalidArgumentError } from 'commander';
import { hostAndPort } from '../../model/address-text.ts';

export interface TcpAddress {
  /** Empty for every address of the machine. */
  readonly host: string;
  readonly port: number;
}

/** A socket file. */
export interface UnixAddress {
  readonly path: string;
}

export type ListenAddress = TcpAddress | UnixAddress;

const UNIX = 'unix://';
/** What the kernel has room for, with the zero behind it. */
const MAX_PATH_BYTES = 107;

/** The parts of an address; undefined when the text is none. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith(UNIX)) return parsePath(text.slice(UNIX.length));
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? '', port };
}

function parsePath(path: string): UnixAddress | undefined {
  const isPossible = path.startsWith('/') && !path.endsWith('/') && !path.includes('\0');
  return isPossible && Buffer.byteLength(path) <= MAX_PATH_BYTES ? { path } : undefined;
}

/** The value of an option. */
export function listenAddress(text: string): ListenAddress {
  if (text.startsWith('vsock://'))
    throw new InvalidArgumentError(
      'Node.js cannot listen on vsock: let socat do it, or use TCP or unix:///PATH.',
    );
  const address = parseListenAddress(text);
  if (address === undefined)
    throw new InvalidArgumentError(
      text.startsWith('unix:')
        ? 'Expected unix:///PATH with an absolute path of at most 107 bytes.'
        : 'Expected [HOST]:PORT, such as :9104.',
    );
  return address;
}

export const DEFAULT_ADDRESSES: readonly ListenAddress[] = [{ host: '', port: 9104 }];

/** The value of an option that may be repeated, and whose first use replaces the default. */
export function listenAddresses(text: string, before: readonly ListenAddress[]): readonly ListenAddress[] {
  return [...(before === DEFAULT_ADDRESSES ? [] : before), listenAddress(text)];
}

/** As it is written. */
export function addressText(address: ListenAddress): string {
  if ('path' in address) return UNIX + address.path;
  return hostAndPort(address.host, address.port);
}
