/**
 * Writes layouts as compressed blocks: what was worked out once is copied, but for values that are others and for the
 * distances that depend on their lengths.
 *
 * Nine tenths of an answer are known text. Compressing it anew costs more than everything else that is done with its
 * values.
 */

import type { Layout } from '../../model/samples.ts';
import { textOf } from '../layout-text.ts';
import { digits, MAX_NUMBER_LENGTH, writeDigits } from '../number-text.ts';
import type { Filled } from '../samples.ts';
import type { BitWriter } from './bit-writer.ts';
import { putDistance, putLength, putLiteral } from './block.ts';
import { CRC_START, feed, feedKnown } from './crc32.ts';
import {
  BITS_BEFORE,
  BITS_BEHIND,
  CRC_BEFORE,
  CRC_BEHIND,
  compileBits,
  DISTANCE,
  DISTANCE_BITS_BEFORE,
  DISTANCE_BITS_BEHIND,
  type LayoutBits,
  MATCH_SIZE,
  OVER_BEFORE,
  OVER_BEHIND,
  OVER_DISTANCE,
  SOURCE,
  TEXT_BEFORE,
  TEXT_BEHIND,
  VALUE_SIZE,
} from './layout-bits.ts';
import { MIN_LENGTH } from './match-finder.ts';
import { inTurns, isRoomForMore } from './steps.ts';

/** To work out more takes tens of megabytes for a while; no list of variables is half as long. */
const MAX_TEXT = 1 << 19;

const compiled = new WeakMap<Layout, LayoutBits>();
const underWay = new WeakMap<Layout, Promise<void>>();

/** Layouts that are worked out, and the others. */
export interface Sorted {
  readonly known: readonly Known[];
  readonly unknown: readonly Filled[];
}

interface Known {
  readonly bits: LayoutBits;
  readonly values: Float64Array;
}

/** Those that are new are worked out in the next turns of the event loop, for later answers; not too many at once. */
export function sortOut(filled: readonly Filled[]): Sorted {
  const known: Known[] = [];
  const unknown: Filled[] = [];
  for (const one of filled) {
    const { layout, values } = one;
    if (values.length === 0) continue;
    const bits = compiled.get(layout);
    if (bits !== undefined) {
      known.push({ bits, values });
      continue;
    }
    unknown.push(one);
    if (isRoomForMore() && textOf(layout).length <= MAX_TEXT) void prepare(one);
  }
  return { known, unknown };
}

/** Works a layout out, unless that has been done. */
export function prepare({ layout, values }: Filled): Promise<void> {
  const begun = underWay.get(layout);
  if (begun !== undefined) return begun;
  const work = async () => {
    compiled.set(layout, await inTurns(compileBits(textOf(layout).parts, values)));
  };
  const done = work();
  underWay.set(layout, done);
  return done;
}

/** What the text so far has come to. */
export interface Progress {
  /** The register of its CRC. */
  crc: number;
  length: number;
}

export const BEGIN: Readonly<Progress> = { crc: CRC_START, length: 0 };

/** By part: how much farther from the beginning it is than with the values that were there first. */
let shifts = new Int32Array(1024);
/** By value: 1 for one that is another than was there first. */
let others = new Uint8Array(1024);

