/**
 * How long one scrape may take.
 */

const SECONDS = /^(?:\d+(?:\.\d+)?|\.\d+)$/;
/** Prometheus writes no more than twenty characters. */
const MAX_HEADER = 64;

/**
 * Milliseconds until the answer must be on its way.
 *
 * @param header `X-Prometheus-Scrape-Timeout-Seconds` as it came; what is no positive number is ignored
 * @param scrapeTimeoutMs the target's own limit
 * @param offsetMs what to keep back for the way to Prometheus (`--timeout-offset`)
 */
export function scrapeBudget(header: string | undefined, scrapeTimeoutMs: number, offsetMs: number): number {
  const isNumber = header !== undefined && header.length <= MAX_HEADER && SECONDS.test(header);
  const seconds = isNumber ? Number(header) : 0;
  if (seconds <= 0 || !Number.isFinite(seconds)) return scrapeTimeoutMs;
  // With a timeout hardly longer than the offset half of it is better than nothing.
  return Math.min(scrapeTimeoutMs, Math.max(seconds * 1000 - offsetMs, seconds * 500));
}
