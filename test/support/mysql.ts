/**
 * What the tests of this room share: pools towards a server of the test, a query as a probe runs it, and
 * measures of what must come back to its old value.
 */
import assert from 'node:assert/strict';
import { readdir, readlink } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { Deadline } from '../../src/deadline.ts';
import type { TlsSettings } from '../../src/model/config.ts';
import { type Connection, type ConnectionSpec, openConnection } from '../../src/mysql/connect/connection.ts';
import type { Login } from '../../src/mysql/connect/login.ts';
import { LoginBackoff } from '../../src/mysql/connect/login-backoff.ts';
import { createResolver } from '../../src/mysql/connect/resolver.ts';
import { createTlsPolicy } from '../../src/mysql/connect/tls.ts';
import type { MysqlFailure } from '../../src/mysql/failure.ts';
import { CommandPasswords } from '../../src/mysql/password-command/command-passwords.ts';
import { ConnectionCap } from '../../src/mysql/pool/connection-cap.ts';
import { Pool, type PoolOptions } from '../../src/mysql/pool/pool.ts';
import { ResultBudget } from '../../src/mysql/protocol/result-budget.ts';
import type { ResultLimits, TextResult } from '../../src/mysql/protocol/text-query.ts';
import { Turns } from '../../src/turns.ts';
import { eventually } from './eventually.ts';
import { err, type Peer, type Script, type ScriptedServer, scriptedServer } from './scripted-server.ts';

export const PASSWORD = 'correct horse battery';
export const LOGIN: Login = { user: 'exporter', password: PASSWORD };
export const LIMITS: ResultLimits = { maxRows: 1000, maxBytes: 1 << 20 };
export const names = createResolver();

export const NO_TLS: TlsSettings = {
  mode: 'disabled',
  caFile: undefined,
  certFile: undefined,
  keyFile: undefined,
  serverName: undefined,
  fullLogin: 'any',
  minVersion: undefined,
};

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function specOf({ host, port }: Endpoint, changes: Partial<ConnectionSpec> = {}): ConnectionSpec {
  const address = { kind: 'tcp', host, port } as const;
  return {
    address,
    database: undefined,
    tls: createTlsPolicy(NO_TLS, address),
    allowClearPassword: false,
    allowPublicKeyRetrieval: false,
    allowFullLogin: true,
    results: new ResultBudget(Number.POSITIVE_INFINITY, () => {}),
    turns: new Turns(),
    session: {},
    idleTimeoutMs: 300_000,
    queryTimeoutMs: 5_000,
    memory: { unknownVariables: new Set() },
    ...changes,
  };
}

export interface PoolChanges extends Partial<Omit<PoolOptions, 'spec'>> {
  readonly spec?: Partial<ConnectionSpec>;
}

/** A pool of one connection, which the caller closes. */
export function makePool(endpoint: Endpoint, changes: PoolChanges = {}): Pool {
  return new Pool({
    maxConnections: 1,
    growAfterMs: 0,
    connectTimeoutMs: PATIENCE_MS,
    maxConnectionAgeMs: 600_000,
    onServerChanged: () => {},
    onNotKilled: () => {},
    onAttempt: () => {},
    onPasswordGiven: () => {},
    resolve: names,
    cap: new ConnectionCap({ max: Number.POSITIVE_INFINITY, holders: () => [], onRefused: () => {} }),
    login: async () => ({ ok: true, ...LOGIN }),
    passwords: new CommandPasswords(),
    backoff: new LoginBackoff(),
    ...changes,
    spec: specOf(endpoint, changes.spec),
  });
}

/** A pool of one connection, closed after the test. */
export function poolOf(t: TestContext, endpoint: Endpoint, changes: PoolChanges = {}): Pool {
  const pool = makePool(endpoint, changes);
  t.after(() => pool.close());
  return pool;
}

/** A scripted server, closed after the test. */
export async function play(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await scriptedServer(script);
  t.after(() => server.close());
  return server;
}

