/** Addresses as files and people write them. */
import type { Address } from './config.ts';

/** `host:port` or `[v6]:port`. */
export const hostAndPort = (host: string, port: number | string): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** That, or `unix:///path`. */
export const addressText = (address: Address): string =>
  address.kind === 'unix' ? `unix://${address.path}` : hostAndPort(address.host, address.port);
