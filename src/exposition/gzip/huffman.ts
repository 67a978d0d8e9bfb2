/**
 * A Huffman code for given weights, and how deflate describes it:
 * https://www.rfc-editor.org/rfc/rfc1951#section-3.2.2, https://www.rfc-editor.org/rfc/rfc1951#section-3.2.7
 */
import type { BitWriter } from './bit-writer.ts';
import { DISTANCES, LITERALS } from './symbols.ts';

/** By symbol. */
export interface Code {
  /** Number of bits, 0 for a symbol without a code. */
  readonly lengths: Uint8Array;
  /** Ready to be sent: codes go with their most significant bit first, everything else with the least. */
  readonly codes: Uint16Array;
}

/** What deflate allows. */
export const MAX_CODE_LENGTH = 15;

/** @param weights by symbol, at least two of them above 0 */
export function codeOf(weights: readonly number[], maxLength = MAX_CODE_LENGTH): Code {
  // Halving keeps the order.
  const symbols = [...weights.keys()]
    .filter((symbol) => weights[symbol]! > 0)
    .sort((one, other) => weights[one]! - weights[other]!);
  let lengths = lengthsOf(weights, symbols);
  // Flatter weights make the longest codes shorter; with equal ones none is longer than needed.
  for (let flat = weights; Math.max(...lengths) > maxLength; lengths = lengthsOf(flat, symbols))
    flat = flat.map((weight) => Math.ceil(weight / 2));
  return { lengths, codes: canonical(lengths) };
}

interface Node {
  readonly weight: number;
  readonly symbols: readonly number[];
}

/** @param symbols those that have a code, the rarest first */
function lengthsOf(weights: readonly number[], symbols: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = symbols.map((symbol): Node => ({ weight: weights[symbol]!, symbols: [symbol] }));
  // Those put together come out in the order of their weights, so two queues do.
  const joined: Node[] = [];
  let leaf = 0;
  let join = 0;
  const lightest = (): Node => {
    const one = leaves[leaf];
    const other = joined[join];
    if (one !== undefined && (other === undefined || one.weight <= other.weight)) {
      leaf++;
      return one;
    }
    join++;
    return other!;
  };
  for (let rest = leaves.length; rest > 1; rest--) {
    const [one, other] = [lightest(), lightest()];
    const both = [...one.symbols, ...other.symbols];
    for (const symbol of both) lengths[symbol]!++;
    joined.push({ weight: one.weight + other.weight, symbols: both });
  }
  return lengths;
}

function canonical(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let bits = 1; bits <= MAX_CODE_LENGTH; bits++, code <<= 1)
    for (let symbol = 0; symbol < lengths.length; symbol++)
      if (lengths[symbol] === bits) codes[symbol] = reversed(code++, bits);
  return codes;
}

function reversed(code: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((code >>> i) & 1) << (bits - 1 - i);
  return out;
}

/** Lengths of codes are symbols themselves; these stand for several of them. */
const REPEAT = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;
const EXTRA_BITS = new Map([
  [REPEAT, { base: 3, bits: 2 }],
  [ZEROS, { base: 3, bits: 3 }],
  [MANY_ZEROS, { base: 11, bits: 7 }],
]);
/** The order in which the lengths of the codes for lengths are sent. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_LENGTH_CODE = 7;

/** Writes what a block with these codes begins with, behind its type. */
export function putCodes(out: BitWriter, literals: Code, distances: Code): void {
  const literalCount = usedOf(literals, 257);
  const distanceCount = usedOf(distances, 1);
  const runs = runsOf([
    ...literals.lengths.subarray(0, literalCount),
    ...distances.lengths.subarray(0, distanceCount),
  ]);
  const weights = new Array<number>(ORDER.length).fill(0);
  for (const { symbol } of runs) weights[symbol]!++;
  // One code alone would have no bits.
  if (weights.filter((weight) => weight > 0).length === 1) weights[weights[0] === 0 ? 0 : 1] = 1;
  const { codes, lengths } = codeOf(weights, MAX_LENGTH_CODE);
  const sent = Math.max(4, ORDER.findLastIndex((symbol) => lengths[symbol]! > 0) + 1);
  out.put(literalCount - 257, 5);
  out.put(distanceCount - 1, 5);
  out.put(sent - 4, 4);
  for (const symbol of ORDER.slice(0, sent)) out.put(lengths[symbol]!, 3);
  for (const { count, symbol } of runs) {
    out.put(codes[symbol]!, lengths[symbol]!);
    const extra = EXTRA_BITS.get(symbol);
    if (extra !== undefined) out.put(count - extra.base, extra.bits);
  }
}

const usedOf = ({ lengths }: Code, least: number) =>
  Math.max(least, lengths.findLastIndex((length) => length > 0) + 1);

interface Run {
  readonly symbol: number;
  readonly count: number;
}

function runsOf(lengths: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at]!;
    let same = 1;
    while (lengths[at + same] === length) same++;
    at += same;
    if (length !== 0) {
      runs.push({ symbol: length, count: 1 });
      same--;
    }
    while (same >= 3) {
      const most = length === 0 ? 138 : 6;
      const count = Math.min(same, most);
      runs.push({ symbol: length !== 0 ? REPEAT : count > 10 ? MANY_ZEROS : ZEROS, count });
      same -= count;
    }
    for (; same > 0; same--) runs.push({ symbol: length, count: 1 });
  }
  return runs;
}

/** The most bits that {@link putCodes} writes. */
export const MAX_HEADER_BITS = 14 + ORDER.length * 3 + (LITERALS + DISTANCES) * MAX_LENGTH_CODE;
