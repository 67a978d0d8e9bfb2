/**
 * Answers in plain text, the form that people and Prometheus read errors in.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Encoded, gzipBytes, leastBytes, plainBytes } from '../exposition/encoded.ts';

const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';
/** Below this a compressed body saves nothing worth its time. */
const MIN_COMPRESSED = 1024;
/** Beyond it no offer is read: clients write fewer than a hundred characters. */
const MAX_HEADER = 256;

/** Sends one sentence with a final newline. */
export function sendText(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

/** Sends metrics, compressed when the client takes gzip and it is worthwhile. */
export async function sendMetrics(
  request: FastifyRequest,
  reply: FastifyReply,
  encoded: Encoded,
): Promise<FastifyReply> {
  reply.type(EXPOSITION).header('vary', 'Accept-Encoding');
  const isSmall = leastBytes(encoded) < MIN_COMPRESSED;
  if (isSmall || !acceptsGzip(request.headers['accept-encoding'])) return reply.send(plainBytes(encoded));
  return reply.header('content-encoding', 'gzip').send(await gzipBytes(encoded));
}

/** Whether `Accept` names HTML, and plain text no more than it: browsers do, Prometheus does not. */
export function prefersHtml(header: string | undefined): boolean {
  const offers = offersIn(header);
  const html = offers.get('text/html') ?? 0;
  return html > 0 && html >= (offers.get('text/plain') ?? 0);
}

/** What was offered last, and whether that has gzip: a Prometheus offers the same each time. */
let last: { readonly header: string | string[] | undefined; readonly hasGzip: boolean } | undefined;

function acceptsGzip(header: string | string[] | undefined): boolean {
  if (last?.header !== header) last = { header, hasGzip: offersGzip(header) };
  return last?.hasGzip === true;
}

/** Whether `Accept-Encoding` allows gzip: https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
function offersGzip(header: string | string[] | undefined): boolean {
  const offers = offersIn(header);
  return (offers.get('gzip') ?? offers.get('*') ?? 0) > 0;
}

/** How much each is wanted, from 0 to 1. */
function offersIn(header: string | string[] | undefined): ReadonlyMap<string, number> {
  return new Map(
    String(header ?? '')
      .slice(0, MAX_HEADER)
      .split(',')
      .map((offer) => {
        const [coding = '', ...parameters] = offer
          .toLowerCase()
          .split(';')
          .map((part) => part.trim());
        const q = parameters.find((parameter) => parameter.startsWith('q='));
        return [coding, q === undefined ? 1 : Number(q.slice(2))];
      }),
  );
}
