/**
 * One database server of our own: it is started, killed, paused and started again, and answers root.
 *
 * Knows nothing of flavours: what differs between MariaDB and MySQL is in mariadb.ts and mysql.ts.
 */
import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { type Child, removeFolder, startChild, stopChild, tail, temporaryFolder } from './children.ts';
import { freePort } from './free-port.ts';
import type { Program } from './programs.ts';
import { connectAsRoot, RootSession, rowsOf, type Value } from './root-session.ts';

export type Flavour = 'mariadb' | 'mysql';

export interface ServerOptions {
  /** A free one when left out. It stays the same over kill() and start(). */
  readonly port?: number;
  /** 0.0.0.0 when left out: then each address of 127.0.0.0/8 reaches it and hundreds of targets are at hand. */
  readonly bindAddress?: string;
  /** An initialised one, kept after stop(). A temporary copy of the template when left out. */
  readonly datadir?: string;
  /** After, and so stronger than, the arguments that every server gets. */
  readonly args?: readonly string[];
  /** Arguments that the data directory is made with too, such as MySQL's --lower-case-table-names. */
  readonly initialArgs?: readonly string[];
}

/** What mariadb.ts and mysql.ts know of their server. */
export interface Engine {
  readonly flavour: Flavour;
  readonly program: Program;
  readonly args: readonly string[];
}

/** Settings that both flavours share: small, and quick rather than safe. The data is thrown away. */
export const SHARED_ARGS: readonly string[] = [
  '--innodb-buffer-pool-size=32M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=OFF',
  '--sync-binlog=0',
  '--skip-log-bin',
  '--max-connections=500',
  // A database server refuses to run as root without --user.
  ...(process.getuid?.() === 0 ? ['--user=root'] : []),
];

/**
 * An unpacked server finds nothing by itself: the paths compiled in are those of an installed one.
 *
 * @param share where its messages and character sets are
 */
export function unpackedArgs(program: Program, share: string): readonly string[] {
  const base = dirname(dirname(program.path));
  return [
    `--basedir=${base}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${join(base, 'lib/mysql/plugin')}`,
  ];
}

const READY_MS = 60_000;
const POLL_MS = 20;

/** As MySQL and MariaDB log it. */
const PORT_IS_TAKEN = 'Address already in use';
const MOST_PORTS = 3;

/**
 * Starts a server on a copy of the template, or on the data directory of the options. A port that was free when it was
 * chosen may be another process' by the time the server has come to it: then it is another one.
 */
export async function startServer(
  engine: Engine,
  template: string,
  options: ServerOptions,
): Promise<DatabaseServer> {
  for (let tried = 1; ; tried++) {
    try {
      return await startOnce(engine, template, options);
    } catch (cause) {
      const isTaken = cause instanceof Error && cause.message.includes(PORT_IS_TAKEN);
      if (!isTaken || options.port !== undefined || tried === MOST_PORTS) throw cause;
    }
  }
}

