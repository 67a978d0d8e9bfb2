/**
 * From an address to a socket on which a server has begun to speak: resolve, connect, read the greeting.
 *
 * Done here and not by the driver, so that each step has its own reason when it fails, nothing outlives the
 * deadline, and it is known before the login whether the server offers TLS and which version it runs.
 */
import { connect, type Socket } from 'node:net';
import { Deadline } from '../../deadline.ts';
import type { Address } from '../../model/config.ts';
import { currentTrace } from '../../trace.ts';
import { failure, fromConnectError, type MysqlFailure } from '../failure.ts';
import { MARKER_ERR } from '../protocol/packet.ts';
import type { ResolveHost } from './resolver.ts';

/** TCP keep-alive after this long without traffic, so that a peer that vanished is noticed between scrapes. */
const KEEP_ALIVE_MS = 20_000;
const CAPABILITY_SSL = 0x0800;
const PROTOCOL_VERSION = 10;
/** A greeting is about a hundred bytes; a peer that sends more is no MySQL server. */
const MAX_GREETING = 1024;

export interface Greeting {
  /** Empty when the server sends an error in place of a greeting, such as "Too many connections". */
  readonly version: string;
  readonly offersTls: boolean;
}

export interface OpenSocket {
  readonly ok: true;
  readonly socket: Socket;
  readonly greeting: Greeting;
  /** The address that answered; undefined for a unix socket. */
  readonly host: string | undefined;
}

export type Dialed = OpenSocket | MysqlFailure;

/** Opens a socket and reads the greeting; the greeting's bytes stay in the socket for the driver. */
export async function dial(address: Address, resolve: ResolveHost, until: Deadline): Promise<Dialed> {
  if (address.kind === 'unix') return dialOne({ path: address.path }, until);
  const resolved = await untilEnd(resolve(address.host), until, () =>
    inTime(until, 'dns', 'resolving the name'),
  );
  if (!resolved.ok) {
    currentTrace()?.note(`${address.host}: not resolved`);
    return 'reason' in resolved ? resolved : failure('dns', resolved.detail);
  }
  currentTrace()?.note(`${address.host} is ${resolved.addresses.join(', ')}`);
  let last: Dialed = failure('dns', `no address for ${address.host}`);
  for (const [tried, host] of resolved.addresses.entries()) {
    // A share of what is left for each, so that one dead address of several does not use up all of it.
    using share = Deadline.within(until, until.left / (resolved.addresses.length - tried));
    last = await dialOne({ host, port: address.port }, share);
    if (!last.ok && until.ended !== 'canceled') resolved.forget?.();
    if (last.ok || until.ended !== undefined) return last;
  }
  return last;
}

type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

async function dialOne(endpoint: Endpoint, until: Deadline): Promise<Dialed> {
  const place = 'path' in endpoint ? endpoint.path : `${endpoint.host} port ${endpoint.port}`;
  currentTrace()?.note(`connects to ${place}`);
  const socket = connect({
    ...endpoint,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  socket.on('error', () => {}); // an error after the socket was given up has no effect
  const connected = await untilEnd(
    new Promise<MysqlFailure | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', (error) => resolve(fromConnectError(error)));
    }),
    until,
    () => inTime(until, 'connect_timeout', 'connecting'),
  );
  const greeting =
    connected ??
    (await untilEnd(readGreeting(socket), until, () =>
      inTime(until, 'connect_timeout', 'waiting for the greeting of the server'),
    ));
  if ('reason' in greeting) {
    currentTrace()?.note(`${place}: ${greeting.reason}, ${greeting.detail}`);
    socket.destroy();
    return greeting;
  }
  currentTrace()?.note(`connected to ${place}, greeted by ${greeting.version || 'an error'}`);
  return { ok: true, socket, greeting, host: 'host' in endpoint ? endpoint.host : undefined };
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html */
function readGreeting(socket: Socket): Promise<Greeting | MysqlFailure> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    const finish = (result: Greeting | MysqlFailure) => {
      socket.off('readable', onReadable).off('close', onClose).off('error', onError);
      if (!('reason' in result)) socket.unshift(seen);
      resolve(result);
    };
    const onReadable = () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
        seen = Buffer.concat([seen, chunk]);
      }
      const result = parseGreeting(seen);
      if (result !== undefined) finish(result);
    };
    const onClose = () => finish(failure('lost', 'the server closed the connection before its greeting'));
    const onError = (error: Error) => finish(failure('lost', error.message));
    socket.on('readable', onReadable).on('close', onClose).on('error', onError);
  });
}

/** Undefined while more bytes are needed. */
function parseGreeting(seen: Buffer): Greeting | MysqlFailure | undefined {
  if (seen.length < 5) return undefined;
  const length = seen.readUIntLE(0, 3);
  if (seen[4] !== MARKER_ERR && (seen[4] !== PROTOCOL_VERSION || length > MAX_GREETING)) {
    return failure('lost', 'what answers there is not a MySQL or MariaDB server');
  }
  if (length > MAX_GREETING) return failure('lost', 'the greeting of the server is too long');
  if (seen.length < 4 + length) return undefined;
  // With TLS to come, an attacker on the path could insert packets here that we would take for encrypted ones.
  if (seen.length > 4 + length) return failure('lost', 'the server speaks before its turn');
  if (seen[4] === MARKER_ERR) return { version: '', offersTls: false };
  const versionEnd = seen.indexOf(0, 5);
  const capabilitiesAt = versionEnd + 1 + 4 + 8 + 1; // thread id, first part of the scramble, filler
  if (versionEnd < 0 || capabilitiesAt + 2 > 4 + length) {
    return failure('lost', 'the greeting of the server is malformed');
  }
  return {
    version: seen.toString('latin1', 5, versionEnd),
    offersTls: (seen.readUInt16LE(capabilitiesAt) & CAPABILITY_SSL) !== 0,
  };
}

/** The promise's value, or `late()` when the deadline ends first. The promise must end or be ended by itself. */
function untilEnd<T, L>(promise: Promise<T>, until: Deadline, late: () => L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const off = until.onEnd(() => resolve(late()));
    promise.then(resolve, reject).finally(off);
  });
}

function inTime(until: Deadline, reason: 'dns' | 'connect_timeout', step: string): MysqlFailure {
  return until.ended === 'canceled' ? failure('canceled', step) : failure(reason, `no end in time: ${step}`);
}
