/**
 * What stands for one character in a regular expression: escapes, and classes in brackets.
 */
import { ANY, DIGITS, type Letters, SPACE, WORD, without } from './letters.ts';
import { type Reader, readUntil, takes } from './reader.ts';

export type Escape =
  | {
      readonly kind: 'letters';
      readonly letters: Letters;
      /** Whether they are those of a property of Unicode, which has no list here: `letters` is all there are. */
      readonly isProperty: boolean;
    }
  | { readonly kind: 'boundary' | 'no_boundary' | 'reference' };

const SETS: ReadonlyMap<string, Letters> = new Map([
  ['d', DIGITS],
  ['D', without(DIGITS)],
  ['w', WORD],
  ['W', without(WORD)],
  ['s', SPACE],
  ['S', without(SPACE)],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
  ['0', 0],
]);

const letters = (of: Letters, isProperty = false): Escape => ({ kind: 'letters', letters: of, isProperty });
const one = (code: number): Escape => letters([[code, code]]);

/** From behind the backslash. */
export function readEscape(reader: Reader): Escape {
  const next = reader.letters[reader.at++] ?? '';
  const set = SETS.get(next);
  if (set !== undefined) return letters(set);
  if (next === 'b') return { kind: 'boundary' };
  if (next === 'B') return { kind: 'no_boundary' };
  if (next === 'k') {
    readUntil(reader, '>');
    return { kind: 'reference' };
  }
  if (/^[1-9]$/.test(next)) {
    while (/^\d$/.test(reader.letters[reader.at] ?? '')) reader.at++;
    return { kind: 'reference' };
  }
  if (next === 'p' || next === 'P') {
    readUntil(reader, '}');
    return letters(ANY, true);
  }
  return one(readCode(reader, next));
}

function readCode(reader: Reader, next: string): number {
  if (next === 'c') return (reader.letters[reader.at++]?.codePointAt(0) ?? 0) % 32;
  if (next === 'x') return readHex(reader, 2);
  if (next === 'u' && takes(reader, '{')) return Number.parseInt(readUntil(reader, '}'), 16);
  if (next === 'u') {
    const high = readHex(reader, 4);
    if (high < 0xd8_00 || high > 0xdb_ff || !takes(reader, '\\u')) return high;
    return (high - 0xd8_00) * 0x4_00 + (readHex(reader, 4) - 0xdc_00) + 0x1_00_00;
  }
  return CONTROLS.get(next) ?? next.codePointAt(0) ?? 0;
}

function readHex(reader: Reader, length: number): number {
  const text = reader.letters.slice(reader.at, reader.at + length).join('');
  reader.at += length;
  return Number.parseInt(text, 16);
}

/** From behind the bracket that opens it. */
export function readClass(reader: Reader): Escape {
  const isNegated = takes(reader, '^');
  const found: (readonly [number, number])[] = [];
  let isProperty = false;
  while (reader.at < reader.letters.length && !takes(reader, ']')) {
    const item = readItem(reader);
    isProperty ||= item.isProperty;
    const from = reader.at;
    const isRange = takes(reader, '-') && reader.letters[reader.at] !== ']';
    const last = isRange ? readItem(reader) : undefined;
    if (last === undefined) reader.at = from;
    isProperty ||= last?.isProperty ?? false;
    if (last === undefined || item.isSet || last.isSet) found.push(...item.letters, ...(last?.letters ?? []));
    else found.push([item.letters[0]?.[0] ?? 0, last.letters[0]?.[0] ?? 0]);
  }
  if (isProperty) return letters(ANY, true);
  return letters(isNegated ? without(found) : found);
}

interface Item {
  readonly letters: Letters;
  readonly isSet: boolean;
  readonly isProperty: boolean;
}

function readItem(reader: Reader): Item {
  const literal = reader.letters[reader.at++] ?? '';
  if (literal !== '\\') {
    const code = literal.codePointAt(0) ?? 0;
    return { letters: [[code, code]], isSet: false, isProperty: false };
  }
  if (takes(reader, 'b')) return { letters: [[8, 8]], isSet: false, isProperty: false };
  const read = readEscape(reader);
  if (read.kind !== 'letters') return { letters: ANY, isSet: true, isProperty: true };
  return {
    ...read,
    isSet: read.letters.length !== 1 || read.letters[0]?.[0] !== read.letters[0]?.[1],
  };
}
