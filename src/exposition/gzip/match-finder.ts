/**
 * Texts that stand in a layout more than once: each is in one part of it, with a value between it and the next.
 *
 * Chains of places with the same hash, as all programs find matches that write deflate.
 */

import { MAX_NUMBER_LENGTH } from '../number-text.ts';
import { STEP, type Steps } from './steps.ts';
import { MAX_DISTANCE, MAX_MATCH } from './symbols.ts';

/** Deflate has no shorter ones. */
export const MIN_LENGTH = 3;
const HASH_BITS = 15;
/** So many places are looked at, and half as many once a match is as long as this. */
const MAX_LOOKS = 64;
const LONG = 16;

/** All parts one behind another, and some of the values between them: a place is the number of a byte in it. */
export interface JoinedParts {
  readonly bytes: Uint8Array;
  /** By part: where it begins; the last part ends at the last number. */
  readonly starts: Int32Array;
  /** By part: where its text ends; the value behind it goes on up to the next part, when it is there. */
  readonly ends: Int32Array;
  /** By place. Values belong to the part before them. */
  readonly partOf: Int32Array;
}

/** @param between by part: the value behind it, empty for one that no match may go over; one byte at most */
export function joinParts(parts: readonly Uint8Array[], between: readonly Uint8Array[]): JoinedParts {
  const bytes = Buffer.concat(parts.flatMap((part, i) => [part, between[i]!]));
  const starts = new Int32Array(parts.length + 1);
  const ends = new Int32Array(parts.length);
  const partOf = new Int32Array(bytes.length);
  for (const [i, { length }] of parts.entries()) {
    ends[i] = starts[i]! + length;
    starts[i + 1] = ends[i]! + between[i]!.length;
    partOf.fill(i, starts[i], starts[i + 1]);
  }
  return { bytes, starts, ends, partOf };
}

/** By place, in lists. */
export interface Matches {
  /** Where the matches of a place end; those of the next one begin there. */
  readonly ends: Int32Array;
  /** Each is longer than the one before, which is nearer. */
  readonly lengths: readonly number[];
  /** The places where the same text stands. */
  readonly sources: readonly number[];
}

export function* findMatches(text: JoinedParts): Steps<Matches> {
  const { length } = text.bytes;
  const search: Search = {
    text,
    ends: new Int32Array(length),
    lengths: [],
    sources: [],
    last: new Int32Array(1 << HASH_BITS).fill(-1),
    before: new Int32Array(length),
  };
  for (let here = 0; here < length; here++) {
    if (here % STEP === STEP - 1) yield;
    findAt(search, here);
  }
  return search;
}

interface Search extends Matches {
  readonly text: JoinedParts;
  readonly lengths: number[];
  readonly sources: number[];
  /** By hash: the last place that was looked at. -1 for none. */
  readonly last: Int32Array;
  /** By place: the place before it with the same hash. */
  readonly before: Int32Array;
}

/** No part of the generator, whose code V8 makes fast only when it begins again. */
function findAt({ before, ends, last, lengths, sources, text }: Search, here: number): void {
  const { bytes, partOf } = text;
  const part = partOf[here]!;
  const most = Math.min(MAX_MATCH, farthest(text, part) - here);
  if (most >= MIN_LENGTH) {
    const hash = hashOf(bytes, here);
    let best = MIN_LENGTH - 1;
    let place = last[hash]!;
    for (let looks = MAX_LOOKS; place >= 0 && looks > 0 && best < most; place = before[place]!) {
      looks -= best < LONG ? 1 : 2;
      // However long the values between them are.
      const values = (part - partOf[place]!) * MAX_NUMBER_LENGTH;
      if (here - place + values > MAX_DISTANCE) break;
      if (bytes[place + best] !== bytes[here + best]) continue;
      const end = Math.min(most, reach(text, here, place));
      let length = 0;
      while (length < end && bytes[place + length] === bytes[here + length]) length++;
      if (length <= best) continue;
      best = length;
      lengths.push(length);
      sources.push(place);
    }
    before[here] = last[hash]!;
    last[hash] = here;
  }
  ends[here] = lengths.length;
}

/** Where a match that begins in a part has to end: it goes over one value at most. */
function farthest({ ends, starts }: JoinedParts, part: number): number {
  const end = ends[part]!;
  return starts[part + 1]! > end ? (ends[part + 1] ?? end) : end;
}

/** How long a match may be: a value stands in both texts or in neither. */
function reach(text: JoinedParts, here: number, place: number): number {
  const { ends, partOf, starts } = text;
  const [part, source] = [partOf[here]!, partOf[place]!];
  const [left, sourceLeft] = [ends[part]! - here, ends[source]! - place];
  const isOver =
    left === sourceLeft && starts[part + 1]! > ends[part]! && starts[source + 1]! > ends[source]!;
  return isOver ? farthest(text, source) - place : Math.min(left, sourceLeft);
}

function hashOf(bytes: Uint8Array, place: number): number {
  const three = bytes[place]! | (bytes[place + 1]! << 8) | (bytes[place + 2]! << 16);
  return Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
}
