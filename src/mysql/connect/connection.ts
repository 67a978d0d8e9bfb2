/**
 * One connection to one server: asked one statement, or several in one go, and closed.
 *
 * Owns the socket. It gives up a statement whose time is over; the pool ends that statement on the server.
 */

import type { Deadline } from '../../deadline.ts';
import type { Failure } from '../../model/reason.ts';
import { currentTrace } from '../../trace.ts';
import { failure, type MysqlFailure, secretOf, withoutSecret } from '../failure.ts';
import type { Channel } from '../protocol/channel.ts';
import { nobodyAsks } from '../protocol/incoming.ts';
import type { ResultBudget } from '../protocol/result-budget.ts';
import { NO_ROWS, type ResultLimits, TextQuery, type TextResult, WITHDRAWN } from '../protocol/text-query.ts';
import type { OpenSocket } from './dial.ts';
import type { LoggedIn } from './driver.ts';
import type { Introduction, ServerIdentity } from './identity.ts';
import type { Login } from './login.ts';
import { atLeast, parseVersion, type ServerVersion } from './server-version.ts';
import { timeLimit, timeLimitAssignment } from './session.ts';
import { type TlsInUse, tlsIn } from './tls-in-use.ts';

export interface Statement {
  readonly sql: string;
  readonly limits: ResultLimits;
  /** Whether it may be a CALL: what a procedure has done must not be done twice. */
  readonly mayCall?: boolean;
  /** Whether it may change the session for those behind it. */
  readonly endsSession?: boolean;
  /** Called when it may run on after it was given up: the server lets nobody of our rights kill it. */
  readonly onNotKilled?: () => void;
}

/** Beyond its limit a result is read and dropped while the statement is being killed, up to this many bytes. */
const DRAIN_BYTES = 16 << 20;

/** So soon after the last answer a connection is alive, or its end is that of what is asked now. */
const FRESH_MS = 1;

type State = 'idle' | 'busy' | 'closed';

export class Connection {
  /** The address that it was opened to; undefined for a unix socket. */
  readonly host: string | undefined;
  /** When it was opened, on the clock of `performance.now()`. */
  readonly openedAt = performance.now();
  /** When the server last said something, on the clock of `performance.now()`. */
  lastReplyAt = performance.now();
  /** When it was last given back, for the pool's idle timeout. */
  idleSince = performance.now();
  /** Whether it takes no other statement: one has run that may have changed its session. */
  isSpent = false;
  /** Whether the pool gives it to no other probe: another server or newer rights are there. */
  isOutdated = false;
  /** The share of the maximum age that it is given, by chance: connections of a fleet must not all end together. */
  readonly ageShare = 0.75 + Math.random() / 4;
  /** Who has logged in. */
  readonly user: string;
  readonly #login: LoggedIn;
  readonly #channel: Channel;
  readonly #secret: string;
  readonly #results: ResultBudget;
  #state: State = 'idle';
  /** The one that was asked last. */
  #statement: Statement | undefined;
  /** Whether nobody waits for some of what it is busy with: nothing is asked behind that. */
  #isGivenUp = false;
  #waiting: (() => void)[] = [];
  /** The time limit that the session is set to, as far as we know. */
  #timeLimitMs: number | 'unsupported' | undefined;
  #version: ServerVersion;
  #introduction: Introduction | undefined;

