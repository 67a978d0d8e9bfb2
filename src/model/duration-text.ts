/**
 * Durations as people write them, out of milliseconds.
 */

const SECOND = 1000;
export const HOUR_MS = 3600 * SECOND;
/** Those of our files, the longest first. */
export const UNITS: readonly (readonly [string, number])[] = [
  ['h', HOUR_MS],
  ['m', 60 * SECOND],
  ['s', SECOND],
  ['ms', 1],
];

/** In the largest unit that needs no fraction: `90s`, `2m`. */
export function stringifyDuration(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, length] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
