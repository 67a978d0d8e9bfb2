/**
 * The HTTP server: its routes, its limits, and what it answers to whom.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { OwnRegistry } from '../exposition/own-registry.ts';
import { Deadline } from '../mysql/deadline.ts';
import { scrapeBudget } from '../probe/budget.ts';
import type { Catalog } from '../probe/plan.ts';
import type { Prober } from '../probe/prober.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { OwnMetrics } from '../telemetry/own-metrics.ts';
import { landingPage } from './landing-page.ts';
import { sendMetrics, sendText } from './plain-text.ts';
import { parseProbe } from './probe-request.ts';

export interface ServerOptions {
  readonly version: string;
  readonly catalog: Catalog;
  readonly prober: Prober;
  readonly registry: OwnRegistry;
  readonly metrics: OwnMetrics;
  readonly log: Logger;
  /** Kept back of the scraper's own timeout, in milliseconds. */
  readonly timeoutOffsetMs: number;
  /** Most probes that wait for their answer at once. */
  readonly maxRequests: number;
  /** False once the program has begun to stop. */
  readonly isReady: () => boolean;
}

/** Above the five minutes for which Prometheus keeps an idle connection. */
const KEEP_ALIVE_MS = 310_000;
/** For receiving a request, not for answering it. */
const RECEIVE_MS = 10_000;

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;

/** Builds the server; the caller lets it listen. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { catalog, isReady, registry, version } = options;
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false, // Fastify would run a whole probe to answer HEAD
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: RECEIVE_MS,
    http: { connectionsCheckingInterval: 1_000 },
    bodyLimit: 1_024,
  });
  const routes = new Map<string, Handler>([
    ['/', (_request, reply) => sendPage(reply, landingPage(version, catalog.targets.values()))],
    ['/probe', (request, reply) => answerProbe(options, request, reply)],
    ['/metrics', async (request, reply) => sendMetrics(request, reply, await registry.text())],
    ['/-/healthy', (_request, reply) => sendText(reply, 200, 'healthy')],
    [
      '/-/ready',
      (_request, reply) => (isReady() ? sendText(reply, 200, 'ready') : sendText(reply, 503, 'stopping')),
    ],
  ]);
  for (const [url, handler] of routes) app.get(url, handler);
  app.head('/probe', (request, reply) => {
    const parsed = parseProbe(request.query, catalog);
    return reply.code(parsed.ok ? 200 : parsed.status).send();
  });
  for (const url of routes.keys()) if (url !== '/probe') app.head(url, (_request, reply) => reply.send());
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!isReady()) reply.header('connection', 'close'); // an idle connection would hold the stop up
    done();
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!routes.has(path)) return sendText(reply, 404, 'nothing here; see / for what there is');
    return sendText(reply.header('allow', 'GET, HEAD'), 405, `${path} takes GET and HEAD only`);
  });
  app.setErrorHandler((error, _request, reply) => answerError(options.log, error, reply));
  return app;
}

async function answerProbe(
  options: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { catalog, maxRequests, metrics, prober, timeoutOffsetMs } = options;
  const parsed = parseProbe(request.query, catalog);
  if (!parsed.ok) return sendText(reply, parsed.status, parsed.sentence);
  if (prober.inFlight >= maxRequests) {
    metrics.requestRejected();
    return sendText(
      reply.header('retry-after', '1'),
      503,
      `${maxRequests} probes are under way; try again later`,
    );
  }
  const { plan } = parsed;
  const header = request.headers['x-prometheus-scrape-timeout-seconds'];
  using until = Deadline.after(
    scrapeBudget(Array.isArray(header) ? header[0] : header, plan.target.scrapeTimeoutMs, timeoutOffsetMs),
  );
  const onClose = () => {
    if (!reply.raw.writableFinished) until.cancel();
  };
  reply.raw.once('close', onClose);
  try {
    const { registry } = await prober.probe(plan, until);
    return await sendMetrics(request, reply, registry.render().text);
  } finally {
    reply.raw.off('close', onClose);
  }
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    .header('x-frame-options', 'deny')
    .send(html);
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
