/** The parts of the program wired together, for the commands that ask servers. */
import { Fleet } from '../fleet/fleet.ts';
import { History } from '../history/history.ts';
import type { Config } from '../model/config.ts';
import { REASONS } from '../model/reason.ts';
import { createResolver } from '../mysql/connect/resolver.ts';
import { Pools, type PoolsOptions } from '../mysql/pool/pools.ts';
import { VERSION } from '../package.ts';
import { compileGeneration, type Generation } from '../probe/generation.ts';
import { Prober } from '../probe/prober.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createOwnMetrics, type LastReload, type OwnMetrics, observe } from '../telemetry/own-metrics.ts';
import { OwnRegistry } from '../telemetry/own-registry.ts';

/** Limits of a program that goes on; a command that probes once needs no more than its target has. */
export interface Limits {
  readonly maxRequests: number;
  readonly maxConnections: number;
  readonly maxResponseBytes: number;
  readonly maxResultBytes: number;
  readonly maxClients: number;
  readonly maxUnreadBytes: number;
  /** Probes of each target that are remembered; 0 for none. */
  readonly historySize: number;
}

const UNLIMITED: Limits = {
  maxRequests: Number.POSITIVE_INFINITY,
  maxConnections: Number.POSITIVE_INFINITY,
  maxResponseBytes: Number.POSITIVE_INFINITY,
  maxResultBytes: Number.POSITIVE_INFINITY,
  maxClients: Number.POSITIVE_INFINITY,
  maxUnreadBytes: Number.POSITIVE_INFINITY,
  historySize: 0,
};

export interface Program {
  /** The generation that a request is answered from; asked for once per request. */
  readonly current: () => Generation;
  /** Takes another configuration for all requests from now on; those under way end on what they began with. */
  readonly swap: (config: Config) => void;
  /** Notes that another configuration could not be loaded. */
  readonly noteRefused: () => void;
  readonly pools: Pools;
  readonly prober: Prober;
  readonly history: History | undefined;
  readonly fleet: Fleet;
  readonly registry: OwnRegistry;
  readonly metrics: OwnMetrics;
}

type PoolEvents = Omit<PoolsOptions, 'resolve' | 'maxConnections' | 'maxResultBytes'>;

function poolEvents(metrics: OwnMetrics, log: Logger): PoolEvents {
  return {
    onRefused: () => metrics.refused('connections'),
    onResultRefused: () => metrics.refused('result_bytes'),
    onServerChanged(target, before, after) {
      metrics.serverChanged();
      log.warn('another server answers at the address of the target', { target, before, after });
    },
    onNotKilled(target, { detail, reason }) {
      metrics.statementNotKilled();
      log.warn('statement not killed, the time limit of the server must end it', {
        target,
        reason,
        err: detail,
      });
    },
    onConnect(target, opened, ms) {
      const duration = `${Math.round(ms)}ms`;
      if (opened.ok) {
        const { host, name, server, user } = opened.connection;
        log.debug('connected', {
          target,
          address: host,
          user,
          server: server?.name,
          connection: name,
          duration,
        });
      } else log.debug('not connected', { target, reason: opened.reason, err: opened.detail, duration });
    },
    onPasswordGiven: (target) =>
      log.warn('the login gave the password to a server that has not proven who it is', {
        target,
        hint: 'tls mode verify_ca or verify_identity, or tls full_login: verified',
      }),
  };
}

/** Wires the parts together; nothing is opened before the first probe. */
export function assemble(config: Config, log: Logger, maxQueries: number, limits = UNLIMITED): Program {
  const { maxConnections, maxResponseBytes, maxResultBytes } = limits;
  const registry = new OwnRegistry();
  const metrics = createOwnMetrics(registry, REASONS);
  let generation = compileGeneration(config);
  const current = () => generation;
  let lastReload: LastReload = { ok: true, succeededAt: Date.now() };
  const events = poolEvents(metrics, log);
  const pools = new Pools({ resolve: createResolver(), maxConnections, maxResultBytes, ...events });
  const history = limits.historySize > 0 ? new History(limits.historySize) : undefined;
  const fleet = new Fleet();
  const options = { pools, log, metrics, maxQueries, maxResponseBytes, history };
  const prober = new Prober({ ...options, observer: fleet });
  observe(registry, {
    version: VERSION,
    lastReload: () => lastReload,
    targets: () => current().config.targets.size,
    limits: {
      requests: limits.maxRequests,
      connections: maxConnections,
      queries: maxQueries,
      response_bytes: maxResponseBytes,
      result_bytes: maxResultBytes,
      clients: limits.maxClients,
      unread_bytes: limits.maxUnreadBytes,
    },
    namesInUse: () => prober.namesInUse,
    probesInFlight: () => prober.inFlight,
    queriesInFlight: () => prober.queriesInFlight,
    connections: () => pools.stats,
  });
  const swap = (next: Config) => {
    generation = compileGeneration(next, generation);
    prober.adopt(generation);
    lastReload = { ok: true, succeededAt: Date.now() };
  };
  const noteRefused = () => {
    lastReload = { ...lastReload, ok: false };
  };
  return { current, swap, noteRefused, pools, prober, history, fleet, registry, metrics };
}
