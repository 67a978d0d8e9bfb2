/**
 * The symbols of deflate: how it says lengths and distances, https://www.rfc-editor.org/rfc/rfc1951#section-3.2.5
 */

/** Bytes are symbols themselves; behind them come the end of a block and lengths. */
export const END_OF_BLOCK = 256;
export const LITERALS = 286;
export const DISTANCES = 30;

const MIN_MATCH = 3;
export const MAX_MATCH = 258;
export const MAX_DISTANCE = 32_768;

/** Values that are sent as a symbol and some more bits, by symbol. */
interface Ranges {
  readonly base: Uint16Array;
  readonly extraBits: Uint8Array;
}

function ranges(first: number, perSize: number, count: number): Ranges {
  const base = new Uint16Array(count);
  const extraBits = new Uint8Array(count);
  let from = first;
  for (let i = 0; i < count; i++) {
    base[i] = from;
    extraBits[i] = Math.max(0, Math.floor(i / perSize) - 1);
    from += 1 << extraBits[i]!;
  }
  return { base, extraBits };
}

const FIRST_LENGTH = END_OF_BLOCK + 1;
const LENGTH_RANGES = ranges(MIN_MATCH, 4, LITERALS - FIRST_LENGTH);
// The longest length has a symbol of its own, and the one before it is never sent for it.
LENGTH_RANGES.base[LITERALS - FIRST_LENGTH - 1] = MAX_MATCH;
LENGTH_RANGES.extraBits[LITERALS - FIRST_LENGTH - 1] = 0;

const LENGTH_SYMBOL = new Uint16Array(MAX_MATCH + 1);
for (const [i, base] of LENGTH_RANGES.base.entries()) LENGTH_SYMBOL.fill(FIRST_LENGTH + i, base);

export const lengthSymbol = (length: number): number => LENGTH_SYMBOL[length]!;
export const lengthExtraBits = (symbol: number): number => LENGTH_RANGES.extraBits[symbol - FIRST_LENGTH]!;
/** The smallest length with this symbol. */
export const lengthBase = (symbol: number): number => LENGTH_RANGES.base[symbol - FIRST_LENGTH]!;

const DISTANCE_RANGES = ranges(1, 2, DISTANCES);

/** By distance less one: all up to 256, then 128 at a time, as the ranges allow. */
const NEAR = new Uint8Array(256);
const FAR = new Uint8Array(256);
for (const [symbol, base] of DISTANCE_RANGES.base.entries()) {
  if (base <= 256) NEAR.fill(symbol, base - 1);
  else FAR.fill(symbol, (base - 1) >>> 7);
}

export const distanceSymbol = (distance: number): number =>
  distance <= 256 ? NEAR[distance - 1]! : FAR[(distance - 1) >>> 7]!;
export const distanceExtraBits = (symbol: number): number => DISTANCE_RANGES.extraBits[symbol]!;
/** The smallest distance with this symbol. */
export const distanceBase = (symbol: number): number => DISTANCE_RANGES.base[symbol]!;
