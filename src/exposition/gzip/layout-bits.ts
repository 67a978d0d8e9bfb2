/**
 * A layout as a block of deflate, worked out once, with the values of the first result that had it.
 *
 * The block has a Huffman code of its own: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.7
 */
import { MAX_NUMBER_LENGTH, numberText } from '../number-text.ts';
import { BitWriter, SLACK_BYTES } from './bit-writer.ts';
import { feed, feedAll } from './crc32.ts';
import { type Code, codeOf, MAX_CODE_LENGTH, MAX_HEADER_BITS, putCodes } from './huffman.ts';
import { joinParts } from './match-finder.ts';
import { parse, type Weights } from './parse.ts';
import type { Steps } from './steps.ts';
import {
  DISTANCES,
  distanceBase,
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  LITERALS,
  lengthBase,
  lengthExtraBits,
  lengthSymbol,
  MAX_DISTANCE,
} from './symbols.ts';

export interface LayoutBits {
  /** The block with the values that were there first; and a word more, for {@link BitWriter.copy}. */
  readonly words: Int32Array;
  readonly bits: number;
  /** Of the text. */
  readonly length: number;
  /** The register behind the text that was 0 before. */
  readonly crc: number;
  /** The values that were there first. */
  readonly expected: Float64Array;
  /** By value, {@link VALUE_SIZE} numbers each: where it stands. */
  readonly places: Int32Array;
  /** By part: the part farthest back that has the text of a match of it; its own number when there is none. */
  readonly oldest: Int32Array;
  /** By part: where its matches of other parts end in `matches`. */
  readonly matchEnds: Int32Array;
  /** {@link MATCH_SIZE} numbers each. */
  readonly matches: Int32Array;
  /** By the character of a number: its code, and the number of bits in the lowest four. */
  readonly characters: Int32Array;
  readonly distances: Code;
}

/** A value begins at this bit. */
export const BITS_BEFORE = 0;
export const BITS_BEHIND = 1;
/** Bytes of the text. */
export const TEXT_BEFORE = 2;
export const TEXT_BEHIND = 3;
/** The register behind that text when it was 0 before. */
export const CRC_BEFORE = 4;
export const CRC_BEHIND = 5;
export const VALUE_SIZE = 6;

/** The distance of a match begins at this bit. */
export const DISTANCE_BITS_BEFORE = 0;
export const DISTANCE_BITS_BEHIND = 1;
export const DISTANCE = 2;
/** The part that has the text. */
export const SOURCE = 3;
export const MATCH_SIZE = 4;

/** All that numbers are made of. */
const CHARACTERS = Buffer.from('0123456789+-.eINafn');
/** Each of them comes before it. */
const CHARACTER_END = 128;
/** What is rare among the first values is expected to become as frequent as this, of all their characters. */
const RARE = 0.02;

const NEWLINE = 10;
/** Parts that are written at once. */
const STEP_PARTS = 200;

export function* compileBits(parts: readonly Uint8Array[], values: Float64Array): Steps<LayoutBits> {
  const numbers = Array.from(values, (value) => Buffer.from(numberText(value)));
  const text = joinParts(parts);
  const numbersLength = numbers.reduce((sum, { length }) => sum + length, 0);
  const length = text.bytes.length + numbersLength + 1;
  const besides = weightsBesides(numbers, length);
  const parsed = yield* parse(text, shiftsOf(numbers), besides);
  const block = new BlockWriter(parsed.weights, length);
  const layout = new LayoutWriter(block);
  let token = 0;
  for (const [part, number] of numbers.entries()) {
    if (part % STEP_PARTS === STEP_PARTS - 1) yield;
    for (let at = text.starts[part]!; at < text.starts[part + 1]!; token++) {
      const size = parsed.lengths[token]!;
      if (size === 1) block.literal(parsed.numbers[token]!);
      else layout.match(part, text.partOf[parsed.sources[token]!]!, size, parsed.numbers[token]!);
      at += size;
    }
    layout.value(parts[part]!, number);
  }
  block.literal(NEWLINE);
  return { ...layout.end(), expected: Float64Array.from(values) };
}

/** By part: how long the values before it are. */
function shiftsOf(numbers: readonly Uint8Array[]): Int32Array {
  const shifts = new Int32Array(numbers.length);
  for (let i = 1; i < numbers.length; i++) shifts[i] = shifts[i - 1]! + numbers[i - 1]!.length;
  return shifts;
}

/** What is sent besides the parts: the values, those of other results too, and distances that they lead to. */
function weightsBesides(numbers: readonly Uint8Array[], length: number): Weights {
  const literals = new Array<number>(LITERALS).fill(0);
  const digits = Buffer.concat(numbers);
  for (const digit of digits) literals[digit]!++;
  for (const digit of CHARACTERS) literals[digit]! += 1;
  for (const digit of CHARACTERS.subarray(0, 10)) literals[digit]! += Math.ceil(digits.length * RARE);
  literals[NEWLINE]!++;
  literals[END_OF_BLOCK] = 1;
  const farthest = Math.min(MAX_DISTANCE, length + numbers.length * MAX_NUMBER_LENGTH);
  const distances = new Array<number>(DISTANCES).fill(0);
  distances.fill(1, 0, Math.max(2, distanceSymbol(farthest) + 1));
  return { literals, distances };
}