/** Longer than a busy machine takes for anything: what ends by it did not end by itself. */
export const PATIENCE_MS = 20_000;

/** Opens one connection within `ms`; the test's end closes it. */
export async function open(
  t: TestContext,
  endpoint: Endpoint,
  changes: Partial<ConnectionSpec> & { readonly login?: Login } = {},
  ms = PATIENCE_MS,
): Promise<{ readonly ok: true; readonly connection: Connection } | MysqlFailure> {
  using until = Deadline.after(ms);
  const { login = LOGIN, ...spec } = changes;
  const opened = await openConnection(specOf(endpoint, spec), login, names, until);
  if (opened.ok) t.after(() => opened.connection.destroy());
  return opened;
}

/** One statement on a connection. */
export async function query(
  connection: Connection,
  sql: string,
  ms = PATIENCE_MS,
  limits = LIMITS,
): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(ms);
  return await connection.query({ sql, limits }, until);
}

export async function ask(pool: Pool, sql: string, ms = PATIENCE_MS): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(ms);
  return await askUntil(pool, sql, until);
}

/** One query as a probe runs it: borrows, asks, gives back; once more when a connection had died unnoticed. */
async function askUntil(pool: Pool, sql: string, until: Deadline): Promise<TextResult | MysqlFailure> {
  for (;;) {
    const acquired = await pool.acquire(until);
    if (!acquired.ok) return acquired;
    using lease = acquired.lease;
    const answer = await lease.connection.queryWithin({ sql, limits: LIMITS }, until);
    if (answer.ok || answer.retryable !== true || !lease.reused) return answer;
  }
}

/** The rows, or the reason: what a test compares. */
export function seen(answer: TextResult | MysqlFailure): TextResult['rows'] | MysqlFailure['reason'] {
  return answer.ok ? answer.rows : answer.reason;
}

/** Names and rows, or the failure. */
export function whole(
  answer: TextResult | MysqlFailure,
): Pick<TextResult, 'columns' | 'rows'> | MysqlFailure {
  return answer.ok ? { columns: answer.columns, rows: answer.rows } : answer;
}

/** A statement that ends when it is killed, and not before. */
export async function hangUntilKilled(peer: Peer): Promise<void> {
  await new Promise<void>((resolve) => {
    peer.whenKilled = resolve;
  });
  peer.send(err(1317, 'Query execution was interrupted', '70100'));
}

/** What came of some work under a deadline. */
export interface Ended<T> {
  readonly value: T;
  /** Turns of the event loop from the end of the time to the answer; undefined when the answer came before. */
  readonly turnsLate: number | undefined;
}

/**
 * Work under a deadline of `ms`, and whether its answer waited for anything after the end.
 *
 * Counted in turns of the event loop and not in milliseconds: whatever the answer waits for (a KILL, a goodbye) takes
 * some turns, however fast or busy the machine is.
 */
export async function ending<T>(ms: number, work: (until: Deadline) => Promise<T>): Promise<Ended<T>> {
  using until = Deadline.after(ms);
  let turns: number | undefined;
  let turning: NodeJS.Immediate | undefined;
  const turn = () => {
    turns = turns === undefined ? 0 : turns + 1;
    turning = setImmediate(turn);
  };
  until.onEnd(turn);
  try {
    const value = await work(until);
    return { value, turnsLate: turns };
  } finally {
    clearImmediate(turning);
  }
}

/** One query that is to end with its time. */
export async function askToEnd(
  pool: Pool,
  sql: string,
  ms: number,
): Promise<Ended<TextResult | MysqlFailure>> {
  return await ending(ms, (until) => askUntil(pool, sql, until));
}

/** Sockets of this process as the kernel counts them. */
export async function openSockets(): Promise<number> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith('socket:')).length;
}

/** Waits until this process has no more sockets than so many. */
export async function closedDownTo(most: number): Promise<void> {
  await eventually(async () => {
    const open = await openSockets();
    assert.ok(open <= most, `${open} sockets are open, and ${most} should be`);
  });
}
