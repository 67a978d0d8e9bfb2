/**
 * The HTTP server: its limits, what stands before and behind every answer, and the routes of routes.ts.
 */
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Generation } from '../probe/generation.ts';
import type { Logger } from '../telemetry/logger.ts';
import { sendText } from './plain-text.ts';
import type { Services } from './route.ts';
import { ROUTES } from './routes.ts';
import { addRoutes } from './routing.ts';
import { ScrapeAnswers, type ScrapeAnswersOptions } from './scrape-answer.ts';

export interface ServerOptions extends ScrapeAnswersOptions, Omit<Services, 'answers'> {
  /** The generation that a request is answered from; asked for once per request. */
  readonly current: () => Generation;
  readonly log: Logger;
}

export type Server = FastifyInstance;

/** Above the five minutes for which Prometheus keeps an idle connection. */
const KEEP_ALIVE_MS = 310_000;
/** For receiving a request, not for answering it. */
const RECEIVE_MS = 10_000;

/** Builds the server; the caller lets it listen. */
export function createServer(options: ServerOptions): Server {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false, // Fastify would run a whole probe to answer HEAD
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: RECEIVE_MS,
    http: { connectionsCheckingInterval: 1_000 },
    bodyLimit: 1_024,
    // No route has a schema: without these Fastify loads the compilers that it has for them.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (_error, _request, reply) => {
      sendText(reply, 400, 'the address of this request cannot be read');
    },
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!options.isReady()) reply.header('connection', 'close'); // an idle connection would hold the stop up
    done();
  });
  app.setErrorHandler((error, _request, reply) => answerError(options.log, error, reply));
  addRoutes(app, ROUTES, { ...options, answers: new ScrapeAnswers(options) }, options.current);
  return app;
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
