/**
 * mysql2 as the rest of this room sees it: a login over a socket of ours, which it leaves when it is done.
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
import { Channel } from '../protocol/channel.ts';
import { type Budget, listen, loginBudget, refuse } from '../protocol/incoming.ts';
import { MARKER_ERR, ProtocolViolation } from '../protocol/packet.ts';
import { PacketReader, type ReusablePacket } from '../protocol/packet-reader.ts';
import { type LoginCourse, type LoginGuards, pluginsFor } from './login-plugins.ts';
import type { Upgrade } from './tls.ts';
import { tlsIn } from './tls-in-use.ts';

/** The name under which a DBA finds us: performance_schema.session_connect_attrs. */
const PROGRAM_NAME = 'mysql-query-exporter';

export interface LoginOptions extends LoginGuards {
  readonly user: string;
  readonly database: string | undefined;
  readonly upgrade: Upgrade | undefined;
  /** In which what arrives is read, of all connections together. */
  readonly turns: Turns;
}

/** What a login has come to. */
export interface LoggedIn {
  readonly ok: true;
  /** The id that the greeting gave the connection. */
  readonly threadId: number;
  readonly channel: Channel;
  /** Whether the login gave the password to a server that had not proven who it is. */
  readonly gavePassword: boolean;
}

/** The driver's connection with the members that its type declarations leave out. */
interface DriverConnection {
  /** The socket that the protocol runs on: the encrypted one under TLS. */
  stream: Socket;
  readonly threadId: number;
  readonly _mariadbExtendedMetadata: boolean;
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
): Promise<LoggedIn | MysqlFailure> {
  return new Promise((resolve) => {
    let off = () => {};
    const course: LoginCourse = { gavePassword: false, awaitsKey: false };
    const login = open(socket, options, course);
    const { connection } = login;
    let settled = false;
    const settle = (result: LoggedIn | MysqlFailure) => {
      if (settled) return;
      settled = true;
      off();
      if (!result.ok) connection.stream.destroy();
      resolve(result);
    };
    // Stays for the life of the driver's connection: an error event without a listener ends the process. And after an
    // error the driver only half-closes its socket, which a rogue or frozen peer never completes.
    connection.on('error', (error) => {
      settle(fromConnectError(error, course));
      connection.stream.destroy();
    });
    connection.on('end', () => settle(failure('lost', 'the server closed the connection during the login')));
    connection.once('connect', () => settle(takeOver(login, options.turns, course)));
    // Calls back at once when it has ended: reading certificates may have taken all the time.
    off = until.onEnd((reason) => {
      const step = options.upgrade === undefined ? 'logging in' : 'TLS and logging in';
      settle(failure(reason === 'canceled' ? 'canceled' : 'connect_timeout', `no end in time: ${step}`));
    });
  });
}

/** A login of the driver that is under way. */
interface Login {
  readonly connection: DriverConnection;
  readonly budget: Budget;
  /** Takes off what the driver listens for. */
  readonly detach: () => void;
}

/** Takes the socket from the driver: 30 KB of it are freed, and the statements need nothing of it. */
function takeOver(
  { budget, connection, detach }: Login,
  turns: Turns,
  { gavePassword }: LoginCourse,
): LoggedIn {
  const { _mariadbExtendedMetadata: hasExtendedMetadata, stream, threadId } = connection;
  detach();
  return {
    ok: true,
    threadId,
    gavePassword,
    channel: new Channel({ stream, hasExtendedMetadata, budget, turns }),
  };
}

function open(socket: Socket, options: LoginOptions, course: LoginCourse): Login {
  const { address, upgrade } = options;
  const before = listenersOf(socket);
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
  const drivers = listenersOf(socket).filter(
    (one) => !before.some(({ listener }) => listener === one.listener),
  );
  const detachSocket = () => {
    for (const { event, listener } of drivers) socket.off(event, listener);
  };
  return guard(connection, options, detachSocket);
}

interface Listening {
  readonly event: string;
  readonly listener: (...of: unknown[]) => void;
}

function listenersOf(socket: Socket): readonly Listening[] {
  return ['data', 'end', 'error', 'close'].flatMap((event) =>
    socket.listeners(event).map((listener) => ({ event, listener: listener as Listening['listener'] })),
  );
}

/** Replaces what of the driver may throw into the event loop, hold it up, or trust the wrong peer. */
function guard(driver: Connection, { turns, upgrade }: LoginOptions, detachSocket: () => void): Login {
  const connection = driver as unknown as DriverConnection; // once, at the driver's edge
  const budget = loginBudget();
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
  let detachEncrypted = () => {};
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
    const onError = (error: Error) => {
      if (accepted) connection._handleNetworkError(error);
    };
    encrypted.on('error', onError);
    detachEncrypted = () => encrypted.off('error', onError);
    listen(encrypted, read, budget, turns);
    connection.stream = encrypted;
  };
  const detach = () => {
    detachSocket();
    detachEncrypted();
    connection.stream.removeAllListeners('data');
  };
  return { connection, budget, detach };
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
