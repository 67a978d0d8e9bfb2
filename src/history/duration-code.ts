/**
 * Durations in 16 bits: a history has many, and nobody needs more than three digits of them.
 */

/** The longest that has a code of its own: over an hour. */
const LONGEST_SECONDS = 4_000;
const MICROS = 1e6;
const CODES = 65_535;
const SCALE = CODES / Math.log1p(LONGEST_SECONDS * MICROS);

/** The code of a duration; a longer one has that of {@link LONGEST_SECONDS}. Codes are in the order of durations. */
export function durationCode(seconds: number): number {
  return Math.min(CODES, Math.round(Math.log1p(Math.max(0, seconds) * MICROS) * SCALE));
}

/** The duration in seconds, to within 0.05 %, or a microsecond. */
export function durationOf(code: number): number {
  return Number((Math.expm1(code / SCALE) / MICROS).toPrecision(4));
}