/** Not the last block, and with codes of its own. */
const BLOCK_TYPE = 0b100;
/** A match has fewer than the bytes that it stands for. */
const MOST_BITS_OF_BYTE = 16;
const MOST_BITS_OF_DISTANCE = MAX_CODE_LENGTH + 13;

/** One block with the codes that suit its symbols. */
class BlockWriter {
  readonly literals: Code;
  readonly distances: Code;
  readonly #bytes: Buffer;
  readonly #out: BitWriter;

  constructor(weights: Weights, length: number) {
    this.literals = codeOf(weights.literals);
    this.distances = codeOf(weights.distances);
    this.#bytes = Buffer.alloc(
      Math.ceil((MAX_HEADER_BITS + (length + 2) * MOST_BITS_OF_BYTE) / 8) + SLACK_BYTES * 2,
    );
    this.#out = new BitWriter(this.#bytes, 0);
    this.#out.put(BLOCK_TYPE, 3);
    putCodes(this.#out, this.literals, this.distances);
  }

  get bits(): number {
    return this.#out.bits;
  }

  literal(symbol: number): void {
    this.#out.put(this.literals.codes[symbol]!, this.literals.lengths[symbol]!);
  }

  length(length: number): void {
    const symbol = lengthSymbol(length);
    this.literal(symbol);
    this.#out.put(length - lengthBase(symbol), lengthExtraBits(symbol));
  }

  distance(distance: number): void {
    putDistance(this.#out, this.distances, distance);
  }

  end(): Pick<LayoutBits, 'words' | 'bits'> {
    this.literal(END_OF_BLOCK);
    const { bits } = this.#out;
    this.#out.end();
    const words = Int32Array.from({ length: (bits >>> 5) + 2 }, (_, i) => this.#bytes.readInt32LE(i * 4));
    return { words, bits };
  }
}

export function putDistance(out: BitWriter, { codes, lengths }: Code, distance: number): void {
  const symbol = distanceSymbol(distance);
  const length = lengths[symbol]!;
  out.put(codes[symbol]! | ((distance - distanceBase(symbol)) << length), length + distanceExtraBits(symbol));
}

/** The most bytes that a layout may take, whatever its values. */
export const maxBytes = ({ bits, expected, matches }: LayoutBits): number =>
  1 +
  ((bits +
    expected.length * MAX_NUMBER_LENGTH * MAX_CODE_LENGTH +
    (matches.length / MATCH_SIZE) * MOST_BITS_OF_DISTANCE) >>>
    3);

/** Notes where everything stands that may become different. */
class LayoutWriter {
  readonly #block: BlockWriter;
  readonly #places: number[] = [];
  readonly #oldest: number[] = [];
  readonly #matches: number[] = [];
  readonly #matchEnds: number[] = [];
  #oldestOfPart = Number.POSITIVE_INFINITY;
  #length = 0;
  #crc = 0;

  constructor(block: BlockWriter) {
    this.#block = block;
  }

  match(part: number, source: number, length: number, distance: number): void {
    const block = this.#block;
    block.length(length);
    const before = block.bits;
    block.distance(distance);
    if (source === part) return;
    this.#matches.push(before, block.bits, distance, source);
    this.#oldestOfPart = Math.min(this.#oldestOfPart, source);
  }

  /** The value at the end of a part. */
  value(part: Uint8Array, number: Uint8Array): void {
    const block = this.#block;
    const textBefore = this.#length + part.length;
    const crcBefore = feedAll(this.#crc, part);
    const bitsBefore = block.bits;
    for (const digit of number) block.literal(digit);
    this.#length = textBefore + number.length;
    this.#crc = feedAll(crcBefore, number);
    this.#places.push(bitsBefore, block.bits, textBefore, this.#length, crcBefore, this.#crc);
    this.#oldest.push(this.#oldestOfPart);
    this.#oldestOfPart = Number.POSITIVE_INFINITY;
    this.#matchEnds.push(this.#matches.length);
  }

  end(): Omit<LayoutBits, 'expected'> {
    const { distances, literals } = this.#block;
    return {
      ...this.#block.end(),
      length: this.#length + 1,
      crc: feed(this.#crc, NEWLINE),
      places: Int32Array.from(this.#places),
      oldest: Int32Array.from(this.#oldest, (part) => Math.min(part, this.#oldest.length)),
      matchEnds: Int32Array.from(this.#matchEnds),
      matches: Int32Array.from(this.#matches),
      characters: Int32Array.from(
        { length: CHARACTER_END },
        (_, c) => (literals.codes[c]! << 4) | literals.lengths[c]!,
      ),
      distances,
    };
  }
}
