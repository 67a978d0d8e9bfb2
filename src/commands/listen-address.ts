/**
 * `--web.listen-address` in Prometheus' notation: `:9104`, `127.0.0.1:9104`, `[::1]:9104`.
 */

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
