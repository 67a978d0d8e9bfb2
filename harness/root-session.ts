/**
 * Root's way into a server of the tests or the lab: TCP to 127.0.0.1, no password, several statements at once.
 */
import { connect as connectSocket } from 'node:net';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

export type Value = string | number;

/**
 * One connection, opened by the first query and again after it was lost. Queries run one after the other.
 * Idle it does not keep our process alive: a test file ends when its tests have.
 */
export class RootSession {
  readonly #port: number;
  #open: Promise<OpenConnection> | undefined;
  #pending = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** The rows of a statement, or of the last one that has rows where `sql` has several. */
  async query(sql: string, values: readonly Value[] = []): Promise<RowDataPacket[]> {
    const wasOpen = this.#open;
    try {
      return await this.#query(sql, values);
    } catch (cause) {
      // The server was restarted since the last query: once more, on a new connection.
      if (wasOpen === undefined || this.#open === wasOpen) throw cause;
      return await this.#query(sql, values);
    }
  }

  async #query(sql: string, values: readonly Value[]): Promise<RowDataPacket[]> {
    const opened = this.#connected();
    this.#pending++;
    try {
      const { connection, keepAlive } = await opened;
      keepAlive(true);
      return await rowsOf(connection, sql, values);
    } catch (cause) {
      // Lost or never there, not refused by SQL.
      if ((cause as { sqlState?: string }).sqlState === undefined) this.#drop(opened);
      throw cause;
    } finally {
      this.#pending--;
      if (this.#pending === 0)
        void opened.then(
          ({ keepAlive }) => keepAlive(false),
          () => {},
        );
    }
  }

  /** Without a word to the server, which may be paused or dead. */
  close(): void {
    const opened = this.#open;
    this.#open = undefined;
    void opened?.then(
      ({ connection }) => connection.destroy(),
      () => {},
    );
  }

  #connected(): Promise<OpenConnection> {
    if (this.#open !== undefined) return this.#open;
    const opened = openConnection(this.#port);
    this.#open = opened;
    void opened.then(
      ({ closed }) => closed.then(() => this.#drop(opened)),
      () => {},
    );
    return opened;
  }

  /** The next query gets a new connection. */
  #drop(opened: Promise<OpenConnection>): void {
    if (this.#open === opened) this.#open = undefined;
  }
}

/** A new connection of root that does not wait for the session's queries. The caller ends it. */
export async function connectAsRoot(port: number): Promise<Connection> {
  return (await openConnection(port)).connection;
}

interface OpenConnection {
  readonly connection: Connection;
  readonly closed: Promise<void>;
  readonly keepAlive: (isNeeded: boolean) => void;
}

async function openConnection(port: number): Promise<OpenConnection> {
  const socket = connectSocket({ host: '127.0.0.1', port, noDelay: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const connection = await createConnection({
    stream: socket,
    user: 'root',
    multipleStatements: true,
    connectTimeout: 5000,
    connectAttributes: { program_name: 'lab' },
  });
  // A server that a test kills must not end the process; the next query fails instead.
  connection.on('error', () => {});
  return { connection, closed, keepAlive: (isNeeded) => void (isNeeded ? socket.ref() : socket.unref()) };
}

export async function rowsOf(
  connection: Connection,
  sql: string,
  values: readonly Value[] = [],
): Promise<RowDataPacket[]> {
  const [result, fields] = await connection.query(sql, [...values]);
  const columns: readonly unknown[] | undefined = fields; // undefined after an INSERT, whatever the types say
  if (columns === undefined || !Array.isArray(result)) return [];
  const answers: readonly unknown[] = result;
  // Several statements: each has its list of columns, or undefined for what has no rows.
  const isSeveral = columns.some((column) => column === undefined || Array.isArray(column));
  if (!isSeveral) return answers as RowDataPacket[];
  return answers.filter((answer): answer is RowDataPacket[] => Array.isArray(answer)).at(-1) ?? [];
}
