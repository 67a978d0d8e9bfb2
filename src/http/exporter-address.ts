/**
 * Where Prometheus finds this exporter: as its operator says, or as the client called it.
 */
import { isIPv6 } from 'node:net';

export interface ExporterAddress {
  /** As in a URL: `host`, `host:port` or `[v6]:port`. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Of all paths; empty, or with a slash at its beginning and none at its end. */
  readonly prefix: string;
}

/** The address in a URL. The port is said in any case: Prometheus 2 and 3 differ in what they add. */
export function addressOfUrl(url: URL): ExporterAddress {
  const { hostname, port, protocol } = url;
  const isSecure = protocol === 'https:';
  const given = port === '' ? (isSecure ? 443 : 80) : port;
  return { host: `${hostname}:${given}`, isSecure, prefix: prefixOf(url) };
}

/** The path that all of the exporter's stand below, without a slash at its end; empty when that is the root. */
export const prefixOf = (url: URL | undefined): string => (url?.pathname ?? '').replace(/\/$/, '');

const HOST = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?)\.?)(?::(\d{1,5}))?$/;
const MAX_HOST_NAME = 253;

/**
 * The text when it is a host name or an IP address, with or without a port; else undefined.
 *
 * A `Host` header is what the client says: it must be no more than that, because it stands in an answer that decides
 * where Prometheus goes.
 */
export function hostText(text: string): string | undefined {
  const [, v6, name = '', port = '1'] = (text.length > MAX_HOST_NAME + 8 ? null : HOST.exec(text)) ?? [];
  const isHost = v6 === undefined ? isName(name) : isIPv6(v6);
  return isHost && Number(port) >= 1 && Number(port) <= 65_535 ? text : undefined;
}

const isName = (name: string): boolean =>
  name !== '' &&
  name.length <= MAX_HOST_NAME &&
  name.split('.').every((part) => part !== '' && part.length <= 63);
