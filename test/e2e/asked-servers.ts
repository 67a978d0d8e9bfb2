/**
 * Which servers an answer is of: queries that each give the port of the server that was asked, and take long enough to
 * need several connections.
 */
import { parseExposition } from '../support/parse-exposition.ts';

/** Metrics of a query set of the namespace `test`, so many. */
export const portMetrics = (many: number): string =>
  Array.from(
    { length: many },
    (_, n) =>
      `      port${n + 1}: {query: "SELECT @@port + 0 * SLEEP(0.05) AS v", type: gauge, description: Port, value: v}`,
  ).join('\n');

/** The ports that one answer gives, those of `test_kept` too. */
export const portsIn = (text: string): readonly number[] => [
  ...new Set(
    parseExposition(text)
      .filter(({ name }) => /^test_(?:port\d|kept)$/.test(name))
      .map(({ value }) => value),
  ),
];
