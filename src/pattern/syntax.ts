/**
 * A regular expression of JavaScript as a tree: what it takes to say how long it may run, and to write it for another
 * engine.
 *
 * Only for those that JavaScript has taken: what is no pattern at all was found before.
 */
import { ANY, inBothCases, type Letters, LINE_ENDS, without } from './letters.ts';
import { type Reader, readUntil, takes, textSince } from './reader.ts';
import { readClass, readEscape } from './syntax-letters.ts';

export type Tree =
  | {
      readonly kind: 'letters';
      readonly letters: Letters;
      /** As it stands in the pattern, where its letters are those of a property of Unicode; `letters` is then all. */
      readonly property?: string;
    }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Tree[] }
  | {
      readonly kind: 'repeat';
      readonly inner: Tree;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: 'group'; readonly inner: Tree; readonly name?: string }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'no_boundary' }
  | { readonly kind: 'look'; readonly inner: Tree; readonly text: LookText }
  | { readonly kind: 'reference'; readonly text: string }
  /** What this module does not know. */
  | { readonly kind: 'other'; readonly text: string };

/** What a tree is made of, in its order. */
export function partsOf(tree: Tree): readonly Tree[] {
  if ('parts' in tree) return tree.parts;
  return 'inner' in tree ? [tree.inner] : [];
}

export type LookText = '(?=' | '(?!' | '(?<=' | '(?<!';

/** Deeper groups are nobody's pattern. */
const MAX_DEPTH = 100;

const OPENINGS = ['(?:', '(?=', '(?!', '(?<=', '(?<!'] as const;

export function parsePattern(source: string, flags: string): Tree {
  return readChoice({ letters: [...source], flags, at: 0, depth: 0 });
}

function readChoice(reader: Reader): Tree {
  const parts = [readSequence(reader)];
  while (takes(reader, '|')) parts.push(readSequence(reader));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts };
}

function readSequence(reader: Reader): Tree {
  const parts: Tree[] = [];
  for (;;) {
    const next = reader.letters[reader.at];
    if (next === undefined || next === '|' || next === ')') return { kind: 'sequence', parts };
    parts.push(readRepeat(reader, readAtom(reader)));
  }
}

function readRepeat(reader: Reader, inner: Tree): Tree {
  const times = readTimes(reader);
  return times === undefined ? inner : { kind: 'repeat', inner, ...times, isLazy: takes(reader, '?') };
}

function readTimes(reader: Reader): { readonly least: number; readonly most: number } | undefined {
  if (takes(reader, '*')) return { least: 0, most: Number.POSITIVE_INFINITY };
  if (takes(reader, '+')) return { least: 1, most: Number.POSITIVE_INFINITY };
  if (takes(reader, '?')) return { least: 0, most: 1 };
  const from = reader.at;
  if (!takes(reader, '{')) return undefined;
  const [, least, comma, most] = /^(\d{1,9})(,?)(\d{0,9})$/.exec(readUntil(reader, '}').slice(0, 20)) ?? [];
  if (least === undefined) {
    // Without the flag `u` a brace may stand for itself.
    reader.at = from;
    return undefined;
  }
  if (comma === '') return { least: Number(least), most: Number(least) };
  return { least: Number(least), most: most === '' ? Number.POSITIVE_INFINITY : Number(most) };
}

function readAtom(reader: Reader): Tree {
  const { flags, letters } = reader;
  if (letters[reader.at] === '(') return readGroup(reader);
  if (takes(reader, '^')) return { kind: 'start' };
  if (takes(reader, '$')) return { kind: 'end' };
  if (takes(reader, '.')) return { kind: 'letters', letters: flags.includes('s') ? ANY : without(LINE_ENDS) };
  const from = reader.at;
  const read = takes(reader, '[') ? readClass(reader) : takes(reader, '\\') ? readEscape(reader) : undefined;
  if (read === undefined) return { kind: 'letters', letters: cased(flags, one(letters[reader.at++] ?? '')) };
  if (read.kind === 'reference') return { kind: 'reference', text: textSince(reader, from) };
  if (read.kind !== 'letters') return { kind: read.kind };
  if (read.isProperty) return { kind: 'letters', letters: ANY, property: textSince(reader, from) };
  return { kind: 'letters', letters: cased(flags, read.letters) };
}

const one = (letter: string): Letters => {
  const code = letter.codePointAt(0) ?? 0;
  return [[code, code]];
};

const cased = (flags: string, letters: Letters): Letters =>
  flags.includes('i') ? inBothCases(letters) : letters;

function readGroup(reader: Reader): Tree {
  const from = reader.at;
  const opening = OPENINGS.find((text) => takes(reader, text));
  const name = opening === undefined && takes(reader, '(?<') ? readUntil(reader, '>') : undefined;
  const isOther = opening === undefined && name === undefined && takes(reader, '(?');
  if (opening === undefined && name === undefined && !isOther) reader.at++;
  const inner = reader.depth++ < MAX_DEPTH ? readChoice(reader) : skipAll(reader);
  reader.depth--;
  reader.at++;
  if (isOther) return { kind: 'other', text: textSince(reader, from) };
  if (opening === '(?:') return inner;
  if (opening !== undefined) return { kind: 'look', inner, text: opening };
  return { kind: 'group', inner, ...(name === undefined ? {} : { name }) };
}

function skipAll(reader: Reader): Tree {
  reader.at = reader.letters.length;
  return { kind: 'other', text: `groups nested deeper than ${MAX_DEPTH}` };
}
