/**
 * One pool per target and login, made when first asked for; one clock that closes what nobody uses.
 */
import type { Target } from '../../model/config.ts';
import { readLogin } from '../connect/login.ts';
import type { ResolveHost } from '../connect/resolver.ts';
import { createTlsPolicy, provesIdentity } from '../connect/tls.ts';
import { ConnectionCap } from './connection-cap.ts';
import { Pool, type PoolStats } from './pool.ts';

const REAP_EVERY_MS = 1_000;

export interface PoolsOptions {
  readonly resolve: ResolveHost;
  /** Most connections to all targets together. */
  readonly maxConnections: number;
  /** Called for each query whose time ended for want of a connection under that limit. */
  readonly onRefused: () => void;
}

/** Connections of all targets. */
export interface PoolsStats extends PoolStats {
  /** Being closed, or there to end a statement. */
  readonly closing: number;
}

export class Pools {
  readonly #resolve: ResolveHost;
  readonly #cap: ConnectionCap;
  readonly #pools = new Map<string, { readonly pool: Pool; readonly idleTimeoutMs: number }>();
  #reaper: NodeJS.Timeout | undefined;

  constructor({ resolve, maxConnections, onRefused }: PoolsOptions) {
    this.#resolve = resolve;
    const holders = () => [...this.#pools.values()].map(({ pool }) => pool);
    this.#cap = new ConnectionCap({ max: maxConnections, holders, onRefused });
  }

  /**
   * The pool of a target.
   *
   * @param authModule credentials other than the target's own, one of `target.authModules`
   */
  of(target: Target, authModule?: string): Pool {
    const key = JSON.stringify([target.name, authModule]);
    const known = this.#pools.get(key);
    if (known !== undefined) return known.pool;
    const credentials =
      authModule === undefined
        ? target.credentials
        : (target.authModules.get(authModule) ?? target.credentials);
    const pool = new Pool({
      spec: {
        address: target.address,
        database: target.database,
        tls: createTlsPolicy(target.tls, target.address),
        allowClearPassword: provesIdentity(target.tls),
        allowPublicKeyRetrieval: target.allowPublicKeyRetrieval,
        session: target.session,
        idleTimeoutMs: target.idleTimeoutMs,
        queryTimeoutMs: target.queryTimeoutMs,
      },
      maxConnections: target.maxConnections,
      connectTimeoutMs: target.connectTimeoutMs,
      resolve: this.#resolve,
      cap: this.#cap,
      login: () => readLogin(credentials),
    });
    this.#pools.set(key, { pool, idleTimeoutMs: target.idleTimeoutMs });
    this.#reaper ??= setInterval(() => this.#reap(), REAP_EVERY_MS).unref();
    return pool;
  }

  /** Connections and waiters of all targets together. */
  get stats(): PoolsStats {
    const sum = { idle: 0, lent: 0, opening: 0, waiting: 0 };
    for (const { pool } of this.#pools.values()) {
      const { idle, lent, opening, waiting } = pool.stats;
      sum.idle += idle;
      sum.lent += lent;
      sum.opening += opening;
      sum.waiting += waiting;
    }
    return { ...sum, closing: this.#cap.used - sum.idle - sum.lent - sum.opening };
  }

  /** Closes all connections with a goodbye; those that are lent when they come back. */
  async close(): Promise<void> {
    clearInterval(this.#reaper);
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.close()));
  }

  #reap(): void {
    const now = performance.now();
    for (const { pool, idleTimeoutMs } of this.#pools.values()) pool.reap(now - idleTimeoutMs);
  }
}
