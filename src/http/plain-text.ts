/**
 * Answers in plain text, the form that people and Prometheus read errors in.
 */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const compress = promisify(gzip);

const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';
/** Below this a compressed body saves nothing worth its time. */
const MIN_COMPRESSED = 1024;

/** Sends one sentence with a final newline. */
export function sendText(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

/** Sends metrics, compressed on the thread pool when the client takes gzip. Level 1 is as small as 6 here. */
export async function sendMetrics(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
): Promise<FastifyReply> {
  reply.type(EXPOSITION).header('vary', 'Accept-Encoding');
  const body = Buffer.from(text);
  if (body.length < MIN_COMPRESSED || !acceptsGzip(request.headers['accept-encoding']))
    return reply.send(body);
  return reply.header('content-encoding', 'gzip').send(await compress(body, { level: 1 }));
}

/** Whether `Accept-Encoding` allows gzip: https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const offers = new Map(
    String(header ?? '')
      .split(',')
      .map((offer) => {
        const [coding = '', ...parameters] = offer
          .trim()
          .toLowerCase()
          .split(/\s*;\s*/);
        const q = parameters.find((parameter) => parameter.startsWith('q='));
        return [coding, q === undefined ? 1 : Number(q.slice(2))];
      }),
  );
  return (offers.get('gzip') ?? offers.get('*') ?? 0) > 0;
}
