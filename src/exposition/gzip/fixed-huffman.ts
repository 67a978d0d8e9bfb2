/**
 * The fixed code of deflate, and the bits that it becomes: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.6
 */

/** Codes are sent with their most significant bit first, everything else with the least. */
function reversed(code: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((code >>> i) & 1) << (bits - 1 - i);
  return out;
}

const SYMBOLS = 288;
/** The code of a byte, of the end (256) and of lengths (from 257 on), ready to be sent; and its number of bits. */
export const CODE = new Uint16Array(SYMBOLS);
const CODE_BITS = new Uint8Array(SYMBOLS);
for (let symbol = 0; symbol < SYMBOLS; symbol++) {
  const [first, code, bits] =
    symbol < 144
      ? [0, 0x30, 8]
      : symbol < 256
        ? [144, 0x190, 9]
        : symbol < 280
          ? [256, 0, 7]
          : [280, 0xc0, 8];
  CODE[symbol] = reversed(code + symbol - first, bits);
  CODE_BITS[symbol] = bits;
}

export const END_OF_BLOCK = 256;
const MIN_MATCH = 3;
export const MAX_MATCH = 258;
export const MAX_DISTANCE = 32_768;

/** A value that is sent as a code and some more bits. */
interface Coded {
  readonly symbol: number;
  readonly base: number;
  readonly extraBits: number;
}

function ranges(first: number, perSize: number, base: number, count: number): readonly Coded[] {
  const coded: Coded[] = [];
  let from = base;
  for (let i = 0; i < count; i++) {
    const extraBits = Math.max(0, Math.floor(i / perSize) - 1);
    coded.push({ symbol: first + i, base: from, extraBits });
    from += 1 << extraBits;
  }
  return coded;
}

/** By length: 3 to 258, of which the last has a code of its own. */
const LENGTHS: readonly Coded[] = [
  ...ranges(257, 4, MIN_MATCH, 28),
  { symbol: 285, base: MAX_MATCH, extraBits: 0 },
];

const DISTANCES = ranges(0, 2, 1, 30);
const DISTANCE_BITS = 5;
const DISTANCE_CODE = new Uint8Array(DISTANCES.map(({ symbol }) => reversed(symbol, DISTANCE_BITS)));
const DISTANCE_BASE = new Uint16Array(DISTANCES.map(({ base }) => base));
const DISTANCE_EXTRA = new Uint8Array(DISTANCES.map(({ extraBits }) => extraBits));

/** By distance less one: all up to 256, then 128 at a time, as the ranges allow. */
const NEAR = new Uint8Array(256);
const FAR = new Uint8Array(256);
for (const { base, extraBits, symbol } of DISTANCES) {
  for (let d = base; d < base + (1 << extraBits); d++) {
    if (d <= 256) NEAR[d - 1] = symbol;
    else FAR[(d - 1) >>> 7] = symbol;
  }
}

/** Bits one behind another, the least significant first. */
export class BitWriter {
  readonly bytes: Uint8Array;
  /** Complete bytes. */
  at = 0;
  #left = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** How many there are. */
  get bits(): number {
    return this.at * 8 + this.#count;
  }

  /** At most 16 bits. */
  put(bits: number, count: number): void {
    this.#left |= bits << this.#count;
    this.#count += count;
    if (this.#count < 16) return;
    this.bytes[this.at] = this.#left;
    this.bytes[this.at + 1] = this.#left >>> 8;
    this.at += 2;
    this.#left >>>= 16;
    this.#count -= 16;
  }

  putSymbol(symbol: number): void {
    this.put(CODE[symbol]!, CODE_BITS[symbol]!);
  }

  putLength(length: number): void {
    const { base, extraBits, symbol } = LENGTHS.findLast((one) => one.base <= length)!;
    this.putSymbol(symbol);
    this.put(length - base, extraBits);
  }

  putDistance(distance: number): void {
    const i = distance <= 256 ? NEAR[distance - 1]! : FAR[(distance - 1) >>> 7]!;
    this.put(DISTANCE_CODE[i]!, DISTANCE_BITS);
    if (DISTANCE_EXTRA[i]! > 0) this.put(distance - DISTANCE_BASE[i]!, DISTANCE_EXTRA[i]!);
  }

  /** Fills the last byte up. */
  align(): void {
    for (; this.#count > 0; this.#count -= 8, this.#left >>>= 8) this.bytes[this.at++] = this.#left;
    this.#left = 0;
    this.#count = 0;
  }
}
