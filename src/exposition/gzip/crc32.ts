/**
 * CRC-32 as gzip has it, also over bytes whose CRC is known already, without looking at them again.
 *
 * A register is the CRC under way: it starts as {@link CRC_START} and is inverted at the end
 * (https://www.rfc-editor.org/rfc/rfc1952#section-8). Its bits are the coefficients of a polynomial, and the register
 * behind n more bytes is the one before times x^8n, plus a part that depends on those bytes alone.
 */

import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb88320 | 0;

export const CRC_START = -1;

/** By the low byte of the register: {@link feed}. */
const STEP = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = timesX(crc);
  STEP[byte] = crc;
}

/** The most significant bit is the coefficient of 1. */
function timesX(register: number): number {
  return register & 1 ? (register >>> 1) ^ POLYNOMIAL : register >>> 1;
}

/** The register behind one more byte. */
export function feed(register: number, byte: number): number {
  return STEP[(register ^ byte) & 255]! ^ (register >>> 8);
}

/** The register behind more bytes. */
export function feedAll(register: number, bytes: Uint8Array): number {
  return ~crc32(bytes, ~register >>> 0);
}

/** So many zero bytes are one multiplication. */
const MAX_ZEROS = 1023;
/** x^8n for n up to that. */
const POWERS = new Int32Array(MAX_ZEROS + 1);
POWERS[0] = 1 << 31;
for (let n = 1; n <= MAX_ZEROS; n++) POWERS[n] = feed(POWERS[n - 1]!, 0);

/**
 * By number of bytes: what x^8n is times each half byte, 16 numbers for the higher half and 16 for the lower. Filled in
 * when a number is first asked for: a layout has parts of fewer than a hundred lengths.
 */
const PRODUCTS = new Int32Array((MAX_ZEROS + 1) * 32);

function fillProducts(bytes: number): void {
  const at = bytes * 32;
  let power = POWERS[bytes]!;
  for (const half of [at, at + 16]) {
    for (let bit = 8; bit > 0; bit >>= 1, power = timesX(power)) PRODUCTS[half + bit] = power;
    for (let bits = 1; bits < 16; bits++) {
      const more = bits & (bits - 1);
      PRODUCTS[half + bits] = PRODUCTS[half + more]! ^ PRODUCTS[half + (bits ^ more)]!;
    }
  }
}

/** The register behind at most {@link MAX_ZEROS} zero bytes. */
function feedFewZeros(register: number, bytes: number): number {
  const high = bytes * 32;
  const low = high + 16;
  // No product is 0 but that of 0.
  if (PRODUCTS[high + 1] === 0) fillProducts(bytes);
  let crc = PRODUCTS[high + ((register >>> 4) & 15)]! ^ PRODUCTS[low + (register & 15)]!;
  for (let shift = 8; shift < 32; shift += 8) {
    crc =
      (crc >>> 8) ^
      STEP[crc & 255]! ^
      PRODUCTS[high + ((register >>> (shift + 4)) & 15)]! ^
      PRODUCTS[low + ((register >>> shift) & 15)]!;
  }
  return crc;
}

function feedZeros(register: number, bytes: number): number {
  let crc = register;
  let rest = bytes;
  for (; rest > MAX_ZEROS; rest -= MAX_ZEROS) crc = feedFewZeros(crc, MAX_ZEROS);
  return feedFewZeros(crc, rest);
}

/**
 * The register behind the bytes from one place of a known text to another.
 *
 * @param before what the register 0 would be at the first place, had it seen the text up to there
 * @param behind the same at the second place
 * @param length bytes between the two
 */
export function feedKnown(register: number, before: number, behind: number, length: number): number {
  // Linear: what the text before did to the other register is taken out again.
  return feedZeros(register ^ before, length) ^ behind;
}
