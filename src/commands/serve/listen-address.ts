/**
 * `--web.listen-address` in Prometheus' notation: `:9104`, `127.0.0.1:9104`, `[::1]:9104`.
 */
import { InvalidArgumentError } from 'commander';

export interface ListenAddress {
  /** Empty for every address of the machine. */
  readonly host: string;
  readonly port: number;
}

/** The parts of an address; undefined when the text is none. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? '', port };
}

/** The value of an option. */
export function listenAddress(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw new InvalidArgumentError('Expected [HOST]:PORT, such as :9104.');
  return address;
}
