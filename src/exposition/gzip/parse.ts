/**
 * Which matches to take: the fewest bits in all, by what each symbol costs in the code that the last try led to.
 */

import { findMatches, type JoinedParts, MIN_LENGTH } from './match-finder.ts';
import { STEP, type Steps } from './steps.ts';
import {
  DISTANCES,
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  lengthExtraBits,
  lengthSymbol,
  MAX_MATCH,
} from './symbols.ts';

/** Each with what symbols cost after the one before; a fourth makes an answer smaller by less than a thousandth. */
const TRIES = 3;

/** What is sent, in its order. */
export interface Parsed {
  /** Of a match; 1 for a byte. */
  readonly lengths: readonly number[];
  /** The byte, or the distance of the match. */
  readonly numbers: readonly number[];
  /** The place where the text of a match stands, or the byte itself. */
  readonly sources: readonly number[];
  readonly weights: Weights;
}

/** How often each symbol is sent. */
export interface Weights {
  readonly literals: number[];
  readonly distances: number[];
}

/**
 * @param shifts by part: how much longer distances are from what stands before, for the values up to there
 * @param other weights that symbols have besides
 */
export function* parse(text: JoinedParts, shifts: Int32Array, other: Weights): Steps<Parsed> {
  const { bytes, partOf } = text;
  const matches = yield* findMatches(text);
  const { ends, sources } = matches;
  const distances = new Int32Array(sources.length);
  for (let here = 0, i = 0; here < bytes.length; here++)
    for (; i < ends[here]!; i++) {
      const source = sources[i]!;
      distances[i] = here - source + shifts[partOf[here]!]! - shifts[partOf[source]!]!;
    }
  const bits = new Float64Array(bytes.length + 1);
  const chosenLength = new Uint16Array(bytes.length);
  const chosenMatch = new Int32Array(bytes.length);
  const choice = { bytes, ends, lengths: matches.lengths, distances, bits, chosenLength, chosenMatch };
  let costs = FIRST_COSTS;
  for (let left = TRIES; ; left--) {
    yield* choose(choice, costs);
    const parsed = follow();
    if (left === 1) return parsed;
    costs = costsOf(parsed.weights);
  }

  function follow(): Parsed {
    const weights = { literals: [...other.literals], distances: [...other.distances] };
    const out: { lengths: number[]; numbers: number[]; sources: number[] } = {
      lengths: [],
      numbers: [],
      sources: [],
    };
    for (let here = 0; here < bytes.length; here += chosenLength[here]!) {
      const length = chosenLength[here]!;
      const match = chosenMatch[here]!;
      const number = length === 1 ? bytes[here]! : distances[match]!;
      out.lengths.push(length);
      out.numbers.push(number);
      out.sources.push(length === 1 ? here : sources[match]!);
      weights.literals[length === 1 ? number : lengthSymbol(length)]!++;
      if (length > 1) weights.distances[distanceSymbol(number)]!++;
    }
    return { ...out, weights };
  }
}

/** Bits. */
interface Costs {
  /** By byte. */
  readonly bytes: Float64Array;
  /** By length. */
  readonly lengths: Float64Array;
  /** By symbol. */
  readonly distances: Float64Array;
}

const FIRST_COSTS: Costs = {
  bytes: new Float64Array(256).fill(6),
  lengths: Float64Array.from({ length: MAX_MATCH + 1 }, (_, length) =>
    length < MIN_LENGTH ? 0 : 6 + lengthExtraBits(lengthSymbol(length)),
  ),
  distances: Float64Array.from({ length: DISTANCES }, (_, symbol) => 4 + distanceExtraBits(symbol)),
};

function costsOf({ distances, literals }: Weights): Costs {
  const ofLiteral = bitsOf(literals);
  const ofDistance = bitsOf(distances);
  return {
    bytes: Float64Array.from({ length: END_OF_BLOCK }, (_, byte) => ofLiteral(byte)),
    lengths: Float64Array.from({ length: MAX_MATCH + 1 }, (_, length) => {
      if (length < MIN_LENGTH) return 0;
      const symbol = lengthSymbol(length);
      return ofLiteral(symbol) + lengthExtraBits(symbol);
    }),
    distances: Float64Array.from(distances, (_, symbol) => ofDistance(symbol) + distanceExtraBits(symbol)),
  };
}

function bitsOf(weights: readonly number[]): (symbol: number) => number {
  const sum = Math.log2(weights.reduce((all, weight) => all + weight, 0));
  return (symbol) => sum - Math.log2(Math.max(1, weights[symbol]!));
}

interface Choice {
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
  readonly lengths: readonly number[];
  readonly distances: Int32Array;
  /** From each place to the end. */
  readonly bits: Float64Array;
  readonly chosenLength: Uint16Array;
  readonly chosenMatch: Int32Array;
}

/** From the end back: the cheapest way to send what follows is known at each place. */
function* choose(choice: Choice, costs: Costs): Steps<void> {
  const { length } = choice.bytes;
  choice.bits[length] = 0;
  for (let here = length - 1; here >= 0; here--) {
    if (here % STEP === 0) yield;
    chooseAt(choice, costs, here);
  }
}

function chooseAt(
  { bits, bytes, chosenLength, chosenMatch, distances, ends, lengths }: Choice,
  costs: Costs,
  here: number,
): void {
  let best = costs.bytes[bytes[here]!]! + bits[here + 1]!;
  let bestLength = 1;
  let bestMatch = -1;
  const end = ends[here]!;
  let length = MIN_LENGTH;
  for (let match = here === 0 ? 0 : ends[here - 1]!; match < end; match++) {
    const ofDistance = costs.distances[distanceSymbol(distances[match]!)]!;
    for (const longest = lengths[match]!; length <= longest; length++) {
      const all = ofDistance + costs.lengths[length]! + bits[here + length]!;
      if (all >= best) continue;
      best = all;
      bestLength = length;
      bestMatch = match;
    }
  }
  bits[here] = best;
  chosenLength[here] = bestLength;
  chosenMatch[here] = bestMatch;
}
