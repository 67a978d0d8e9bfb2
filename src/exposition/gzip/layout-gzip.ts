/**
 * A layout as it is compressed: worked out once but for the values, and the distances that depend on their lengths.
 *
 * Nine tenths of an answer are known text. Compressing it anew costs more than everything else that is done with its
 * values; filling them in costs a fifth of that, the checksum included.
 */

import type { Layout } from '../../model/samples.ts';
import { textOf } from '../layout-text.ts';
import { digits, MAX_NUMBER_LENGTH, writeDigits } from '../number-text.ts';
import type { Filled } from '../samples.ts';
import { CRC_START, feed, feedAll, feedKnown, SHIFT_SIZE, shiftOf } from './crc32.ts';
import { BitWriter, CODE } from './fixed-huffman.ts';
import { MatchFinder } from './match-finder.ts';

interface LayoutBits {
  /** Bits by 16; each run begins a new one. */
  readonly words: Uint16Array;
  /**
   * Four numbers for each run of bits: the word where it begins, its number of bits, and what follows it: a match in
   * the part of this number (-1 for none), so many bytes farther away than that part begins before the one at hand.
   */
  readonly runs: Int32Array;
  /** For each part where its runs end. */
  readonly ends: Int32Array;
  readonly lengths: Int32Array;
  /** What each part does to a CRC: the table of its length begins here in `shifts`. */
  readonly shiftAt: Int32Array;
  readonly shifts: Int32Array;
  readonly crcs: Int32Array;
  readonly maxBytes: number;
}

const compiled = new WeakMap<Layout, LayoutBits>();

function bitsOf(layout: Layout): LayoutBits {
  let bits = compiled.get(layout);
  if (bits === undefined) {
    bits = compile(textOf(layout).parts);
    compiled.set(layout, bits);
  }
  return bits;
}

/** The most bytes that a layout may take. */
export const maxBytes = (layout: Layout): number => bitsOf(layout).maxBytes;

const NEWLINE = 10;
let starts = new Int32Array(1024);

/** What the text so far has come to. */
export interface Progress {
  /** The register of its CRC. */
  crc: number;
  length: number;
}

export const BEGIN: Readonly<Progress> = { crc: CRC_START, length: 0 };

/** Writes the lines of a layout into a block with the fixed code. */
export function writeBits({ layout, values }: Filled, out: BitWriter, progress: Progress): void {
  const { crcs, ends, lengths, runs, shiftAt, shifts, words } = bitsOf(layout);
  if (starts.length < lengths.length) starts = new Int32Array(lengths.length * 2);
  let { crc, length } = progress;
  let run = 0;
  // Index loops on purpose: this runs for every sample of every probe.
  for (let i = 0; i < lengths.length; i++) {
    starts[i] = length;
    for (const end = ends[i]!; run < end; run += 4) {
      let word = runs[run]!;
      let count = runs[run + 1]!;
      for (; count > 16; count -= 16) out.put(words[word++]!, 16);
      out.put(words[word]!, count);
      const source = runs[run + 2]!;
      if (source >= 0) out.putDistance(length - starts[source]! + runs[run + 3]!);
    }
    crc = feedKnown(crc, shifts, shiftAt[i]!, crcs[i]!);
    length += lengths[i]!;
    for (let d = writeDigits(values[i]!); d < MAX_NUMBER_LENGTH; d++, length++) {
      const digit = digits[d]!;
      out.put(CODE[digit]!, 8);
      crc = feed(crc, digit);
    }
  }
  if (lengths.length > 0) {
    out.putSymbol(NEWLINE);
    crc = feed(crc, NEWLINE);
    length++;
  }
  progress.crc = crc;
  progress.length = length;
}

function compile(parts: readonly Uint8Array[]): LayoutBits {
  const longest = parts.reduce((most, { length }) => Math.max(most, length), 0);
  const bits = new RunBuilder(longest * 2 + 8);
  const matches = new MatchFinder(parts);
  for (const [i, part] of parts.entries()) {
    let at = 0;
    while (at < part.length) {
      const match = matches.longest(i, at);
      if (match === undefined) bits.byte(part[at]!);
      else if (match.part === i) bits.match(match.length, at - match.at);
      else bits.matchIn(match.part, match.length, at - match.at);
      const step = match?.length ?? 1;
      matches.remember(i, at, at + step);
      at += step;
    }
    bits.endPart();
  }
  const { ends, runs, words } = bits.done();
  const lengths = Int32Array.from(parts, ({ length }) => length);
  const different = [...new Set(lengths)];
  const shifts = new Int32Array(different.length * SHIFT_SIZE);
  for (const [i, length] of different.entries()) shifts.set(shiftOf(length), i * SHIFT_SIZE);
  return {
    words,
    runs,
    ends,
    lengths,
    shiftAt: lengths.map((length) => different.indexOf(length) * SHIFT_SIZE),
    shifts,
    crcs: new Int32Array(parts.map((part) => feedAll(0, part))),
    maxBytes: words.length * 2 + (runs.length / 4) * 3 + parts.length * MAX_NUMBER_LENGTH + 1,
  };
}

/** Gathers bits in runs. */
class RunBuilder {
  readonly #writer: BitWriter;
  readonly #words: number[] = [];
  readonly #runs: number[] = [];
  readonly #ends: number[] = [];

  /** @param maxBytes the most that one run may have */
  constructor(maxBytes: number) {
    this.#writer = new BitWriter(Buffer.alloc(maxBytes));
  }

  byte(byte: number): void {
    this.#writer.putSymbol(byte);
  }

  /** A text of the same part: no value lies between. */
  match(length: number, distance: number): void {
    this.#writer.putLength(length);
    this.#writer.putDistance(distance);
  }

  /** A text of another part. */
  matchIn(part: number, length: number, farther: number): void {
    this.#writer.putLength(length);
    this.#endRun(part, farther);
  }

  endPart(): void {
    if (this.#writer.bits > 0) this.#endRun(-1, 0);
    this.#ends.push(this.#runs.length);
  }

  done(): Pick<LayoutBits, 'words' | 'runs' | 'ends'> {
    return {
      words: new Uint16Array(this.#words),
      runs: new Int32Array(this.#runs),
      ends: new Int32Array(this.#ends),
    };
  }

  #endRun(part: number, farther: number): void {
    const writer = this.#writer;
    this.#runs.push(this.#words.length, writer.bits, part, farther);
    writer.align();
    writer.bytes[writer.at] = 0;
    for (let i = 0; i < writer.at; i += 2) this.#words.push(writer.bytes[i]! | (writer.bytes[i + 1]! << 8));
    writer.at = 0;
  }
}
