/**
 * A layout as a block of deflate, worked out once, with the values of the first result that had it.
 *
 * The block has a Huffman code of its own: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.7
 */
import { MAX_NUMBER_LENGTH, numberText } from '../number-text.ts';
import { BlockWriter, MOST_BITS_OF_DISTANCE, MOST_BITS_OF_MATCH } from './block.ts';
import { feed, feedAll } from './crc32.ts';
import { type Code, MAX_CODE_LENGTH } from './huffman.ts';
import { type JoinedParts, joinParts, MIN_LENGTH } from './match-finder.ts';
import { type Parsed, parse, type Weights } from './parse.ts';
import type { Steps } from './steps.ts';
import { DISTANCES, distanceSymbol, END_OF_BLOCK, LITERALS, lengthSymbol, MAX_DISTANCE } from './symbols.ts';

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
  /** By value: the value that a match has which goes over this one; -1 when there is none. */
  readonly overs: Int32Array;
  /** By the character of a number: its code, and the number of bits in the lowest four. */
  readonly characters: Int32Array;
  readonly literals: Code;
  readonly distances: Code;
  readonly parts: readonly Uint8Array[];
}

/** A value begins at this bit, or the match that goes over it. */
export const BITS_BEFORE = 0;
export const BITS_BEHIND = 1;
/** Bytes of the text. */
export const TEXT_BEFORE = 2;
export const TEXT_BEHIND = 3;
/** The register behind that text when it was 0 before. */
export const CRC_BEFORE = 4;
export const CRC_BEHIND = 5;
/** Of the match that goes over it: bytes before it and behind it, and the distance. */
export const OVER_BEFORE = 6;
export const OVER_BEHIND = 7;
export const OVER_DISTANCE = 8;
export const VALUE_SIZE = 9;

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
  const between = numbers.map((number) => (number.length === 1 ? number : NOTHING));
  const text = joinParts(parts, between);
  const apart = numbers.filter(({ length }) => length > 1);
  const length = text.bytes.length + Buffer.concat(apart).length + 1;
  const parsed = yield* parse(text, shiftsOf(numbers, between), weightsBesides(apart, length, parts.length));
  const block = new BlockWriter(withPieces(parsed, text), length);
  const layout = new LayoutWriter(block, parts);
  let token = 0;
  let at = 0;
  for (const [part, number] of numbers.entries()) {
    if (part % STEP_PARTS === STEP_PARTS - 1) yield;
    const end = text.ends[part]!;
    const size = () => parsed.lengths[token]!;
    const source = () => text.partOf[parsed.sources[token]!]!;
    for (; at < end && at + size() <= end; at += size(), token++) {
      if (size() === 1) block.literal(parsed.numbers[token]!);
      else layout.match(part, source(), size(), parsed.numbers[token]!);
    }
    if (between[part] === NOTHING) {
      layout.value(number);
      continue;
    }
    if (size() === 1) layout.value(number);
    else layout.over(number, source(), { at, end, size: size(), distance: parsed.numbers[token]! });
    at += size();
    token++;
  }
  block.literal(NEWLINE);
  return { ...layout.end(), expected: Float64Array.from(values) };
}

const NOTHING = Buffer.alloc(0);

/** By part: how long the values before it are that are not in the text. */
function shiftsOf(numbers: readonly Uint8Array[], between: readonly Uint8Array[]): Int32Array {
  const shifts = new Int32Array(numbers.length);
  for (let i = 1; i < numbers.length; i++)
    shifts[i] = shifts[i - 1]! + numbers[i - 1]!.length - between[i - 1]!.length;
  return shifts;
}

/** The symbols too that a match becomes when it cannot go over a value, each as if it came once. */
function withPieces({ lengths, weights }: Parsed, { bytes, ends, partOf }: JoinedParts): Weights {
  const literals = [...weights.literals];
  let at = 0;
  for (const length of lengths) {
    const end = ends[partOf[at]!]!;
    if (length > 1 && at + length > end) {
      for (const [from, to] of [
        [at, end],
        [end + 1, at + length],
      ] as const) {
        const symbols = to - from >= MIN_LENGTH ? [lengthSymbol(to - from)] : bytes.subarray(from, to);
        for (const symbol of symbols) literals[symbol] ||= 1;
      }
    }
    at += length;
  }
  return { ...weights, literals };
}

