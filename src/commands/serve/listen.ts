/**
 * Where the server listens, and why it cannot.
 *
 * The HTTP server itself listens on the first address. Others have a listener each, which hands its connections to it.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as Listener, type ListenOptions } from 'node:net';
import type { Server } from '../../http/server.ts';
import type { LogFields, LogFormat } from '../../telemetry/logger.ts';
import { reportAtStart } from '../start-up-report.ts';
import { addressText, type ListenAddress, type TcpAddress } from './listen-address.ts';
import { clearSocketFile, withSocketMode } from './socket-file.ts';

/** The descriptor of a socket that is open already. */
export interface Inherited {
  readonly fd: number;
}

export type Place = ListenAddress | Inherited;

export interface Listening {
  /** Of each place, what the log says of it. */
  readonly places: readonly LogFields[];
  /** Whether other machines may connect. */
  readonly isExposed: boolean;
  /** Ends all but the HTTP server itself; resolves when the last connection that came there is gone. */
  close(): Promise<unknown>;
}

/** Lets the server listen; undefined when it cannot at one of the places, and the reason is on standard error. */
export async function listen(
  { server }: Pick<Server, 'server'>,
  places: readonly Place[],
  format: LogFormat,
): Promise<Listening | undefined> {
  const listeners: Listener[] = [];
  const another = () => {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    listeners.push(listener);
    return listener;
  };
  for (const place of places) {
    const listener = server.listening ? another() : server;
    const why = await listenAt(listener, place);
    if (why === undefined) {
      if ('host' in place && place.host === 'localhost') await listenBeside(listener, another);
      continue;
    }
    const sentence = `cannot listen on ${placeText(place)}: ${why}; choose with --web.listen-address`;
    reportAtStart(format, { level: 'error', sentence });
    return undefined;
  }
  const addresses = [server, ...listeners.filter(({ listening }) => listening)].map((one) => one.address());
  return {
    places: addresses.map((address, n) => fieldsOf(address, places[n])),
    isExposed: addresses.some(isExposed),
    close: () => Promise.all(listeners.filter(({ listening }) => listening).map(closeOne)),
  };
}

async function closeOne(listener: Listener): Promise<void> {
  const closed = once(listener, 'close');
  listener.close();
  await closed;
}

/** Undefined when it listens there, else why it does not. */
async function listenAt(listener: Listener, place: Place): Promise<string | undefined> {
  if ('fd' in place) return await tryListen(listener, { fd: place.fd });
  if ('host' in place) return await listenOnTcp(listener, place);
  const file = await clearSocketFile(place.path);
  return file === 'free' ? await tryListen(listener, { path: place.path }) : WHY_NOT_HERE[file];
}

const WHY_NOT_HERE = {
  no_folder: 'the folder does not exist',
  used: 'another program listens on this socket',
  other_file: 'there is a file of another kind, which is left alone',
} as const;

async function listenOnTcp(listener: Listener, { host, port }: TcpAddress): Promise<string | undefined> {
  if (host !== '') return await tryListen(listener, { host, port });
  const why = await tryListen(listener, { host: '::', port });
  // A machine without IPv6 refuses `::`, in one of two ways.
  return why === NO_SUCH_ADDRESS || why === NO_SUCH_FAMILY
    ? await tryListen(listener, { host: '0.0.0.0', port })
    : why;
}

async function tryListen(
  listener: Listener,
  options: ListenOptions | Inherited,
): Promise<string | undefined> {
  try {
    const listening = once(listener, 'listening');
    if ('path' in options) withSocketMode(() => listener.listen(options));
    else listener.listen(options);
    await listening;
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return WHY_NOT[code] ?? code;
  }
}

/** `localhost` is two addresses on most machines: the others are listened on too, as far as they can be had. */
async function listenBeside(main: Listener, another: () => Listener): Promise<void> {
  const { address: first, port } = main.address() as AddressInfo; // a TCP listener's is never a path
  // No IPv6, or the port is another program's there: the first address is listened on.
  for (const { address } of await lookup('localhost', { all: true }))
    if (address !== first) await tryListen(another(), { host: address, port });
}

type Address = ReturnType<Listener['address']>;

/** Of a socket file that was passed the address is null. */
function fieldsOf(address: Address, place: Place | undefined): LogFields {
  if (address === null) return { address: place === undefined ? 'unix' : placeText(place) };
  return typeof address === 'string'
    ? { address: `unix://${address}` }
    : { address: address.address, port: address.port };
}

function isExposed(address: Address): boolean {
  return typeof address === 'object' && address !== null && !/^(?:::ffff:)?127\.|^::1$/.test(address.address);
}

const placeText = (place: Place): string => ('fd' in place ? `descriptor ${place.fd}` : addressText(place));

const NO_SUCH_ADDRESS = 'this machine does not have that address';
const NO_SUCH_FAMILY = 'this machine does not have that kind of address';

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EADDRNOTAVAIL: NO_SUCH_ADDRESS,
  EAFNOSUPPORT: NO_SUCH_FAMILY,
  EACCES: 'this needs more rights than the exporter has',
  ENOTFOUND: 'no such host name',
  EINVAL: 'this is no socket that listens',
  ENOTSOCK: 'this is no socket',
};
