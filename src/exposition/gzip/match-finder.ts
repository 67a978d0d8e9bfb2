/**
 * Texts that stand in a layout more than once: each is a part of it, with a value between it and the next.
 *
 * Chains of places with the same hash, as all programs find matches that write deflate.
 */

import { MAX_NUMBER_LENGTH } from '../number-text.ts';
import { MAX_DISTANCE, MAX_MATCH } from './fixed-huffman.ts';

export interface Match {
  readonly part: number;
  readonly at: number;
  readonly length: number;
}

/** Shorter ones save nothing. */
const MIN_LENGTH = 4;
const HASH_BITS = 15;
/** So many places are looked at. */
const MAX_LOOKS = 16;

export class MatchFinder {
  /** All parts one behind another. */
  readonly #bytes: Buffer;
  /** Where each part begins, and the last one ends. */
  readonly #starts: Int32Array;
  readonly #partOf: Int32Array;
  /** By hash: the last place that was remembered. -1 for none. */
  readonly #last = new Int32Array(1 << HASH_BITS).fill(-1);
  /** By place: the place before it with the same hash. */
  readonly #before: Int32Array;

  constructor(parts: readonly Uint8Array[]) {
    this.#bytes = Buffer.concat(parts);
    this.#starts = new Int32Array(parts.length + 1);
    this.#partOf = new Int32Array(this.#bytes.length);
    this.#before = new Int32Array(this.#bytes.length);
    let start = 0;
    for (const [i, { length }] of parts.entries()) {
      this.#starts[i] = start;
      this.#partOf.fill(i, start, start + length);
      start += length;
    }
    this.#starts[parts.length] = start;
  }

  /** The longest text behind a place that was remembered. */
  longest(part: number, at: number): Match | undefined {
    const bytes = this.#bytes;
    const here = this.#starts[part]! + at;
    const most = Math.min(MAX_MATCH, this.#starts[part + 1]! - here);
    if (most < MIN_LENGTH) return undefined;
    let best = MIN_LENGTH - 1;
    let bestPlace = -1;
    let place = this.#last[this.#hash(here)]!;
    for (
      let looks = 0;
      place >= 0 && looks < MAX_LOOKS && best < most;
      looks++, place = this.#before[place]!
    ) {
      const source = this.#partOf[place]!;
      // However long the values between them are.
      if (here - place + (part - source) * MAX_NUMBER_LENGTH > MAX_DISTANCE) break;
      const end = Math.min(most, this.#starts[source + 1]! - place);
      let length = 0;
      while (length < end && bytes[place + length] === bytes[here + length]) length++;
      if (length <= best) continue;
      best = length;
      bestPlace = place;
    }
    if (bestPlace < 0) return undefined;
    const source = this.#partOf[bestPlace]!;
    return { part: source, at: bestPlace - this.#starts[source]!, length: best };
  }

  /** Remembers the places of a part from `at` to `end`. */
  remember(part: number, at: number, end: number): void {
    const last = Math.min(this.#starts[part]! + end, this.#starts[part + 1]! - MIN_LENGTH + 1);
    for (let place = this.#starts[part]! + at; place < last; place++) {
      const hash = this.#hash(place);
      this.#before[place] = this.#last[hash]!;
      this.#last[hash] = place;
    }
  }

  #hash(place: number): number {
    const bytes = this.#bytes;
    const four =
      bytes[place]! | (bytes[place + 1]! << 8) | (bytes[place + 2]! << 16) | (bytes[place + 3]! << 24);
    return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
  }
}
