/**
 * Text of a cell to a number, once and strictly.
 */

// Not Number() alone: it takes blanks for 0 and reads 0x10, which no server prints as a number.
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that a cell's text spells; undefined for anything else, out of range included.
 *
 * Integers above 2^53 are rounded to the nearest double, as everywhere in Prometheus.
 */
export function parseNumber(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
