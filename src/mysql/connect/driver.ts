/**
 * mysql2 as the rest of this room sees it: a login over a socket of ours, and a queue of commands.
 *
 * The only file beside login-plugins.ts that knows the driver, and the place of every guard that it needs: an error
 * listener from the first moment, no exception out of its packet handler, TLS by our own rules, no option that a URL
 * or a server could switch on.
 */
import type { Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import type { Deadline } from '../../deadline.ts';
import { currentTrace } from '../../trace.ts';
import type { Turns } from '../../turns.ts';
import { failure, fromConnectError, type MysqlFailure } from '../failure.ts';
import { type DriverPacket, MARKER_ERR, ProtocolViolation } from '../protocol/packet.ts';
import { PacketReader, type ReusablePacket } from '../protocol/packet-reader.ts';
import type { CommandHost } from '../protocol/text-query.ts';
import { type LoginCourse, type LoginGuards, pluginsFor } from './login-plugins.ts';
import type { Upgrade } from './tls.ts';
import { tlsIn } from './tls-in-use.ts';

/** The name under which a DBA finds us: performance_schema.session_connect_attrs. */
const PROGRAM_NAME = 'mysql-query-exporter';

/** Bytes that a server may send before it has let us in. */
const MAX_LOGIN_BYTES = 1 << 20;

/** The usual answer is read when it is there, however busy the turn is with longer ones. */
const READ_AT_ONCE = 48 << 10;

export interface LoginOptions extends LoginGuards {
  readonly user: string;
  readonly database: string | undefined;
  readonly upgrade: Upgrade | undefined;
  /** In which what arrives is read, of all connections together. */
  readonly turns: Turns;
}

/** A logged-in connection of the driver. */
export interface Driver {
  readonly threadId: number;
  /** The socket that the protocol runs on: the encrypted one under TLS. */
  readonly stream: Socket;
  readonly budget: Budget;
  /** Whether the login gave the password to a server that had not proven who it is. */
  readonly gavePassword: boolean;
  addCommand(command: Command): void;
  /** Lets go of the bytes that arrived last, up to 64 KB: an idle connection needs them no more. */
  forget(): void;
  /** Sends COM_QUIT behind what is queued. */
  end(): void;
}

/**
 * How much a server may send. A packet can be gathered for 16 MB before anybody sees it, so bytes are counted as they
 * arrive; at less than zero `exceeded` is called and the socket is closed.
 */
export interface Budget {
  left: number;
  /** What has arrived since the last statement was asked. */
  taken: number;
  /** Whether what arrives is kept for somebody. */
  isWanted: boolean;
  exceeded: () => void;
  /** Told of all bytes as they arrive. */
  arrived: (bytes: number) => void;
}

export interface Command {
  onResult(error: unknown): void;
  execute(packet: DriverPacket | undefined, host: CommandHost): boolean;
}

/** The driver's connection with the members that its type declarations leave out. */
interface DriverConnection extends Omit<Driver, 'budget' | 'forget' | 'gavePassword'> {
  stream: Socket;
  /** The driver's own at first, whose packet the reader of ours goes on with. */
  packetParser: PacketReader;
  handlePacket(packet: ReusablePacket | undefined): void;
  readonly authorized: boolean;
  /** The number that the next packet must have. */
  readonly sequenceId: number;
  /** What the packets that arrive now belong to. */
  readonly _command: unknown;
  startTLS(done: (error?: Error) => void): void;
  _handleNetworkError(error: Error): void;
  once(event: 'connect', listener: () => void): void;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): void;
}

/**
 * Logs in over an open socket on which the server's greeting is waiting.
 *
 * Owns the socket: after a failure it is closed.
 */
export function logIn(
  socket: Socket,
  options: LoginOptions,
  until: Deadline,
): Promise<{ readonly ok: true; readonly driver: Driver } | MysqlFailure> {
  return new Promise((resolve) => {
    let off = () => {};
    const budget: Budget = {
      left: MAX_LOGIN_BYTES,
      taken: 0,
      isWanted: true,
      exceeded: () => {},
      arrived: () => {},
    };
    const course: LoginCourse = { gavePassword: false, awaitsKey: false };
    const connection = open(socket, options, budget, course);
    let settled = false;
    const settle = (result: { ok: true; driver: Driver } | MysqlFailure) => {
      if (settled) return;
      settled = true;
      off();
      if (!result.ok) connection.stream.destroy();
      resolve(result);
    };
    // Stays for the life of the connection: an error event without a listener ends the process. And after an
    // error the driver only half-closes its socket, which a rogue or frozen peer never completes.
    connection.on('error', (error) => {
      settle(fromConnectError(error, course));
      connection.stream.destroy();
    });
    connection.on('end', () => settle(failure('lost', 'the server closed the connection during the login')));
    connection.once('connect', () => settle({ ok: true, driver: driverOf(connection, budget, course) }));
    // Calls back at once when it has ended: reading certificates may have taken all the time.
    off = until.onEnd((reason) => {
      const step = options.upgrade === undefined ? 'logging in' : 'TLS and logging in';
      settle(failure(reason === 'canceled' ? 'canceled' : 'connect_timeout', `no end in time: ${step}`));
    });
  });
}

