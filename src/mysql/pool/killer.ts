/**
 * Ends statements whose time is over on the server, from another connection: they would go on after ours is closed.
 */

import { Deadline } from '../../deadline.ts';
import type { Connection } from '../connect/connection.ts';
import { NO_ROWS } from '../protocol/text-query.ts';

/** A connection to kill from, and what to do with it afterwards. */
export type OpenSide = (
  until: Deadline,
) => Promise<{ readonly connection: Connection; readonly done: () => void } | undefined>;

/** The promise of the design: a second after the answer nothing of ours runs on the server. */
const KILL_MS = 900;
const QUIT_MS = 500;
/** A statement that was killed ends within some milliseconds; one that forgot its KILL never does. */
const REPEAT_MS = 100;

/** Works for one server, one round at a time: what comes in during a round shares the next side connection. */
export class Killer {
  readonly #openSide: OpenSide;
  #condemned: Connection[] = [];
  #round: Promise<void> | undefined;

  constructor(openSide: OpenSide) {
    this.#openSide = openSide;
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
    const side = await this.#openSide(until);
    if (side === undefined) return;
    // A server that has read the statement but not begun it forgets a KILL QUERY, so it is repeated.
    while (until.ended === undefined && condemned.some(isBusy)) {
      for (const { threadId } of condemned.filter(isBusy))
        await side.connection.query({ sql: `KILL QUERY ${threadId}`, limits: NO_ROWS }, until);
      using pause = Deadline.within(until, REPEAT_MS);
      await allFree(condemned, pause);
    }
    side.done();
  }
}

const isBusy = ({ isClosed, isIdle }: Connection): boolean => !isIdle && !isClosed;

/** Resolves when the server is done with all statements, or when `until` ends. */
function allFree(connections: readonly Connection[], until: Deadline): Promise<void> {
  return new Promise((resolve) => {
    const off = until.onEnd(() => resolve());
    void Promise.all(connections.map((connection) => connection.whenFree())).then(() => {
      off();
      resolve();
    });
  });
}

/** A killed connection is not used again: a late KILL must not hit the next statement on it. */
async function quit(connection: Connection): Promise<void> {
  if (!connection.isIdle) return connection.destroy();
  using until = Deadline.after(QUIT_MS);
  await connection.end(until);
}
