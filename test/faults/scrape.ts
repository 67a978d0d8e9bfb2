/**
 * Scrapes as Prometheus makes them: over kept connections, at their times, whether or not others have answered.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Scraped {
  readonly target: string;
  /** 0 when there was no answer; `text` then says why. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly ms: number;
}

/** What is waited beyond the scrape timeout, to learn how late an answer is. */
const GRACE_MS = 10_000;

export class Scraper implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'fifo' });
  readonly #url: string;
  readonly timeoutSeconds: number;

  constructor(url: string, timeoutSeconds: number) {
    this.#url = url;
    this.timeoutSeconds = timeoutSeconds;
  }

  /** Never rejects. */
  scrape(target: string, query = ''): Promise<Scraped> {
    const startedAt = performance.now();
    const path = `${this.#url}/probe?target=${encodeURIComponent(target)}${query}`;
    return new Promise((resolve) => {
      const end = (status: number, text: string, retryAfter?: string) =>
        resolve({ target, status, retryAfter, text, ms: performance.now() - startedAt });
      const answered = (response: IncomingMessage) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => end(response.statusCode ?? 0, text, response.headers['retry-after']));
        response.on('error', (error) => end(0, error.message));
      };
      const headers = { 'x-prometheus-scrape-timeout-seconds': String(this.timeoutSeconds) };
      const request = get(path, { agent: this.#agent, headers }, answered);
      request.setTimeout(this.timeoutSeconds * 1000 + GRACE_MS, () =>
        request.destroy(new Error('no answer')),
      );
      request.on('error', (error) => end(0, error.message));
    });
  }

  /** Each target once, evenly over `ms`. */
  async round(targets: readonly string[], ms: number): Promise<readonly Scraped[]> {
    const startedAt = performance.now();
    const underWay: Promise<Scraped>[] = [];
    for (const [index, target] of targets.entries()) {
      const wait = (index / targets.length) * ms - (performance.now() - startedAt);
      if (wait > 1) await sleep(wait);
      underWay.push(this.scrape(target));
    }
    return await Promise.all(underWay);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
