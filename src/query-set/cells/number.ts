/**
 * Text of a cell to a number, once and strictly.
 */

// Not Number() alone: it takes blanks for 0 and reads 0x10, which no server prints as a number.
// Only one way to read each digit: with `\d+\.?\d*` a hundred thousand of them and a letter took 6 s.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** The longest number that a server writes has 309 digits before its point. */
const MAX_NUMBER = 512;

/**
 * The number that a cell's text spells; undefined for anything else, out of range included.
 *
 * Integers above 2^53 are rounded to the nearest double, as everywhere in Prometheus.
 */
export function parseNumber(text: string): number | undefined {
  if (text.length > MAX_NUMBER || !DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
