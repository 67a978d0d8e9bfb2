/**
 * One pool per target and login, made when first asked for; one clock that closes what is not used.
 *
 * A reload keeps the pools whose connections are still what the configuration asks for and retires the others.
 * The back-off of a login outlives its pools: a reload is no reason to try a refused login again.
 */
import { isIP } from 'node:net';
import type { Address, Target } from '../../model/config.ts';
import { Turns } from '../../turns.ts';
import { readLogin } from '../connect/login.ts';
import { LoginBackoff } from '../connect/login-backoff.ts';
import { resolveWithin } from '../connect/networks.ts';
import type { ConnectionSpec } from '../connect/open-connection.ts';
import type { ResolveHost } from '../connect/resolver.ts';
import { createTlsPolicy, provesIdentity } from '../connect/tls.ts';
import type { MysqlFailure } from '../failure.ts';
import { CommandPasswords } from '../password-command/command-passwords.ts';
import { ResultBudget } from '../protocol/result-budget.ts';
import { ConnectionCap } from './connection-cap.ts';
import { type ConnectionNeeds, connectionNeeds, haveSameNeeds, serverKey } from './needs.ts';
import type { Opened } from './opener.ts';
import { Pool } from './pool.ts';
import type { PoolStats } from './pool-state.ts';

const REAP_EVERY_MS = 1_000;
/** How often the name of a target with open connections is looked up; name servers are asked when their TTL is over. */
const LOOK_UP_EVERY_MS = 30_000;

export interface PoolsOptions {
  readonly resolve: ResolveHost;
  /** Most connections to all targets together. */
  readonly maxConnections: number;
  /** Most bytes of results that arrive at the same time, of all targets together. */
  readonly maxResultBytes: number;
  /** Called for each query that timed out while it waited for a connection under that limit. */
  readonly onRefused: () => void;
  /** Called for each result that was refused under the other one. */
  readonly onResultRefused: () => void;
  /** A connection of a target has reached another server than those before. */
  readonly onServerChanged: (target: string, before: string, after: string) => void;
  /** A statement of a target may run on after its time. */
  readonly onNotKilled: (target: string, why: MysqlFailure) => void;
  /** Told of each attempt to connect to a target, and how many milliseconds it took. */
  readonly onConnect: (target: string, opened: Opened, ms: number) => void;
  /** The first login that gave a target the password although nothing has proven who it is. */
  readonly onPasswordGiven: (target: string) => void;
}

/** Connections of all targets. */
export interface PoolsStats extends PoolStats {
  /** Being closed, or there to end a statement. */
  readonly closing: number;
}

/** A pool of a target. */
export interface TargetPool {
  /** Undefined for the login of the target itself. */
  readonly authModule: string | undefined;
  readonly pool: Pool;
}

/** While statements are quick, more connections bring nothing, and cost the server. */
const GROW_AFTER_MS = 20;

interface Entry {
  readonly pool: Pool;
  readonly needs: ConnectionNeeds;
  readonly authModule: string | undefined;
  /** The target that last asked: a configuration's targets are immutable, so the same object needs no comparison. */
  target: Target;
  /** The name in its address, worked out once: it is asked for each second. */
  readonly name: string | undefined;
  /** When its name was last looked up for changes, on the clock of `performance.now()`. */
  lookedUpAt: number;
}

export class Pools {
  /** In which large results of all targets are read. */
  readonly turns = new Turns();
  readonly #options: PoolsOptions;
  readonly #cap: ConnectionCap;
  readonly #results: ResultBudget;
  /** By target and auth module. */
  readonly #current = new Map<string, Entry>();
  /** Of earlier configurations, until the requests that began with them are over. */
  readonly #retired = new Set<Entry>();
  readonly #backoffs = new Map<string, LoginBackoff>();
  readonly #passwords = new CommandPasswords();
  #reaper: NodeJS.Timeout | undefined;

  constructor(options: PoolsOptions) {
    this.#options = options;
    const { maxConnections, maxResultBytes, onRefused, onResultRefused } = options;
    this.#results = new ResultBudget(maxResultBytes, onResultRefused);
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
    const lookedUpAt = performance.now();
    const pool = this.#make(target, needs);
    const entry = { pool, needs, authModule, target, name: nameIn(needs.address), lookedUpAt };
    if (known === undefined) this.#current.set(key, entry);
    else this.#retire(entry);
    this.#reaper ??= setInterval(() => this.#reap(), REAP_EVERY_MS).unref();
    return entry.pool;
  }

