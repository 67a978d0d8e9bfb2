/**
 * CRC-32 as gzip has it, also over bytes whose CRC is known already, without looking at them again.
 *
 * A register is the CRC under way: it starts as {@link CRC_START} and is inverted at the end
 * (https://www.rfc-editor.org/rfc/rfc1952#section-8). The register behind n more bytes is a linear function of the
 * register before and of those bytes, so that their part of it can be worked out beforehand.
 */

import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb88320;

export const CRC_START = -1;

/** By the low byte of the register: {@link feed}. */
const STEP = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  STEP[byte] = crc;
}

/** The register behind one more byte. */
export function feed(register: number, byte: number): number {
  return STEP[(register ^ byte) & 255]! ^ (register >>> 8);
}

/** The register behind more bytes. */
export function feedAll(register: number, bytes: Uint8Array): number {
  return ~crc32(bytes, ~register >>> 0);
}

const HALVES = 8;
export const SHIFT_SIZE = HALVES * 16;

/**
 * What so many zero bytes do to a register: by each of its eight half bytes, since whole ones need eight times the room.
 */
export function shiftOf(bytes: number): Int32Array {
  const shift = new Int32Array(SHIFT_SIZE);
  for (let half = 0; half < HALVES; half++) {
    for (let bits = 0; bits < 16; bits++) {
      const more = bits & (bits - 1);
      // Linear: several bits do what each of them does.
      shift[half * 16 + bits] =
        more === 0
          ? zeros((bits << (half * 4)) | 0, bytes)
          : shift[half * 16 + more]! ^ shift[half * 16 + (bits ^ more)]!;
    }
  }
  return shift;
}

function zeros(register: number, bytes: number): number {
  let crc = register;
  for (let i = 0; i < bytes; i++) crc = feed(crc, 0);
  return crc;
}

/**
 * The register behind bytes of which the shift and the register from 0 are known.
 *
 * @param at where the shift begins in `shifts`
 */
export function feedKnown(register: number, shifts: Int32Array, at: number, known: number): number {
  return (
    known ^
    shifts[at + (register & 15)]! ^
    shifts[at + 16 + ((register >>> 4) & 15)]! ^
    shifts[at + 32 + ((register >>> 8) & 15)]! ^
    shifts[at + 48 + ((register >>> 12) & 15)]! ^
    shifts[at + 64 + ((register >>> 16) & 15)]! ^
    shifts[at + 80 + ((register >>> 20) & 15)]! ^
    shifts[at + 96 + ((register >>> 24) & 15)]! ^
    shifts[at + 112 + (register >>> 28)]!
  );
}
