/**
 * One pool per target and login, made when first asked for; one clock that closes what is not used.
 *
 * A reload keeps the pools whose connections are still what the configuration asks for and retires the others.
 * The back-off of an account outlives its pools: a reload is no reason to try a refused login again.
 */
import type { Target } from '../../model/config.ts';
import type { ConnectionSpec } from '../connect/connection.ts';
import { LoginBackoff, readLogin } from '../connect/login.ts';
import type { ResolveHost } from '../connect/resolver.ts';
import { createTlsPolicy, provesIdentity } from '../connect/tls.ts';
import { ConnectionCap } from './connection-cap.ts';
import { accountKey, type ConnectionNeeds, connectionNeeds, haveSameNeeds } from './needs.ts';
import { Pool, type PoolStats } from './pool.ts';

const REAP_EVERY_MS = 1_000;

export interface PoolsOptions {
  readonly resolve: ResolveHost;
  /** Most connections to all targets together. */
  readonly maxConnections: number;
  /** Called for each query that timed out while it waited for a connection under that limit. */
  readonly onRefused: () => void;
}

/** Connections of all targets. */
export interface PoolsStats extends PoolStats {
  /** Being closed, or there to end a statement. */
  readonly closing: number;
}

interface Entry {
  readonly pool: Pool;
  readonly needs: ConnectionNeeds;
  readonly authModule: string | undefined;
  /** The target that last asked: a configuration's targets are immutable, so the same object needs no comparison. */
  target: Target;
}

export class Pools {
  readonly #resolve: ResolveHost;
  readonly #cap: ConnectionCap;
  /** By target and auth module. */
  readonly #current = new Map<string, Entry>();
  /** Of earlier configurations, until the requests that began with them are over. */
  readonly #retired = new Set<Entry>();
  readonly #backoffs = new Map<string, LoginBackoff>();
  #reaper: NodeJS.Timeout | undefined;

  constructor({ resolve, maxConnections, onRefused }: PoolsOptions) {
    this.#resolve = resolve;
    const holders = () => this.#entries().map(({ pool }) => pool);
    this.#cap = new ConnectionCap({ max: maxConnections, holders, onRefused });
  }

  /**
   * The pool of a target.
   *
   * @param authModule credentials other than the target's own, one of `target.authModules`
   */
  of(target: Target, authModule?: string): Pool {
    const key = keyOf(target.name, authModule);
    const known = this.#current.get(key);
    if (known?.target === target) return known.pool;
    const needs = connectionNeeds(target, authModule);
    if (known !== undefined && haveSameNeeds(known.needs, needs)) return known.pool;
    // A request that began before a reload: its connections are those of the configuration that it was parsed with.
    for (const entry of this.#retired)
      if (entry.target.name === target.name && haveSameNeeds(entry.needs, needs)) return entry.pool;
    const entry = { pool: this.#make(target, needs), needs, authModule, target };
    if (known === undefined) this.#current.set(key, entry);
    else this.#retire(entry);
    this.#reaper ??= setInterval(() => this.#reap(), REAP_EVERY_MS).unref();
    return entry.pool;
  }

  /** Follows a reload: retires the pools that no target of the new configuration can use. */
  adopt(targets: ReadonlyMap<string, Target>): void {
    for (const [key, entry] of this.#current) {
      const { authModule, needs, pool } = entry;
      const target = targets.get(entry.target.name);
      const isAllowed = authModule === undefined || target?.authModules.has(authModule);
      if (target?.enabled && isAllowed && haveSameNeeds(needs, connectionNeeds(target, authModule))) {
        entry.target = target;
        pool.limit(target);
      } else {
        this.#current.delete(key);
        this.#retire(entry);
      }
    }
    const inUse = new Set(this.#entries().map(({ needs }) => accountKey(needs)));
    for (const [key, backoff] of this.#backoffs)
      if (!inUse.has(key) && !backoff.isActive) this.#backoffs.delete(key);
  }

  /** Connections and waiters of all targets together. */
  get stats(): PoolsStats {
    const sum = { idle: 0, lent: 0, opening: 0, waiting: 0 };
    for (const { pool } of this.#entries()) {
      const { idle, lent, opening, waiting } = pool.stats;
      sum.idle += idle;
      sum.lent += lent;
      sum.opening += opening;
      sum.waiting += waiting;
    }
    return { ...sum, closing: this.#cap.used - sum.idle - sum.lent - sum.opening };
  }

  /** Closes all connections with COM_QUIT; those that are lent when they come back. */
  async close(): Promise<void> {
    clearInterval(this.#reaper);
    await Promise.all(this.#entries().map(({ pool }) => pool.close()));
  }

  #entries(): readonly Entry[] {
    return [...this.#current.values(), ...this.#retired];
  }

  #make({ connectTimeoutMs, maxConnections }: Target, needs: ConnectionNeeds): Pool {
    const { credentials } = needs;
    return new Pool({
      spec: specOf(needs),
      maxConnections,
      connectTimeoutMs,
      resolve: this.#resolve,
      cap: this.#cap,
      login: () => readLogin(credentials),
      backoff: this.#backoffOf(needs),
    });
  }

  #backoffOf(needs: ConnectionNeeds): LoginBackoff {
    const key = accountKey(needs);
    const known = this.#backoffs.get(key) ?? new LoginBackoff();
    this.#backoffs.set(key, known);
    return known;
  }

  #retire(entry: Entry): void {
    entry.pool.retire();
    this.#retired.add(entry);
  }

  #reap(): void {
    const now = performance.now();
    for (const { needs, pool } of this.#current.values()) pool.reap(now - needs.idleTimeoutMs);
    for (const entry of this.#retired) if (entry.pool.isEmpty) this.#retired.delete(entry);
  }
}

/** Of the needs alone: what a connection took from elsewhere, a reload would not see change. */
function specOf(needs: ConnectionNeeds): ConnectionSpec {
  const { address, allowPublicKeyRetrieval, database, idleTimeoutMs, queryTimeoutMs, session, tls } = needs;
  return {
    ...{ address, allowPublicKeyRetrieval, database, idleTimeoutMs, queryTimeoutMs, session },
    tls: createTlsPolicy(tls, address),
    allowClearPassword: provesIdentity(tls),
    unknownVariables: new Set(),
  };
}

const keyOf = (target: string, authModule: string | undefined): string =>
  JSON.stringify([target, authModule ?? null]);
