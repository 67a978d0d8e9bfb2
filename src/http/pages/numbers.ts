/**
 * Numbers and times as people read them.
 */

/** `0.4 ms`, `45 ms`, `1.2 s`. */
export function durationText(seconds: number): string {
  if (seconds >= 1) return `${seconds < 100 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const ms = seconds * 1_000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** How long ago it was: `12 s`, `5 min`, `3 h`, `2 d`. */
export function ageText(at: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - at.getTime()) / 1_000);
  for (const [unit, length] of UNITS) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${Math.floor(seconds)} s`;
}

/** With a comma between thousands. */
export const countText = (number: number): string =>
  number < 1_000 ? String(number) : FORMAT.format(number);

const FORMAT = new Intl.NumberFormat('en');

/** `512 B`, `21 KiB`, `3.2 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1 << 20) return `${Math.round(bytes / 1_024)} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
