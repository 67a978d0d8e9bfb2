/**
 * What a route is: a path, and what it answers to each method.
 *
 * A new route is a file in routes/ and an entry in routes.ts; its path must be reserved in model/paths.ts.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fleet } from '../fleet/fleet.ts';
import type { History } from '../history/history.ts';
import type { OwnPath } from '../model/paths.ts';
import type { Pools } from '../mysql/pool/pools.ts';
import type { Generation } from '../probe/generation.ts';
import type { Prober } from '../probe/prober.ts';
import type { OwnRegistry } from '../telemetry/own-registry.ts';
import type { ScrapeAnswers } from './scrape-answer.ts';

/** What routes work with; the same for all requests. */
export interface Services {
  readonly version: string;
  readonly prober: Prober;
  readonly pools: Pools;
  /** Undefined when none is kept. */
  readonly history: History | undefined;
  /** What probes of the set topology have brought. */
  readonly fleet: Fleet;
  readonly registry: OwnRegistry;
  /** For answers that servers have to be asked for. */
  readonly answers: ScrapeAnswers;
  /**
   * Loads the configuration again, and says in lines what came of it; undefined when that must not be asked for over
   * HTTP.
   */
  readonly reload: (() => Promise<ReloadAnswer>) | undefined;
  /** Where others reach this exporter; left out when nobody has said. Its path stands before those of all routes. */
  readonly externalUrl?: URL | undefined;
  /** False once the program has begun to stop. */
  readonly isReady: () => boolean;
}

export interface ReloadAnswer {
  /** Whether the new configuration is in use; else the one before it still is. */
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/** One request, and the reply to it. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The one that was current when the request came; the whole answer is made from it. */
  readonly generation: Generation;
}

export type Handler = (exchange: Exchange, services: Services) => FastifyReply | Promise<FastifyReply>;

/** The status that HEAD answers. It is no promise, since HEAD must not ask a server of MySQL. */
export type HeadStatus = (exchange: Exchange, services: Services) => number;

/** The path of the route that serves what no other one does. */
export const ANY_OTHER = '/*';

interface Readable {
  readonly GET: Handler;
  readonly HEAD: HeadStatus;
}

interface NotReadable {
  readonly GET?: never;
  readonly HEAD?: never;
}

export type Route = (Readable | NotReadable) & {
  /** As the router matches it, without a prefix. */
  readonly path: OwnPath | typeof ANY_OTHER;
  /** Of ANY_OTHER: whether there is something at a path, which has no slash before it. */
  readonly holds?: (path: string, generation: Generation) => boolean;
  readonly POST?: Handler;
  readonly PUT?: Handler;
};

/** What a route may answer to, in the order in which `Allow` names it. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT'] as const satisfies readonly (keyof Route)[];

export type Method = (typeof METHODS)[number];
