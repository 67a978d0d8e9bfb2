/**
 * What the tests of this room share: pools towards a server of the test, a query as a probe runs it, and
 * measures of what must come back to its old value.
 */
import { readdir, readlink } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../../src/deadline.ts';
import type { TlsSettings } from '../../src/model/config.ts';
import { type Connection, type ConnectionSpec, openConnection } from '../../src/mysql/connect/connection.ts';
import type { Login } from '../../src/mysql/connect/login.ts';
import { LoginBackoff } from '../../src/mysql/connect/login.ts';
import { createResolver } from '../../src/mysql/connect/resolver.ts';
import { createTlsPolicy } from '../../src/mysql/connect/tls.ts';
import type { MysqlFailure } from '../../src/mysql/failure.ts';
import { ConnectionCap } from '../../src/mysql/pool/connection-cap.ts';
import { Pool, type PoolOptions } from '../../src/mysql/pool/pool.ts';
import type { ResultLimits, TextResult } from '../../src/mysql/protocol/text-query.ts';
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
    session: {},
    idleTimeoutMs: 300_000,
    queryTimeoutMs: 5_000,
    unknownVariables: new Set(),
    ...changes,
  };
}

export interface PoolChanges extends Partial<Omit<PoolOptions, 'spec'>> {
  readonly spec?: Partial<ConnectionSpec>;
}

/** A pool of one connection, closed after the test. */
export function poolOf(t: TestContext, endpoint: Endpoint, changes: PoolChanges = {}): Pool {
  const pool = new Pool({
    maxConnections: 1,
    connectTimeoutMs: 1_000,
    resolve: names,
    cap: new ConnectionCap({ max: Number.POSITIVE_INFINITY, holders: () => [], onRefused: () => {} }),
    login: async () => ({ ok: true, ...LOGIN }),
    backoff: new LoginBackoff(),
    ...changes,
    spec: specOf(endpoint, changes.spec),
  });
  t.after(() => pool.close());
  return pool;
}

/** A scripted server, closed after the test. */
export async function play(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await scriptedServer(script);
  t.after(() => server.close());
  return server;
}

/** Opens one connection within `ms`; the test's end closes it. */
export async function open(
  t: TestContext,
  endpoint: Endpoint,
  changes: Partial<ConnectionSpec> & { readonly login?: Login } = {},
  ms = 2_000,
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
  ms = 2_000,
  limits = LIMITS,
): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(ms);
  return await connection.query({ sql, limits }, until);
}

/** One query as a probe runs it: borrows, asks, gives back; once more when a connection had died unnoticed. */
export async function ask(
  pool: Pool,
  sql: string,
  ms = 2_000,
  limits = LIMITS,
): Promise<TextResult | MysqlFailure> {
  using until = Deadline.after(ms);
  for (;;) {
    const acquired = await pool.acquire(until);
    if (!acquired.ok) return acquired;
    using lease = acquired.lease;
    const answer = await lease.connection.queryWithin({ sql, limits }, until);
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

export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
}

export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/**
 * The longest that the event loop was busy in one piece during `work`, in milliseconds.
 *
 * What the process did not use a processor for is the noise of a shared machine and does not count.
 */
export async function worstLag<T>(work: () => Promise<T>): Promise<Timed<T>> {
  await delay(20); // what the test itself compiles at its start is none of the subject's
  let worst = 0;
  let at = performance.now();
  let used = process.cpuUsage();
  const turn = () => {
    const { user, system } = process.cpuUsage(used);
    const now = performance.now();
    worst = Math.max(worst, Math.min(now - at, (user + system) / 1000));
    at = now;
    used = process.cpuUsage();
  };
  const ticks = setInterval(turn, 5);
  try {
    const value = await work();
    await delay(10); // the last piece ends when the loop turns again
    return { value, ms: worst };
  } finally {
    clearInterval(ticks);
  }
}

/** Asks until it is true or `ms` are over; returns the last answer for the test to judge. */
export async function eventually<T>(
  question: () => Promise<T> | T,
  isTrue: (answer: T) => boolean,
  ms = 3_000,
): Promise<T> {
  const giveUp = performance.now() + ms;
  for (;;) {
    const answer = await question();
    if (isTrue(answer) || performance.now() > giveUp) return answer;
    await delay(10);
  }
}

/** Sockets of this process as the kernel counts them. */
export async function openSockets(): Promise<number> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith('socket:')).length;
}
