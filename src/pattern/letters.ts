/**
 * Sets of characters of regular expressions, as ranges of code points.
 */

/** First and last of each range. */
export type Letters = readonly (readonly [number, number])[];

const LAST = 0x10_ff_ff;

export const ANY: Letters = [[0, LAST]];
export const LINE_ENDS: Letters = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x20_28, 0x20_29],
];
export const DIGITS: Letters = [[0x30, 0x39]];
export const WORD: Letters = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** White space and ends of lines: https://tc39.es/ecma262/#prod-WhiteSpace */
export const SPACE: Letters = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff],
];

export function without(letters: Letters): Letters {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [first, last] of [...letters].sort(([a], [b]) => a - b)) {
    if (first > next) rest.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  return next > LAST ? rest : [...rest, [next, LAST]];
}

/**
 * With the other case of each. Beyond ASCII any letter is taken for the other case of any: more than JavaScript
 * matches, and what is proven of more letters holds for fewer.
 */
export function inBothCases(letters: Letters): Letters {
  const others: [number, number][] = [];
  for (const [first, last] of letters) {
    for (const [from, to, distance] of CASES) {
      const [low, high] = [Math.max(first, from), Math.min(last, to)];
      if (low <= high) others.push([low + distance, high + distance]);
    }
    for (const [ascii, alike] of ALIKE) {
      if (first <= alike && alike <= last) others.push([ascii, ascii]);
      if (first <= ascii && ascii <= last) others.push([alike, alike]);
    }
    if (last > 0x7f) others.push([0x80, LAST]);
  }
  return [...letters, ...others];
}

const CASES = [
  [0x41, 0x5a, 0x20],
  [0x61, 0x7a, -0x20],
] as const;

/** The letters of ASCII that have another beyond it: K and the Kelvin sign, s and the long s. */
const ALIKE = [
  [0x4b, 0x21_2a],
  [0x6b, 0x21_2a],
  [0x53, 0x1_7f],
  [0x73, 0x1_7f],
] as const;

export const includes = (letters: Letters, letter: number): boolean =>
  letters.some(([first, last]) => first <= letter && letter <= last);