  /**
   * Follows a reload: retires the pools that no target of the new configuration can use.
   *
   * @param targetOf the target of a name, listed or in use under a pattern
   */
  adopt(targetOf: (name: string) => Target | undefined): void {
    for (const [key, entry] of this.#current) {
      const { authModule, needs, pool } = entry;
      const target = targetOf(entry.target.name);
      const isAllowed = authModule === undefined || target?.authModules.has(authModule);
      if (target?.enabled && isAllowed && haveSameNeeds(needs, connectionNeeds(target, authModule))) {
        entry.target = target;
        pool.limit(target);
      } else {
        this.#current.delete(key);
        this.#retire(entry);
      }
    }
    this.#forgetBackoffs();
  }

  /** Retires the pools of targets that nobody asks for any more. */
  forget(names: ReadonlySet<string>): void {
    for (const [key, entry] of this.#current) {
      if (!names.has(entry.target.name)) continue;
      this.#current.delete(key);
      this.#retire(entry);
    }
    this.#forgetBackoffs();
  }

  #forgetBackoffs(): void {
    const inUse = new Set(this.#entries().map(({ needs }) => serverKey(needs)));
    for (const [key, backoff] of this.#backoffs)
      if (!inUse.has(key) && !backoff.isActive) this.#backoffs.delete(key);
  }

  /** The pools of each target by its name: one for each login. Those of earlier configurations are not among them. */
  get byTarget(): ReadonlyMap<string, readonly TargetPool[]> {
    const pools = new Map<string, TargetPool[]>();
    for (const { authModule, pool, target } of this.#current.values()) {
      const known = pools.get(target.name);
      if (known === undefined) pools.set(target.name, [{ authModule, pool }]);
      else known.push({ authModule, pool });
    }
    return pools;
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

  #make(target: Target, needs: ConnectionNeeds): Pool {
    const { connectTimeoutMs, maxConnectionAgeMs, maxConnections, name } = target;
    const { address, credentials, networks } = needs;
    const { onConnect, onNotKilled, onPasswordGiven, onServerChanged, resolve } = this.#options;
    return new Pool({
      spec: { ...specOf(needs), results: this.#results, turns: this.turns },
      maxConnections,
      growAfterMs: GROW_AFTER_MS,
      connectTimeoutMs,
      maxConnectionAgeMs,
      onServerChanged: (before, after) => onServerChanged(name, before, after),
      onNotKilled: (why) => onNotKilled(name, why),
      onAttempt: (opened, ms) => onConnect(name, opened, ms),
      onPasswordGiven: () => onPasswordGiven(name),
      resolve: networks === undefined ? resolve : resolveWithin(networks, resolve),
      cap: this.#cap,
      login: (until) => readLogin(credentials, address, until),
      passwords: this.#passwords,
      backoff: this.#backoffOf(needs),
    });
  }

  #backoffOf(needs: ConnectionNeeds): LoginBackoff {
    const key = serverKey(needs);
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
    for (const entry of this.#current.values()) {
      entry.pool.reap(now - entry.needs.idleTimeoutMs);
      entry.pool.renewOld(now);
      const isDue = entry.name !== undefined && now - entry.lookedUpAt >= LOOK_UP_EVERY_MS;
      if (isDue && entry.pool.alive > 0) void this.#followName(entry, entry.name, now);
    }
    for (const entry of this.#retired) if (entry.pool.isEmpty) this.#retired.delete(entry);
  }

  /** Ends connections to addresses that the name does not have any more. */
  async #followName(entry: Entry, name: string, now: number): Promise<void> {
    entry.lookedUpAt = now;
    const resolved = await this.#options.resolve(name);
    if (resolved.ok) entry.pool.keepOnly(resolved.addresses);
  }
}

/** The name in an address, which may lead elsewhere tomorrow. */
const nameIn = (address: Address): string | undefined =>
  address.kind === 'tcp' && isIP(address.host) === 0 ? address.host : undefined;

/** Of the needs alone: what a connection took from elsewhere, a reload would not see change. */
function specOf(needs: ConnectionNeeds): Omit<ConnectionSpec, 'results' | 'turns'> {
  const { address, allowPublicKeyRetrieval, database, idleTimeoutMs, queryTimeoutMs, session, tls } = needs;
  return {
    ...{ address, allowPublicKeyRetrieval, database, idleTimeoutMs, queryTimeoutMs, session },
    tls: createTlsPolicy(tls, address),
    allowClearPassword: provesIdentity(tls),
    allowFullLogin: tls.fullLogin === 'any' || provesIdentity(tls),
    memory: { unknownVariables: new Set() },
  };
}

const keyOf = (target: string, authModule: string | undefined): string =>
  JSON.stringify([target, authModule ?? null]);