async function startOnce(engine: Engine, template: string, options: ServerOptions): Promise<DatabaseServer> {
  const folder = temporaryFolder(engine.flavour);
  const datadir = options.datadir ?? join(folder, 'data');
  if (options.datadir === undefined) await cp(template, datadir, { recursive: true });
  const server = new DatabaseServer(engine, folder, {
    datadir,
    port: options.port ?? (await freePort()),
    bindAddress: options.bindAddress ?? '0.0.0.0',
    args: options.args ?? [],
  });
  try {
    await server.start();
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  return server;
}

export class DatabaseServer {
  readonly flavour: Flavour;
  readonly port: number;
  readonly datadir: string;
  readonly socketPath: string;
  readonly errorLog: string;
  readonly #folder: string;
  readonly #program: Program;
  readonly #args: readonly string[];
  readonly #root: RootSession;
  #child: Child | undefined;

  constructor(engine: Engine, folder: string, options: Required<Omit<ServerOptions, 'initialArgs'>>) {
    this.flavour = engine.flavour;
    this.port = options.port;
    this.datadir = options.datadir;
    this.socketPath = join(folder, 'socket');
    this.errorLog = join(folder, 'error.log');
    this.#folder = folder;
    this.#root = new RootSession(options.port);
    this.#program = engine.program;
    this.#args = [
      ...engine.program.prefix,
      '--no-defaults',
      ...engine.args,
      `--datadir=${this.datadir}`,
      `--port=${this.port}`,
      `--bind-address=${options.bindAddress}`,
      `--socket=${this.socketPath}`,
      `--pid-file=${join(folder, 'pid')}`,
      // Its own: a MariaDB that starts deletes the temporary tables of every other one in a shared folder.
      `--tmpdir=${folder}`,
      ...options.args,
    ];
  }

  /** As the server prints it with `--version`. */
  get version(): string {
    return this.#program.version;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** Resolves when the running process ends, however that comes, and keeps our process alive until then. */
  async untilExit(): Promise<string> {
    return await this.#running().untilExit();
  }

  /** Resolves when root can log in. An Error carries the end of the server's error log. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.flavour} is running already`);
    const child = await startChild({ command: this.#program.command, args: this.#args, log: this.errorLog });
    this.#child = child;
    const giveUp = performance.now() + READY_MS;
    while (!(await this.#isReady())) {
      const ended = child.ended();
      if (ended === undefined && performance.now() < giveUp)
        await Promise.race([delay(POLL_MS), child.exited]);
      else {
        await this.shutDown();
        const why = ended === undefined ? `let nobody in for ${READY_MS} ms` : `ended (${ended})`;
        throw new Error(`${this.flavour} ${why} while starting; its log:\n${await tail(this.errorLog)}`);
      }
    }
  }

  /** For good: ends the process and removes what was temporary. */
  async stop(): Promise<void> {
    // Data that is thrown away needs no orderly end, for which MySQL takes 1.5 s.
    if (this.#child !== undefined && this.datadir.startsWith(this.#folder)) await this.kill();
    else await this.shutDown();
    removeFolder(this.#folder);
  }

  /** An orderly end, as on `systemctl stop`; start() brings it back. */
  async shutDown(): Promise<void> {
    const child = this.#child;
    this.#forget();
    if (child !== undefined) await stopChild(child);
  }

  /** As a crash: SIGKILL, and the process is gone when this resolves. start() brings it back. */
  async kill(): Promise<void> {
    const child = this.#running();
    this.#forget();
    child.signal('SIGKILL');
    await child.untilExit();
  }

  /** The kernel still accepts connections, the server says nothing: a hung host. */
  async pause(): Promise<void> {
    const { pid, signal } = this.#running();
    signal('SIGSTOP');
    while (!(await isStopped(pid))) await delay(1);
  }

  resume(): void {
    this.#running().signal('SIGCONT');
  }

  /** Runs SQL as root, several statements too; the rows of the last one that has rows. */
  async query(sql: string, values: readonly Value[] = []): Promise<RowDataPacket[]> {
    return await this.#root.query(sql, values);
  }

  /** A new connection of root that does not wait for query(). The caller ends it. */
  async connect(): Promise<Connection> {
    return await connectAsRoot(this.port);
  }

  async #isReady(): Promise<boolean> {
    // Instead of a login that is refused each time: hundreds of them took 0.7 s of CPU while MySQL started.
    if (!existsSync(this.socketPath)) return false;
    const connection = await this.connect().catch(() => undefined);
    if (connection === undefined) return false;
    // Somebody else's server may sit on the port; ours will notice and end.
    const rows = await rowsOf(connection, 'SELECT @@socket AS socket').catch((cause: unknown) => {
      if (isStarting(cause)) return [];
      throw cause;
    });
    await connection.end();
    return rows[0]?.['socket'] === this.socketPath;
  }

  #running(): Child {
    if (this.#child === undefined) throw new Error(`${this.flavour} is not running`);
    return this.#child;
  }

  #forget(): void {
    this.#root.close();
    this.#child = undefined;
  }
}

/** A Galera node that gets the data of the cluster lets root in, and its statements wait for a lock in vain. */
const isStarting = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ER_LOCK_WAIT_TIMEOUT';

/** A signal is only sent at first: busy threads may still answer. Linux tells; elsewhere one goes without. */
async function isStopped(pid: number): Promise<boolean> {
  const tasks = `/proc/${pid}/task`;
  const threads = await readdir(tasks).catch(() => []);
  const states = await Promise.all(
    // The state follows the name, which is in parentheses.
    threads.map(
      async (thread) =>
        /\) (\w)/.exec(await readFile(join(tasks, thread, 'stat'), 'utf8').catch(() => ''))?.[1],
    ),
  );
  return states.every((state) => state === 'T');
}
