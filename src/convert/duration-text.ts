/**
 * Reads durations in Prometheus' form, and writes them in ours.
 */
import { LONGEST_DURATION_MS } from '../config/check/duration.ts';
import { type Parsed, parsed, refused } from '../diagnostics/parsed.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const UNITS: readonly (readonly [string, number])[] = [
  ['h', HOUR],
  ['m', 60 * SECOND],
  ['s', SECOND],
  ['ms', 1],
];
const PROMETHEUS_UNITS: ReadonlyMap<string, number> = new Map([
  ...UNITS,
  ['d', 24 * HOUR],
  ['w', 7 * 24 * HOUR],
  ['y', 365 * 24 * HOUR],
]);

/** In the largest unit that needs no fraction: `90s`, `2m`. */
export function stringifyDuration(ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}

/** Milliseconds of `1d12h`: https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export function parsePrometheusDuration(text: string): Parsed<number> {
  if (!/^(?:0|(?:\d+(?:ms|[ywdhms]))+)$/.test(text)) return refused('expected a duration such as 30s or 5m');
  let ms = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)(ms|[ywdhms])/gy))
    ms += Number(amount) * (PROMETHEUS_UNITS.get(unit) ?? 0);
  return ms > LONGEST_DURATION_MS
    ? refused('too long: at most 596h (24.8 days) is possible here')
    : parsed(ms);
}
