/**
 * Answers that servers have to be asked for: within the scraper's time, canceled when it hangs up, refused above
 * the capacity.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Deadline } from '../deadline.ts';
import type { Encoded } from '../exposition/encoded.ts';
import type { ProbeRegistry } from '../exposition/probe-registry.ts';
import { scrapeBudget } from '../probe/budget.ts';
import type { OwnMetrics } from '../telemetry/own-metrics.ts';
import { sendMetrics, sendText } from './plain-text.ts';

export interface ScrapeAnswersOptions {
  readonly metrics: OwnMetrics;
  /** Kept back of the scraper's own timeout, in milliseconds. */
  readonly timeoutOffsetMs: number;
  /** Most requests at once that wait for servers, or whose answers wait for their readers. */
  readonly maxRequests: number;
}

interface Requested {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export class ScrapeAnswers {
  readonly #options: ScrapeAnswersOptions;
  #underWay = 0;

  constructor(options: ScrapeAnswersOptions) {
    this.#options = options;
  }

  /**
   * Sends the metrics that `work` finds until the deadline ends.
   *
   * @param scrapeTimeoutMs the limit besides the scraper's own
   */
  send(
    exchange: Requested,
    scrapeTimeoutMs: number,
    work: (until: Deadline) => Promise<Encoded>,
  ): Promise<FastifyReply> {
    const { reply, request } = exchange;
    return this.#answer(exchange, scrapeTimeoutMs, async (until) =>
      sendMetrics(request, reply, await work(until)),
    );
  }

  /** As `send`, for people. */
  sendText(
    exchange: Requested,
    scrapeTimeoutMs: number,
    work: (until: Deadline) => Promise<string>,
  ): Promise<FastifyReply> {
    return this.#answer(exchange, scrapeTimeoutMs, async (until) =>
      sendText(exchange.reply, 200, (await work(until)).trimEnd()),
    );
  }

  async #answer(
    { request, reply }: Requested,
    scrapeTimeoutMs: number,
    work: (until: Deadline) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    const { maxRequests, metrics, timeoutOffsetMs } = this.#options;
    if (this.#underWay >= maxRequests) {
      metrics.refused('requests');
      const sentence = `${maxRequests} probes are under way; try again later`;
      return sendText(reply.header('retry-after', '1'), 503, sentence);
    }
    const header = request.headers['x-prometheus-scrape-timeout-seconds'];
    const announced = Array.isArray(header) ? header[0] : header;
    using until = Deadline.after(scrapeBudget(announced, scrapeTimeoutMs, timeoutOffsetMs));
    // There is no answer yet, so this is a client that hung up: over HTTP/2 of this stream, whose connection goes on.
    const onClose = () => until.cancel();
    reply.raw.once('close', onClose);
    this.#underWay++;
    // Not before: an answer that nobody reads takes as much as one that is being made.
    reply.raw.once('close', () => this.#underWay--);
    try {
      return await work(until);
    } finally {
      reply.raw.off('close', onClose);
    }
  }

  /** The samples as text. Series that two queries have in common are found only here, and counted. */
  encode(registry: ProbeRegistry): Encoded {
    const encoded = registry.encode();
    if (encoded.duplicates > 0) this.#options.metrics.duplicatesDropped(encoded.duplicates);
    return encoded;
  }
}
