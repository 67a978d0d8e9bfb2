/**
 * The HTTP server: its limits, what stands before and behind every answer, and the routes of routes.ts.
 */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Generation } from '../probe/generation.ts';
import type { Logger } from '../telemetry/logger.ts';
import { clientOf } from './client-address.ts';
import { Clients } from './clients.ts';
import { prefixOf } from './exporter-address.ts';
import { sendNothing } from './no-route.ts';
import { sendText } from './plain-text.ts';
import type { LiveWeb } from './port/live-web.ts';
import { openPort, type Port } from './port/port.ts';
import { type RefusedRequest, RefusedRequests } from './refused-requests.ts';
import type { Services } from './route.ts';
import { ROUTES } from './routes.ts';
import { addRoutes } from './routing.ts';
import { ScrapeAnswers, type ScrapeAnswersOptions } from './scrape-answer.ts';

export interface ServerOptions extends ScrapeAnswersOptions, Omit<Services, 'answers'> {
  /** The generation that a request is answered from; asked for once per request. */
  readonly current: () => Generation;
  readonly log: Logger;
  /** Most connections of clients. */
  readonly maxClients: number;
  /** Most bytes of answers that wait for their readers. */
  readonly maxUnreadBytes: number;
  /** The web file; left out where there is none. */
  readonly web?: LiveWeb | undefined;
  /** `/-/healthy` and `/-/ready` need no login. */
  readonly healthWithoutLogin?: boolean;
}

export type Server = FastifyInstance;

/** Above the five minutes for which Prometheus keeps an idle connection. */
const KEEP_ALIVE_MS = 310_000;
/** For receiving a request, not for answering it. */
const RECEIVE_MS = 10_000;
/** For a client to take something of its answer. */
const STALL_MS = 30_000;

/** What needs no login where the operator says so. */
const HEALTH_PATHS = ['/-/healthy', '/-/ready'] as const;

/**
 * Builds the server. The caller waits for `ready` and lets `server` listen, not Fastify, which knows no descriptors that
 * are open already; `close` ends what listens there.
 */
export function createServer(options: ServerOptions): Server {
  const clients = new Clients({
    maxClients: options.maxClients,
    maxUnreadBytes: options.maxUnreadBytes,
    refused: (limit) => options.metrics.refused(limit),
    receiveMs: RECEIVE_MS,
    stallMs: STALL_MS,
    idleMs: KEEP_ALIVE_MS,
  });
  const refused = new RefusedRequests(options.log);
  const prefix = prefixOf(options.externalUrl);
  const port = options.web && portOf(options, options.web, prefix);
  const app = Fastify({
    serverFactory: (handler) =>
      clients.createServer(HTTP1, port?.guarded(handler) ?? handler, port?.securing),
    logger: false,
    exposeHeadRoutes: false, // Fastify would run a whole probe to answer HEAD
    bodyLimit: 1_024,
    // No route has a schema: without these Fastify loads the compilers that it has for them.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (_error, _request, reply) => {
      sendText(reply, 400, 'the address of this request cannot be read');
    },
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    clients.writing(request.raw, byteLength(payload));
    if (reply.statusCode >= 400) refused.add(refusalOf(request, reply.statusCode, payload));
    reply.header('x-content-type-options', 'nosniff');
    // An idle connection would hold the stop up. HTTP/2 forbids the header, and says it in another way.
    if (!options.isReady() && request.raw.httpVersionMajor < 2) reply.header('connection', 'close');
    done();
  });
  app.setErrorHandler((error, _request, reply) => answerError(options.log, error, reply));
  app.addHook('preClose', async () => {
    clients.stop();
    port?.close();
    await close(app.server);
  });
  const services = { ...options, answers: new ScrapeAnswers(options) };
  if (prefix === '') addRoutes(app, ROUTES, services, options.current);
  else addBelow(app, prefix, services, options);
  return app;
}

const HTTP1 = { keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: 1_000 };

function portOf({ healthWithoutLogin, log, metrics }: ServerOptions, live: LiveWeb, prefix: string): Port {
  const open: ReadonlySet<string> = new Set(
    healthWithoutLogin === true ? HEALTH_PATHS.map((path) => prefix + path) : [],
  );
  return openPort({ live, log, isOpen: (path) => open.has(path), refused: (why) => metrics.turnedAway(why) });
}

/** The routes below a path. What is above leads there, or nowhere. */
function addBelow(
  app: Server,
  prefix: string,
  services: Services,
  { current, externalUrl }: ServerOptions,
): void {
  app.register(async (scope) => addRoutes(scope, ROUTES, services, current), { prefix });
  app.route({
    method: ['GET', 'HEAD'],
    url: prefix,
    handler: (_request, reply) => reply.redirect(`${prefix}/`),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/',
    handler: (_request, reply) => reply.redirect(`${externalUrl?.origin}${prefix}/`),
  });
  app.setNotFoundHandler((_request, reply) => sendNothing(reply));
}

/** Resolves when it listens no more and its last connection is gone. */
async function close(server: HttpServer): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

function refusalOf(request: FastifyRequest, status: number, payload: unknown): RefusedRequest {
  const { method, url } = request;
  const err = typeof payload === 'string' ? payload.trim() : '';
  return { method, path: url.split('?', 1)[0] ?? '', status, err, client: clientOf(request) };
}

/** All our answers are texts or bytes. */
function byteLength(payload: unknown): number {
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? Buffer.byteLength(payload) : 0;
}

function noSchemas(): never {
  throw new Error('no route has a schema');
}

/** Fastify's own refusals keep their status; anything else is a bug and says nothing to the client. */
function answerError(log: Logger, error: unknown, reply: FastifyReply): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return sendText(reply, status, 'the request cannot be understood');
  log.error('internal error', {
    err: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return sendText(reply, 500, 'internal error; the log of the exporter tells more');
}
