/**
 * Durations as people write them: `500ms`, `5s`, `1m30s`, `1.5h`; a bare number is seconds.
 *
 * Inside the program a duration is a number of milliseconds.
 */
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

/** Node's timers fire at once when asked to wait longer than this (24.8 days). */
export const LONGEST_DURATION_MS = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
// Sticky: what does not go on with a part is no duration, and is not searched for one.
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/gy;
const BARE_NUMBER = /^\d+(?:\.\d+)?$/;

/** Milliseconds of a duration; 0 is allowed here, see {@link parseTimeout}. */
export function parseDuration(input: string | number): Parsed<number> {
  const ms = typeof input === 'number' ? input * 1000 : millisecondsOf(input.trim());
  if (ms === undefined || Number.isNaN(ms) || ms < 0)
    return refused('expected a duration such as 500ms, 5s, 1m30s or 2h (a bare number is seconds)');
  if (ms > LONGEST_DURATION_MS) return refused('too long: at most 596h (24.8 days) is possible');
  return parsed(Math.round(ms));
}

/** Like {@link parseDuration}, but at least one millisecond. */
export function parseTimeout(input: string | number): Parsed<number> {
  const duration = parseDuration(input);
  return duration.ok && duration.value < 1 ? refused('must be longer than zero') : duration;
}

function millisecondsOf(text: string): number | undefined {
  if (BARE_NUMBER.test(text)) return Number(text) * 1000;
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * UNIT_MS[unit!]!;
  return ms;
}
