/**
 * Numbers as the text format spells them, as text and as bytes.
 */

/** NaN and the infinities have spellings of their own. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** The longest is such as `-0.0000012345678901234567`. */
export const MAX_NUMBER_LENGTH = 25;

/** The bytes of one number, from `start` to the end; overwritten by the next. */
export const digits = new Uint8Array(MAX_NUMBER_LENGTH);

const ZERO = 48;
/** Up to here the digits are taken by arithmetic of whole numbers, ten times as fast as by way of a text. */
const MAX_FAST = 2 ** 31;

/** Spells a number at the end of {@link digits}; where it begins there. */
export function writeDigits(value: number): number {
  let at = MAX_NUMBER_LENGTH;
  if (value >= 0 && value < MAX_FAST && value === (value | 0)) {
    let left = value | 0;
    do {
      const rest = (left / 10) | 0;
      digits[--at] = ZERO + left - rest * 10;
      left = rest;
    } while (left > 0);
    return at;
  }
  const text = numberText(value);
  for (let i = text.length - 1; i >= 0; i--) digits[--at] = text.charCodeAt(i);
  return at;
}
