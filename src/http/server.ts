/**
 * The HTTP server: its limits, what stands before and behind every answer, and the routes of routes.ts.
 */
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Generation } from '../probe/generation.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Clients } from './clients.ts';
import { sendText } from './plain-text.ts';
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
}

export type Server = FastifyInstance;

/** Above the five minutes for which Prometheus keeps an idle connection. */
const KEEP_ALIVE_MS = 310_000;
/** For receiving a request, not for answering it. */
const RECEIVE_MS = 10_000;
/** For a client to take something of its answer. */
const STALL_MS = 30_000;

/** Builds the server; the caller lets it listen. */
export function createServer(options: ServerOptions): Server {
  const clients = new Clients({
    maxClients: options.maxClients,
    maxUnreadBytes: options.maxUnreadBytes,
    refused: (limit) => options.metrics.refused(limit),
    receiveMs: RECEIVE_MS,
    stallMs: STALL_MS,
  });
  const app = Fastify({
    serverFactory: (handler) =>
      clients.createServer({ keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: 1_000 }, handler),
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
    reply.header('x-content-type-options', 'nosniff');
    if (!options.isReady()) reply.header('connection', 'close'); // an idle connection would hold the stop up
    done();
  });
  app.setErrorHandler((error, _request, reply) => answerError(options.log, error, reply));
  addRoutes(app, ROUTES, { ...options, answers: new ScrapeAnswers(options) }, options.current);
  return app;
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
