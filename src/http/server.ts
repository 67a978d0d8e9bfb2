/**
 * The HTTP server: its routes, its limits, and what it answers to whom.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Encoded } from '../exposition/encoded.ts';
import type { ProbeRegistry } from '../exposition/probe-registry.ts';
import { fanOut } from '../probe/fan-out.ts';
import type { Generation } from '../probe/generation.ts';
import type { Prober } from '../probe/prober.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { OwnMetrics } from '../telemetry/own-metrics.ts';
import type { OwnRegistry } from '../telemetry/own-registry.ts';
import { landingPage } from './landing-page.ts';
import { sendMetrics, sendText } from './plain-text.ts';
import { parseProbe } from './probe-request.ts';
import { ScrapeAnswers, type ScrapeAnswersOptions } from './scrape-answer.ts';

export interface ServerOptions extends ScrapeAnswersOptions {
  readonly version: string;
  /** The generation that a request is answered from; asked for once per request. */
  readonly current: () => Generation;
  readonly prober: Prober;
  readonly registry: OwnRegistry;
  readonly log: Logger;
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
  const { current, isReady, version } = options;
  const answers = new ScrapeAnswers(options);
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
  const routes = new Map<string, Handler>([
    ['/', (_request, reply) => sendPage(reply, landingPage(version, current().catalog))],
    ['/probe', (request, reply) => answerProbe(options, answers, { request, reply })],
    ['/metrics', (request, reply) => answerMetrics(options, answers, { request, reply })],
    ['/-/healthy', (_request, reply) => sendText(reply, 200, 'healthy')],
    [
      '/-/ready',
      (_request, reply) => (isReady() ? sendText(reply, 200, 'ready') : sendText(reply, 503, 'stopping')),
    ],
  ]);
  for (const [url, handler] of routes) app.get(url, handler);
  app.head('/probe', (request, reply) => {
    const parsed = parseProbe(request.query, current().catalog);
    return reply.code(parsed.ok ? 200 : parsed.status).send();
  });
  for (const url of routes.keys())
    if (url !== '/probe')
      app.head(url, (_request, reply) => reply.code(url === '/-/ready' && !isReady() ? 503 : 200).send());
  const pathOf = (request: FastifyRequest) => (request.params as { readonly '*': string })['*'];
  app.get('/*', (request, reply) => answerScrape(options, answers, pathOf(request), { request, reply }));
  app.head('/*', (request, reply) =>
    reply.code(current().catalog.scrapes.has(pathOf(request)) ? 200 : 404).send(),
  );
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!isReady()) reply.header('connection', 'close'); // an idle connection would hold the stop up
    done();
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!routes.has(path) && !current().catalog.scrapes.has(decoded(path).slice(1)))
      return sendNothing(reply);
    return sendText(reply.header('allow', 'GET, HEAD'), 405, `${path} takes GET and HEAD only`);
  });
  app.setErrorHandler((error, _request, reply) => answerError(options.log, error, reply));
  return app;
}

function noSchemas(): never {
  throw new Error('no route has a schema');
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function answerProbe(
  { current, metrics, prober }: ServerOptions,
  answers: ScrapeAnswers,
  exchange: Exchange,
): Promise<FastifyReply> {
  const parsed = parseProbe(exchange.request.query, current().catalog);
  if (!parsed.ok) return sendText(exchange.reply, parsed.status, parsed.sentence);
  const { plan } = parsed;
  return await answers.send(exchange, plan.target.scrapeTimeoutMs, async (until) => {
    const { registry } = await prober.probe(plan, until);
    return encode(registry, metrics);
  });
}

/** The exporter itself; with a file of query-exporter-simple its target too, whose families win. */
async function answerMetrics(
  { current, metrics, prober, registry: own }: ServerOptions,
  answers: ScrapeAnswers,
  exchange: Exchange,
): Promise<FastifyReply> {
  const plan = current().catalog.metricsPlan;
  if (plan === undefined)
    return await sendMetrics(exchange.request, exchange.reply, {
      text: Buffer.from(await own.text()),
      filled: [],
      duplicates: 0,
    });
  return await answers.send(exchange, plan.target.scrapeTimeoutMs, async (until) => {
    const { registry } = await prober.probe(plan, until);
    const encoded = encode(registry, metrics);
    return { ...encoded, text: Buffer.concat([Buffer.from(await own.text(registry.names)), encoded.text]) };
  });
}

async function answerScrape(
  { current, metrics, prober }: ServerOptions,
  answers: ScrapeAnswers,
  path: string,
  exchange: Exchange,
): Promise<FastifyReply> {
  const { scrapes } = current().catalog;
  const scrape = scrapes.get(path);
  if (scrape === undefined) return sendNothing(exchange.reply, path, scrapes.keys());
  return await answers.send(exchange, scrape.timeoutMs, async (until) => {
    const registry = await fanOut(scrape, prober, until);
    return encode(registry, metrics);
  });
}

function sendNothing(reply: FastifyReply, path = '', known: Iterable<string> = []): FastifyReply {
  const hint = didYouMean(path, known, (near) => `/${near}`) || '; see / for what there is';
  return sendText(reply, 404, `nothing here${hint}`);
}

/** As the router decodes a path; as it is when that is not possible. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** An answer. Series that two queries have in common are found only here, and counted. */
function encode(registry: ProbeRegistry, metrics: OwnMetrics): Encoded {
  const encoded = registry.encode();
  if (encoded.duplicates > 0) metrics.duplicatesDropped(encoded.duplicates);
  return encoded;
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
