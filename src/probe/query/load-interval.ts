/**
 * How long a query is left alone after a run that took long on its server, so that it takes no more than its share of
 * the server's time (`max_load`).
 */

/** Ten runs of a tenth of a second in ten seconds hurt nobody: shorter waits would only surprise who asks twice. */
const SHORTEST_MS = 1_000;
/** What takes minutes is asked all the same, for its numbers are worth something. */
const LONGEST_MS = 300_000;

/**
 * Milliseconds between the end of a run and the next one, 0 for a query that may be asked at any time.
 *
 * @param tookMs how long the server had the statement; undefined when it had none
 * @param maxLoad the share of time that the query may take, above 0; 1 for no limit
 */
export function loadIntervalMs(tookMs: number | undefined, maxLoad: number): number {
  if (tookMs === undefined || maxLoad >= 1) return 0;
  const ms = tookMs / maxLoad;
  return ms < SHORTEST_MS ? 0 : Math.min(ms, LONGEST_MS);
}
