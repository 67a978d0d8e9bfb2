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
  putDistance,
  SOURCE,
  TEXT_BEFORE,
  TEXT_BEHIND,
  VALUE_SIZE,
} from './layout-bits.ts';
import { inTurns } from './steps.ts';

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

/** Those that are seen for the first time are worked out in the next turns of the event loop, for later answers. */
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
    void prepare(one);
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

/** Writes the lines of a layout as a block that is not the last one. */
export function writeBits({ bits: known, values }: Known, out: BitWriter, progress: Progress): void {
  const { characters, expected, oldest, places, words } = known;
  if (shifts.length < values.length) shifts = new Int32Array(values.length * 2);
  let { crc } = progress;
  let shift = 0;
  /** The first part that is shifted so far. */
  let shifted = 0;
  let bitsDone = 0;
  let textDone = 0;
  let crcDone = 0;
  // Index loops on purpose: this runs for every sample of every probe.
  for (let i = 0; i < values.length; i++) {
    shifts[i] = shift;
    if (oldest[i]! < shifted) bitsDone = writeDistances(known, i, out, bitsDone);
    const value = values[i]!;
    if (value === expected[i]) continue;
    const place = i * VALUE_SIZE;
    out.copy(words, bitsDone, places[place + BITS_BEFORE]!);
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
    if (longer === 0) continue;
    shift += longer;
    shifted = i + 1;
  }
  out.copy(words, bitsDone, known.bits);
  progress.crc = feedKnown(crc, crcDone, known.crc, known.length - textDone);
  progress.length += known.length + shift;
}

/** Writes a part up to the last match whose text is farther or nearer than it was; the bits that are done then. */
function writeDistances(
  { distances, matchEnds, matches, words }: LayoutBits,
  part: number,
  out: BitWriter,
  done: number,
): number {
  let bitsDone = done;
  const end = matchEnds[part]!;
  for (let m = part === 0 ? 0 : matchEnds[part - 1]!; m < end; m += MATCH_SIZE) {
    const farther = shifts[part]! - shifts[matches[m + SOURCE]!]!;
    if (farther === 0) continue;
    out.copy(words, bitsDone, matches[m + DISTANCE_BITS_BEFORE]!);
    putDistance(out, distances, matches[m + DISTANCE]! + farther);
    bitsDone = matches[m + DISTANCE_BITS_BEHIND]!;
  }
  return bitsDone;
}