function driverOf(connection: DriverConnection, budget: Budget, { gavePassword }: LoginCourse): Driver {
  return {
    threadId: connection.threadId,
    stream: connection.stream,
    budget,
    gavePassword,
    addCommand: (command) => connection.addCommand(command),
    forget: () => connection.packetParser.forget(),
    end: () => connection.end(),
  };
}

function open(socket: Socket, options: LoginOptions, budget: Budget, course: LoginCourse): DriverConnection {
  const { address, upgrade } = options;
  const connection = createConnection({
    stream: socket,
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host }),
    user: options.user,
    password: options.password,
    ...(options.database === undefined ? {} : { database: options.database }),
    connectTimeout: 0, // the deadline is ours
    flags: [
      '-LOCAL_FILES',
      '-IGNORE_SPACE',
      '-FOUND_ROWS',
      '-ODBC',
      '-SESSION_TRACK',
      '-CLIENT_QUERY_ATTRIBUTES',
    ],
    maxPreparedStatements: 1, // 16,000 by default, allocated at once: half a megabyte a connection
    trace: false,
    connectAttributes: { program_name: PROGRAM_NAME },
    enableCleartextPlugin: upgrade !== undefined && options.allowClearPassword,
    // Presence alone matters: it makes the driver ask for TLS. What TLS means is in `startTLS` below.
    ...(upgrade === undefined ? {} : { ssl: { rejectUnauthorized: false } }),
    authPlugins: pluginsFor(options, upgrade !== undefined, course),
  });
  return guard(connection, options, budget);
}

/** Replaces what of the driver may throw into the event loop, hold it up, or trust the wrong peer. */
function guard(driver: Connection, { turns, upgrade }: LoginOptions, budget: Budget): DriverConnection {
  const connection = driver as unknown as DriverConnection; // once, at the driver's edge
  const handlePacket = connection.handlePacket.bind(connection);
  connection.handlePacket = (packet) => {
    if (connection.stream.destroyed) return; // the rest of a chunk whose beginning was refused
    try {
      if (packet !== undefined && connection._command != null) keepOrder(packet, connection);
      handlePacket(packet);
    } catch (error) {
      connection.stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const { _reusablePacket } = connection.packetParser as unknown as { _reusablePacket: ReusablePacket };
  connection.packetParser = new PacketReader(_reusablePacket, {
    packet: (packet) => connection.handlePacket(packet),
    tooLong: () => refuse(connection.stream, budget),
  });
  connection.stream.removeAllListeners('data'); // the driver's, which reads all that is there
  const read = (chunk: Buffer) => connection.packetParser.execute(chunk);
  listen(connection.stream, read, budget, turns);
  connection.startTLS = (done) => {
    if (upgrade === undefined) throw new Error('TLS was not asked for');
    const clear = connection.stream;
    clear.removeAllListeners('data');
    let accepted = false;
    const encrypted = upgrade(clear, (error) => {
      if (accepted) return;
      accepted = error === undefined;
      currentTrace()?.note(accepted ? describeTls(encrypted) : `TLS: ${error?.message}`);
      done(error);
    });
    encrypted.on('error', (error) => {
      if (accepted) connection._handleNetworkError(error);
    });
    listen(encrypted, read, budget, turns);
    connection.stream = encrypted;
  };
  return connection;
}

function describeTls(socket: Socket): string {
  const used = tlsIn(socket);
  if (used === undefined) return 'TLS';
  return `${used.version} with ${used.cipher}, certificate until ${used.certificateEnd ?? 'nobody knows'}`;
}

/** The driver writes a line to standard error for each packet that is out of order, and goes on. */
function keepOrder(packet: ReusablePacket, { authorized, sequenceId }: DriverConnection): void {
  if (packet.sequenceId === sequenceId) return;
  // MariaDB numbers its "Too many connections" 1 where a greeting would be 0 (mysqljs/mysql#2355).
  if (!authorized && packet.buffer[packet.offset] === MARKER_ERR) packet.sequenceId = sequenceId;
  else throw new ProtocolViolation(`packet ${packet.sequenceId} out of order, not ${sequenceId}`);
}

/** Reads and counts what arrives; much of it not in the turn in which it arrives, when that is used up. */
function listen(stream: Socket, read: (chunk: Buffer) => void, budget: Budget, turns: Turns): void {
  const goOn = () => stream.resume();
  stream.on('data', (chunk: Buffer) => {
    if (budget.taken + chunk.length > READ_AT_ONCE && !turns.begin()) {
      stream.pause();
      stream.unshift(chunk); // paused, it takes no second one behind a long one, and tells of an end only after it
      turns.wait(goOn, budget.isWanted);
      return;
    }
    budget.taken += chunk.length;
    read(chunk);
    budget.left -= chunk.length;
    budget.arrived(chunk.length);
    if (budget.left < 0) refuse(stream, budget);
  });
}

function refuse(stream: Socket, budget: Budget): void {
  budget.exceeded();
  stream.destroy(new Error('the server sends more than it is allowed to'));
}