  constructor(loggedIn: LoggedIn, { greeting, host }: OpenSocket, login: Login, results: ResultBudget) {
    this.#login = loggedIn;
    this.#channel = loggedIn.channel;
    this.#results = results;
    this.#secret = secretOf(login);
    this.user = login.user;
    this.#version = parseVersion(greeting.version);
    this.host = host;
    const { stream } = this.#channel;
    stream.once('close', () => this.#become('closed'));
    // The server has closed its side: a statement sent before the socket is closed would be lost.
    stream.once('end', () => this.destroy());
  }

  /** Whether it can take a statement now. */
  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get version(): ServerVersion {
    return this.#version;
  }

  /** The server that it reached; undefined when the server does not tell. */
  get server(): ServerIdentity | undefined {
    return this.#introduction?.server;
  }

  /** For people. */
  get name(): string {
    return `connection ${this.threadId ?? this.#login.threadId}`;
  }

  /** Its id on the server; undefined when the server does not tell. */
  get threadId(): number | undefined {
    return this.#introduction?.connectionId;
  }

  /**
   * Whether the id may be another connection's by now: a proxy that shares connections to the server among its
   * clients greets with an id of its own.
   */
  get isShared(): boolean {
    return this.threadId !== undefined && this.threadId % 2 ** 32 !== this.#login.threadId;
  }

  /**
   * Whether it takes statements before those before them are answered. Not what stands behind a proxy, and not MySQL 5.7,
   * as which an Aurora shows that hangs then (mysql-net/MySqlConnector#486).
   */
  get pipelines(): boolean {
    const { flavour } = this.#version;
    const isNew = atLeast(this.#version, flavour === 'mariadb' ? 10 : 8, 0, 0);
    return isNew && this.threadId !== undefined && !this.isShared;
  }

  /** TLS as it is in use; undefined without. */
  get tls(): TlsInUse | undefined {
    return tlsIn(this.#channel.stream);
  }

  /** Whether its login gave the password to a server that had not proven who it is. */
  get gavePassword(): boolean {
    return this.#login.gavePassword;
  }

  /** A failure that has words of a result in it, without the password: a server may call a column by it. */
  withoutSecret<F extends Failure>(failed: F): F {
    return withoutSecret(failed, this.#secret);
  }

  /** Takes what the server says of itself. */
  introduce(introduction: Introduction): void {
    this.#introduction = introduction;
    this.#version = introduction.version;
  }

  /** Notes the time limit that the session is set to. */
  noteTimeLimit(ms: number): void {
    this.#timeLimitMs = ms;
  }

  /**
   * Asks one statement; resolves at the latest when `until` ends, with reason timeout or canceled.
   *
   * Statements that are asked in one go are sent together, and answered one after another. The connection may be busy
   * still after that, see {@link isIdle}.
   *
   * @param limitMs the server's own limit for it: what comes later is what an interrupted statement left
   */
  query(statement: Statement, until: Deadline, limitMs?: number): Promise<TextResult | MysqlFailure> {
    return new Promise((resolve) => {
      if (until.ended !== undefined) return resolve(gaveUp(until));
      const trace = currentTrace();
      if (this.#state === 'closed' || this.#isGivenUp) return resolve(CLOSED);
      let stopCounting = () => {};
      const begin = () => {
        stopCounting = this.#count(query, statement.limits.maxBytes);
      };
      const answer = (result: TextResult | MysqlFailure) => {
        off();
        stopCounting();
        if (!result.ok && result.reason === 'lost')
          this.destroy(); // now, not when the socket says so: nothing is left here to be killed
        else if (result !== WITHDRAWN) this.lastReplyAt = performance.now();
        trace?.note(`${this.name} has answered, ${result.ok ? `rows: ${result.rowCount}` : result.reason}`);
        if (!result.ok) return resolve(withoutSecret(result, this.#secret));
        const isLate = limitMs !== undefined && performance.now() - (query.begunAt ?? 0) >= limitMs;
        resolve(isLate ? interrupted(limitMs) : result);
      };
      // What a procedure has done would be done twice.
      const mayBeStale = statement.mayCall !== true && performance.now() - this.lastReplyAt > FRESH_MS;
      const query = new TextQuery(
        statement.sql,
        statement.limits,
        { begin, answer, over: () => this.#onOver() },
        mayBeStale,
      );
      this.#state = 'busy';
      this.#statement = statement;
      const off = until.onEnd(() => {
        this.#isGivenUp = true;
        query.abandon();
        stopCounting();
        trace?.note(`${this.name} is given up: ${until.ended}`);
        resolve(until.ended === 'timeout' && query.begunAt === undefined ? BEHIND : gaveUp(until));
      });
      if (trace !== undefined) {
        trace.note(`${this.name} is sent ${statement.sql}`);
        query.onFirstByte = () => trace.note(`${this.name} begins to answer`);
      }
      this.#channel.ask(query);
    });
  }

  /**
   * Gives back the statements that the server has not begun to answer: they end with a failure that is `retryable`.
   *
   * Nothing else is asked until the server has answered them all the same.
   */
  withdraw(): void {
    this.#isGivenUp = !this.#channel.isFree;
    this.#channel.withdraw();
  }

  #onOver(): void {
    this.#channel.budget.exceeded = nobodyAsks;
    this.#channel.forget();
    if (!this.#channel.isFree) return;
    this.#isGivenUp = false;
    this.#become('idle');
  }

  /** Counts what arrives against the limits of the statement and of all; stopped when nobody keeps the result any more. */
  #count(query: TextQuery, maxBytes: number): () => void {
    const { budget } = this.#channel;
    budget.left = maxBytes + DRAIN_BYTES;
    budget.taken = 0;
    budget.isWanted = !query.isAnswered;
    budget.exceeded = () => query.refuseSize();
    if (query.isAnswered) return nobodyAsks;
    const share = this.#results.begin();
    budget.arrived = (bytes) => {
      if (!share.take(bytes)) query.refuseTogether(this.#results.max);
    };
    return () => {
      budget.arrived = nobodyAsks;
      budget.isWanted = false;
      share.giveBack();
    };
  }

  /**
   * Asks a statement that the server itself ends a little before `until`.
   *
   * An answer that comes after the server's limit is what an interrupted statement left and counts as
   * timeout: an interrupted SLEEP() in MySQL is a row with the number 1.
   */
  async queryWithin(statement: Statement, until: Deadline): Promise<TextResult | MysqlFailure> {
    return (await this.limitTime(until)) ?? (await this.queryLimited(statement, until));
  }

  /** The same, of several statements behind one {@link limitTime}. */
  queryLimited(statement: Statement, until: Deadline): Promise<TextResult | MysqlFailure> {
    this.isSpent ||= statement.endsSession === true;
    const limitMs = typeof this.#timeLimitMs === 'number' ? this.#timeLimitMs : undefined;
    return this.query(statement, until, limitMs);
  }

  /** Lets the server end what is asked next a little before `until`, where it can; returns why that could not be asked. */
  async limitTime(until: Deadline): Promise<MysqlFailure | undefined> {
    const ms = timeLimit(until.left);
    if (this.#timeLimitMs === ms || this.#timeLimitMs === 'unsupported') return undefined;
    const assignment = timeLimitAssignment(this.#version, ms);
    const done =
      assignment === undefined
        ? undefined
        : await this.query({ sql: `SET ${assignment}`, limits: NO_ROWS }, until);
    if (done?.ok === false && done.reason !== 'sql') return done;
    this.#timeLimitMs = done?.ok === true ? ms : 'unsupported';
    return undefined;
  }

  /** Tells who asked that the statement runs on. */
  noteNotKilled(): void {
    this.#statement?.onNotKilled?.();
  }

  /** Calls back once the socket is closed; at once when it is. */
  onClosed(listener: () => void): void {
    const { stream } = this.#channel;
    if (stream.closed) listener();
    else stream.once('close', listener);
  }

  /** Resolves when the server is done with its statements or the connection is closed; or when `until` ends. */
  whenFree(until?: Deadline): Promise<void> {
    if (this.#state !== 'busy') return Promise.resolve();
    return new Promise((resolve) => {
      const off = until?.onEnd(() => resolve());
      this.#waiting.push(() => {
        off?.();
        resolve();
      });
    });
  }

  /** Sends COM_QUIT, so that the server does not count an aborted client; resolves when closed. */
  end(until: Deadline): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) return resolve();
      const off = until.onEnd(() => this.destroy());
      this.#channel.stream.once('close', () => {
        off();
        resolve();
      });
      this.#channel.end();
      if (this.#state === 'idle') this.#state = 'closed';
    });
  }

  /** Closes the socket at once, whatever is under way. */
  destroy(): void {
    this.#channel.stream.destroy();
    this.#become('closed');
  }

  #become(state: State): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Why a statement has no answer that was sent behind others. */
export const BEHIND: MysqlFailure = failure('queue', 'a statement before it took all the time');

const CLOSED: MysqlFailure = {
  ...failure('lost', 'the connection was closed by the server'),
  retryable: true,
};

const interrupted = (limitMs: number): MysqlFailure =>
  failure('timeout', `interrupted by the server's time limit of ${limitMs} ms`);

function gaveUp(until: Deadline): MysqlFailure {
  return until.ended === 'canceled'
    ? failure('canceled', 'nobody waits for the answer any more')
    : failure('timeout', 'no answer in time');
}