/** What is sent besides the text: the other values, those of other results too, and distances that they lead to. */
function weightsBesides(numbers: readonly Uint8Array[], length: number, count: number): Weights {
  const literals = new Array<number>(LITERALS).fill(0);
  const digits = Buffer.concat(numbers);
  for (const digit of digits) literals[digit]!++;
  for (const digit of CHARACTERS) literals[digit]! += 1;
  for (const digit of CHARACTERS.subarray(0, 10))
    literals[digit]! += Math.ceil((digits.length + count) * RARE);
  literals[NEWLINE]!++;
  literals[END_OF_BLOCK] = 1;
  const farthest = Math.min(MAX_DISTANCE, length + count * MAX_NUMBER_LENGTH);
  const distances = new Array<number>(DISTANCES).fill(0);
  distances.fill(1, 0, Math.max(2, distanceSymbol(farthest) + 1));
  return { literals, distances };
}

/** The most bytes that a layout may take, whatever its values. */
export const maxBytes = ({ bits, expected, matches }: LayoutBits): number =>
  1 +
  ((bits +
    expected.length * (MAX_NUMBER_LENGTH * MAX_CODE_LENGTH + 2 * MOST_BITS_OF_MATCH) +
    (matches.length / MATCH_SIZE) * MOST_BITS_OF_DISTANCE) >>>
    3);

/** A match that goes over a value, in places of the text. */
interface Over {
  readonly at: number;
  /** Where the part ends. */
  readonly end: number;
  readonly size: number;
  readonly distance: number;
}

/** Notes where everything stands that may become different. */
class LayoutWriter {
  readonly #block: BlockWriter;
  readonly #parts: readonly Uint8Array[];
  readonly #places: number[] = [];
  readonly #overs: number[] = [];
  readonly #oldest: number[] = [];
  readonly #matches: number[] = [];
  readonly #matchEnds: number[] = [];
  #oldestOfPart = Number.POSITIVE_INFINITY;
  #length = 0;
  #crc = 0;

  constructor(block: BlockWriter, parts: readonly Uint8Array[]) {
    this.#block = block;
    this.#parts = parts;
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
  value(number: Uint8Array): void {
    const before = this.#block.bits;
    for (const digit of number) this.#block.literal(digit);
    this.#endPart(number, before, -1, [0, 0, 0]);
  }

  /** The same with what is around it, by the text around another value. */
  over(number: Uint8Array, source: number, { at, distance, end, size }: Over): void {
    const before = this.#block.bits;
    this.match(this.#overs.length, source, size, distance);
    this.#endPart(number, before, source, [end - at, at + size - end - 1, distance]);
  }

  #endPart(number: Uint8Array, bitsBefore: number, source: number, over: readonly number[]): void {
    const part = this.#parts[this.#overs.length]!;
    const textBefore = this.#length + part.length;
    const crcBefore = feedAll(this.#crc, part);
    this.#length = textBefore + number.length;
    this.#crc = feedAll(crcBefore, number);
    this.#places.push(bitsBefore, this.#block.bits, textBefore, this.#length, crcBefore, this.#crc, ...over);
    this.#overs.push(source);
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
      overs: Int32Array.from(this.#overs),
      oldest: Int32Array.from(this.#oldest, (part) => Math.min(part, this.#oldest.length)),
      matchEnds: Int32Array.from(this.#matchEnds),
      matches: Int32Array.from(this.#matches),
      characters: Int32Array.from(
        { length: CHARACTER_END },
        (_, c) => (literals.codes[c]! << 4) | literals.lengths[c]!,
      ),
      literals,
      distances,
      parts: this.#parts,
    };
  }
}