/** Writes the lines of a layout as a block that is not the last one. */
export function writeBits({ bits: known, values }: Known, out: BitWriter, progress: Progress): void {
  const { characters, expected, oldest, overs, places, words } = known;
  if (shifts.length < values.length) {
    shifts = new Int32Array(values.length * 2);
    others = new Uint8Array(values.length * 2);
  }
  let { crc } = progress;
  let shift = 0;
  /** The first part that is shifted so far. */
  let shifted = 0;
  let bitsDone = 0;
  let textDone = 0;
  let crcDone = 0;
  // Index loops on purpose: this runs for every sample of every probe.
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const source = overs[i]!;
    const isOther = value !== expected[i];
    shifts[i] = shift;
    others[i] = isOther ? 1 : 0;
    // A match that goes over a value needs both of them as they were.
    const isSplit = source >= 0 && (isOther || others[source] === 1);
    if (oldest[i]! < shifted) bitsDone = writeDistances(known, i, isSplit, { out, bitsDone });
    if (!isOther && !isSplit) continue;
    const place = i * VALUE_SIZE;
    out.copy(words, bitsDone, places[place + BITS_BEFORE]!);
    if (isSplit) writeBefore(known, i, out);
    const textBefore = places[place + TEXT_BEFORE]!;
    crc = feedKnown(crc, crcDone, places[place + CRC_BEFORE]!, textBefore - textDone);
    const first = writeDigits(value);
    for (let d = first; d < MAX_NUMBER_LENGTH; d++) {
      const digit = digits[d]!;
      const character = characters[digit]!;
      out.put(character >>> 4, character & 15);
      crc = feed(crc, digit);
    }
    bitsDone = places[place + BITS_BEHIND]!;
    textDone = places[place + TEXT_BEHIND]!;
    crcDone = places[place + CRC_BEHIND]!;
    const longer = MAX_NUMBER_LENGTH - first - (textDone - textBefore);
    if (longer !== 0) {
      shift += longer;
      shifted = i + 1;
    }
    if (isSplit) writeBehind(known, i, out, shift);
  }
  out.copy(words, bitsDone, known.bits);
  progress.crc = feedKnown(crc, crcDone, known.crc, known.length - textDone);
  progress.length += known.length + shift;
}

interface Place {
  readonly out: BitWriter;
  /** The first bit that is not written yet. */
  readonly bitsDone: number;
}

/**
 * Writes a part up to the last match whose text is farther or nearer than it was; the bits that are done then.
 *
 * @param isSplit the last one goes over a value, and is written otherwise
 */
function writeDistances(known: LayoutBits, part: number, isSplit: boolean, place: Place): number {
  const { distances, matchEnds, matches, words } = known;
  let { bitsDone } = place;
  const end = matchEnds[part]! - (isSplit ? MATCH_SIZE : 0);
  for (let m = part === 0 ? 0 : matchEnds[part - 1]!; m < end; m += MATCH_SIZE) {
    const farther = shifts[part]! - shifts[matches[m + SOURCE]!]!;
    if (farther === 0) continue;
    place.out.copy(words, bitsDone, matches[m + DISTANCE_BITS_BEFORE]!);
    putDistance(place.out, distances, matches[m + DISTANCE]! + farther);
    bitsDone = matches[m + DISTANCE_BITS_BEHIND]!;
  }
  return bitsDone;
}

/** What a match that goes over a value has before it. */
function writeBefore(known: LayoutBits, value: number, out: BitWriter): void {
  const part = known.parts[value]!;
  const length = known.places[value * VALUE_SIZE + OVER_BEFORE]!;
  const farther = shifts[value]! - shifts[known.overs[value]!]!;
  writePiece(known, value, out, { part, from: part.length - length, to: part.length, farther });
}

/** What it has behind the value. */
function writeBehind(known: LayoutBits, value: number, out: BitWriter, shift: number): void {
  const part = known.parts[value + 1]!;
  const to = known.places[value * VALUE_SIZE + OVER_BEHIND]!;
  writePiece(known, value, out, { part, from: 0, to, farther: shift - shifts[known.overs[value]! + 1]! });
}

interface Piece {
  readonly part: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** How much farther away the same text is than it was. */
  readonly farther: number;
}

function writePiece(known: LayoutBits, value: number, out: BitWriter, piece: Piece): void {
  const { farther, from, part, to } = piece;
  if (to - from >= MIN_LENGTH) {
    putLength(out, known.literals, to - from);
    putDistance(out, known.distances, known.places[value * VALUE_SIZE + OVER_DISTANCE]! + farther);
    return;
  }
  for (let at = from; at < to; at++) putLiteral(out, known.literals, part[at]!);
}
