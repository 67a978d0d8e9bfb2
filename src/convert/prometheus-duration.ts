/**
 * Reads durations in Prometheus' form.
 */

import { LONGEST_DURATION_MS } from '../config/check/duration.ts';
import { type Parsed, parsed, refused } from '../diagnostics/parsed.ts';
import { HOUR_MS, UNITS } from '../model/duration-text.ts';

const PROMETHEUS_UNITS: ReadonlyMap<string, number> = new Map([
  ...UNITS,
  ['d', 24 * HOUR_MS],
  ['w', 7 * 24 * HOUR_MS],
  ['y', 365 * 24 * HOUR_MS],
]);

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
