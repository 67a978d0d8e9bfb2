/** Values of options as they are written, and what they mean. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/check/duration.ts';

export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

/** At most a thousand, since each target has as many. */
export function wholeNumberOrNone(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > MOST_REMEMBERED)
    throw new InvalidArgumentError(`Expected a whole number, at most ${MOST_REMEMBERED}, or 0 for none.`);
  return value;
}

const MOST_REMEMBERED = 1_000;

export function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1;
  if (value < 0) throw new InvalidArgumentError('Expected seconds, such as 0.25.');
  return value;
}

/** Milliseconds of a duration such as 30s. */
export function duration(text: string): number {
  const read = parseDuration(text);
  if (!read.ok) throw new InvalidArgumentError(`${read.message}.`);
  return read.value;
}

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
