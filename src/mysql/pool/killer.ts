/**
 * Ends statements whose time is over on the server, from another connection: they would go on after ours is closed.
 *
 * A KILL names an id, which on another server is another connection's: none is sent before the side connection is
 * known to have reached the same server.
 */

import { Deadline } from '../../deadline.ts';
import { currentTrace } from '../../trace.ts';
import type { Connection } from '../connect/connection.ts';
import { isSameServer } from '../connect/identity.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import { NO_ROWS } from '../protocol/text-query.ts';

/** A connection to kill from, and what to do with it afterwards. */
export interface Side {
  readonly ok: true;
  readonly connection: Connection;
  readonly done: () => void;
}

export interface KillerOptions {
  readonly openSide: (until: Deadline) => Promise<Side | MysqlFailure>;
  /** Called for each statement that may run on: only the server's own limit ends it. */
  readonly onNotKilled: (why: MysqlFailure) => void;
}

/** The promise of the design: a second after the answer nothing of ours runs on the server. */
const KILL_MS = 900;
const QUIT_MS = 500;
/** A statement that was killed ends within some milliseconds; one that forgot its KILL never does. */
const REPEAT_MS = 100;

const ER_NO_SUCH_THREAD = 1094;

/** Works for one server, one round at a time: what comes in during a round shares the next side connection. */
export class Killer {
  readonly #options: KillerOptions;
  #condemned: Connection[] = [];
  #round: Promise<void> | undefined;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Kills what runs on a connection, then closes it; resolves when it is closed. Never rejects. */
  async end(connection: Connection): Promise<void> {
    this.#condemned.push(connection);
    // The microtask gathers the queries of a probe, which all end at the same moment.
    this.#round ??= Promise.resolve().then(() => this.#rounds());
    await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#condemned.length > 0) {
      const condemned = this.#condemned;
      this.#condemned = [];
      using until = Deadline.after(KILL_MS);
      await this.#killAll(condemned, until);
      await Promise.all(condemned.map(quit));
    }
    this.#round = undefined;
  }

  async #killAll(condemned: readonly Connection[], until: Deadline): Promise<void> {
    const side = await this.#options.openSide(until);
    if (!side.ok) {
      for (const connection of condemned.filter(isBusy)) this.#report(connection, side);
      return;
    }
    let left = condemned;
    // A server that has read the statement but not begun it forgets a KILL QUERY, so it is repeated.
    for (;;) {
      left = await this.#killOnce(left.filter(isBusy), side.connection, until);
      if (left.length === 0 || until.ended !== undefined) break;
      using pause = Deadline.within(until, REPEAT_MS);
      await Promise.all(left.map((connection) => connection.whenFree(pause)));
    }
    for (const connection of left.filter(isBusy)) this.#report(connection, STILL_RUNS);
    side.done();
  }

  /** One KILL for each; returns those for which another is worthwhile. */
  async #killOnce(
    condemned: readonly Connection[],
    side: Connection,
    until: Deadline,
  ): Promise<readonly Connection[]> {
    const left: Connection[] = [];
    for (const connection of condemned) {
      const failed = unsafe(connection, side) ?? (await kill(connection, side, until));
      if (failed === undefined) left.push(connection);
      else if (isBusy(connection)) this.#report(connection, failed);
    }
    return left;
  }

  #report(connection: Connection, why: MysqlFailure): void {
    connection.noteNotKilled();
    this.#options.onNotKilled(why);
  }
}

/** Why the connection's statement cannot be killed from that one without the risk of killing a stranger's. */
function unsafe(connection: Connection, side: Connection): MysqlFailure | undefined {
  if (connection.threadId === undefined || connection.server === undefined) return UNKNOWN;
  if (connection.isShared) return SHARED;
  if (isSameServer(connection.server, side.server)) return undefined;
  const reached = side.server?.name ?? 'a server that does not tell which it is';
  return failure('lost', `it runs on ${connection.server.name}, and a new connection reaches ${reached}`);
}

async function kill(
  { threadId }: Connection,
  side: Connection,
  until: Deadline,
): Promise<MysqlFailure | undefined> {
  // The side connection notes what it is sent, when it has been opened for this.
  currentTrace()?.note(`connection ${threadId} is to be killed, from ${side.name}`);
  const killed = await side.query({ sql: `KILL QUERY ${threadId}`, limits: NO_ROWS }, until);
  return killed.ok || killed.reason === 'timeout' || killed.errno === ER_NO_SUCH_THREAD ? undefined : killed;
}

const UNKNOWN = failure('lost', 'the server does not tell which connection it runs on');
const SHARED = failure(
  'lost',
  'a proxy stands before the server and greets with an id of its own, so the id on the server may be another ' +
    "client's by now",
);
const STILL_RUNS = failure('timeout', `KILL QUERY had no effect within ${KILL_MS} ms`);

const isBusy = ({ isClosed, isIdle }: Connection): boolean => !isIdle && !isClosed;

/** A killed connection is not used again: a late KILL must not hit the next statement on it. */
async function quit(connection: Connection): Promise<void> {
  if (!connection.isIdle) return connection.destroy();
  using until = Deadline.after(QUIT_MS);
  await connection.end(until);
}
