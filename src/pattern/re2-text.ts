/**
 * A regular expression of JavaScript in the syntax of RE2, with the same meaning.
 *
 * Sets of characters are written out, since the two engines differ in what `.` and `\s` are. What is left: a group
 * within a repetition keeps the text of an earlier round when it has none in the last.
 * https://github.com/google/re2/wiki/Syntax
 */
import { type Parsed, parsed, refused } from '../diagnostics/parsed.ts';
import type { Letters } from './letters.ts';
import type { Tree } from './syntax.ts';

/** Above this RE2 refuses. */
const MAX_TIMES = 1_000;

/** Fails with what it has that RE2 cannot do, and what to write instead. */
export function re2Text(tree: Tree): Parsed<string> {
  const problem = problemOf(tree);
  return problem === undefined ? parsed(textOf(tree)) : refused(problem);
}

function problemOf(tree: Tree): string | undefined {
  switch (tree.kind) {
    case 'sequence':
    case 'choice':
      return tree.parts.map(problemOf).find((problem) => problem !== undefined);
    case 'group':
      return problemOf(tree.inner);
    case 'repeat':
      if (tree.least > MAX_TIMES || (tree.most > MAX_TIMES && tree.most !== Number.POSITIVE_INFINITY))
        return `repetitions of more than ${MAX_TIMES}: write * or +`;
      return problemOf(tree.inner);
    case 'look':
      return `${tree.text}...): match what stands there too, and put what is wanted into a group`;
    case 'reference':
      return `${tree.text}, which repeats what a group took: write the alternatives out`;
    case 'other':
      return `${tree.text.slice(0, 40)}: write it without`;
    default:
      return undefined;
  }
}

function textOf(tree: Tree): string {
  switch (tree.kind) {
    case 'letters':
      return tree.property?.replaceAll(CODE, '\\x{$1}') ?? classOf(tree.letters);
    case 'sequence':
      return tree.parts.map(textOf).join('');
    case 'choice':
      return `(?:${tree.parts.map(textOf).join('|')})`;
    case 'repeat':
      return `(?:${textOf(tree.inner)})${timesOf(tree)}${tree.isLazy ? '?' : ''}`;
    case 'group':
      return `(${textOf(tree.inner)})`;
    case 'start':
      return '\\A';
    case 'end':
      return '\\z';
    case 'boundary':
      return '\\b';
    case 'no_boundary':
      return '\\B';
    // What problemOf() has refused.
    case 'look':
    case 'reference':
    case 'other':
      return '';
  }
}

function timesOf({ least, most }: Extract<Tree, { kind: 'repeat' }>): string {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`;
  return `{${least},${most}}`;
}

/** `\uHHHH` and `\u{H}`. */
const CODE = /\\u\{?([0-9a-fA-F]{1,6})\}?/g;

const NONE = '[^\\x{0}-\\x{10FFFF}]';

function classOf(letters: Letters): string {
  if (letters.length === 0) return NONE;
  const code = (letter: number) => `\\x{${letter.toString(16)}}`;
  return `[${letters.map(([first, last]) => `${code(first)}-${code(last)}`).join('')}]`;
}
