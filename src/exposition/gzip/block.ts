/**
 * One block of deflate with the Huffman code that suits its symbols:
 * https://www.rfc-editor.org/rfc/rfc1951#section-3.2.7
 */
import { BitWriter, SLACK_BYTES } from './bit-writer.ts';
import { type Code, codeOf, MAX_CODE_LENGTH, MAX_HEADER_BITS, putCodes } from './huffman.ts';
import type { Weights } from './parse.ts';
import {
  distanceBase,
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  lengthBase,
  lengthExtraBits,
  lengthSymbol,
} from './symbols.ts';

/** Not the last block, and with codes of its own. */
const BLOCK_TYPE = 0b100;
/** A match has fewer than the bytes that it stands for. */
const MOST_BITS_OF_BYTE = 16;
export const MOST_BITS_OF_DISTANCE = MAX_CODE_LENGTH + 13;
export const MOST_BITS_OF_MATCH = MAX_CODE_LENGTH + 5 + MOST_BITS_OF_DISTANCE;

/** One block with the codes that suit its symbols. */
export class BlockWriter {
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
    putLiteral(this.#out, this.literals, symbol);
  }

  length(length: number): void {
    putLength(this.#out, this.literals, length);
  }

  distance(distance: number): void {
    putDistance(this.#out, this.distances, distance);
  }

  /** All of it, with a word more for {@link BitWriter.copy}. */
  end(): { readonly words: Int32Array; readonly bits: number } {
    this.literal(END_OF_BLOCK);
    const { bits } = this.#out;
    this.#out.end();
    const words = Int32Array.from({ length: (bits >>> 5) + 2 }, (_, i) => this.#bytes.readInt32LE(i * 4));
    return { words, bits };
  }
}

export function putLiteral(out: BitWriter, { codes, lengths }: Code, byte: number): void {
  out.put(codes[byte]!, lengths[byte]!);
}

export function putLength(out: BitWriter, literals: Code, length: number): void {
  const symbol = lengthSymbol(length);
  putLiteral(out, literals, symbol);
  out.put(length - lengthBase(symbol), lengthExtraBits(symbol));
}

export function putDistance(out: BitWriter, { codes, lengths }: Code, distance: number): void {
  const symbol = distanceSymbol(distance);
  const length = lengths[symbol]!;
  out.put(codes[symbol]! | ((distance - distanceBase(symbol)) << length), length + distanceExtraBits(symbol));
}
