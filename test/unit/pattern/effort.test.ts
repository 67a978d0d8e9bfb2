/** Which regular expressions are proven to take time in proportion to their text, and that the proof holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { effortOf } from '../../../src/pattern/effort.ts';
import { parsePattern, type Tree } from '../../../src/pattern/syntax.ts';

const FEW = [
  '^com_(.*)$',
  '^([^.]*)\\.(.*)$',
  '(\\w+)',
  '^(?:counter|gauge)_buffer_page_(read|written)_(.*)$',
  '(?:^|,)\\s*(?<domain_id>\\d+)-(?<server_id>\\d+)-(?<sequence>\\d+)\\s*(?=,|$)',
  '\\.(?<number>\\d+)$',
  ':max:(?<most>\\d+[KMGkmg]?)',
  '^\\p{L}+:',
  '^[\\u{1f600}-\\u{1f64f}]+x',
  '^[\\]\\-a]*b',
] as const;

const MANY = [
  '(x+x+)+y',
  '.*.*=x',
  '^(a*)*$',
  '^(?:a?b?)*$',
  '^(?:a|ab|b)*$',
  '^(?:a?){40}$',
  '^\\d+\\.?\\d*$',
  '\\d+-',
  '\\s+$',
  '^(.*)source(.*)$',
  '^(a)\\1$',
  '^(?=.*x)y',
  '^\\p{L}+\\p{N}+x',
  '[^@]+@',
] as const;

for (const source of FEW)
  test(`few ways: ${source}`, () => {
    assert.ok((effortOf(source) ?? 99) <= 8, `${effortOf(source)}`);
  });

for (const source of MANY)
  test(`too many ways: ${source}`, () => {
    assert.equal(effortOf(source), undefined);
  });

test('flags count: one match is cheaper than all, a sticky one than any, and a case may join two letters', () => {
  assert.deepEqual(
    [effortOf('(\\w+)', 'u'), effortOf('a*', 'gu'), effortOf('\\d+-', 'yu'), effortOf('^a+A+$', 'iu')].map(
      (effort) => effort !== undefined,
    ),
    [true, false, true, false],
  );
  assert.notEqual(effortOf('^a+$', 'gmu'), undefined);
  assert.equal(effortOf('^\\s+$', 'gmu'), undefined);
});

/** Patterns of three letters, in which repetitions meet often. */
const patterns = fc.letrec<{ readonly pattern: string; readonly atom: string }>((tie) => ({
  atom: fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', '[ab]', '[^a]', '.', '^', '$', '\\w', '(?=b)'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  pattern: fc
    .array(
      fc.tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{0,2}', '{2}', '*?', '+?', '|')),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) =>
      parts
        .map(([atom, times]) => atom + (/^[\^$(]/.test(atom) && !/^\((?!\?=)/.test(atom) ? '' : times))
        .join(''),
    ),
})).pattern;

const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 30 }),
  // What repeats is the worst.
  fc
    .tuple(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 }), fc.nat(12))
    .map(([part, times]) => `${part.repeat(times)}c`),
);

test('an engine that tries one way after the other looks at no more letters than was said', () => {
  fc.assert(
    fc.property(patterns, texts, (source, text) => {
      const effort = effortOf(source);
      // Without a proof neither engine need come to an end.
      fc.pre(effort !== undefined);
      const { found, looks } = search(parsePattern(source, 'u'), text);
      assert.equal(
        found,
        new RegExp(source, 'u').exec(text)?.[0],
        'the engine of this test is that of JavaScript',
      );
      // One more for each place where a match may begin, and for the end of the text.
      assert.ok(looks <= effort * (text.length + 1), `${looks} looks, said were ${effort} a letter`);
    }),
    { numRuns: 2_000 },
  );
});

/** For a text of forty letters. */
const MAX_LOOKS = 10_000;

interface Search {
  readonly text: string;
  looks: number;
}

/** What is left to be done at a place in the text; whether it leads to a match. */
type Then = (at: number) => boolean;

/** The textbook's matcher with backtracking, which counts. */
function search(tree: Tree, text: string): { readonly found: string | undefined; readonly looks: number } {
  const searching = { text, looks: 0 };
  for (let from = 0; from <= text.length; from++) {
    let end = -1;
    const isFound = match(tree, searching, from, (at) => {
      end = at;
      return true;
    });
    if (isFound) return { found: text.slice(from, end), looks: searching.looks };
  }
  return { found: undefined, looks: searching.looks };
}

function match(tree: Tree, searching: Search, at: number, then: Then): boolean {
  const { text } = searching;
  switch (tree.kind) {
    case 'letters': {
      searching.looks++;
      if (searching.looks > MAX_LOOKS) throw new Error('more looks than any proof allows');
      const code = text.codePointAt(at);
      return code !== undefined && tree.letters.some(([a, b]) => a <= code && code <= b) && then(at + 1);
    }
    case 'sequence':
      return tree.parts.reduceRight<Then>(
        (next, part) => (here) => match(part, searching, here, next),
        then,
      )(at);
    case 'choice':
      return tree.parts.some((part) => match(part, searching, at, then));
    case 'group':
      return match(tree.inner, searching, at, then);
    case 'repeat':
      return repeat(tree, searching, at, 0, then);
    case 'start':
      return at === 0 && then(at);
    case 'end':
      return at === text.length && then(at);
    case 'look':
      // Its looks do not count: it has few, whatever the text.
      return match(tree.inner, { text, looks: 0 }, at, () => true) && then(at);
    default:
      throw new Error(`no pattern of this test has ${tree.kind}`);
  }
}

function repeat(
  tree: Extract<Tree, { kind: 'repeat' }>,
  searching: Search,
  at: number,
  round: number,
  then: Then,
): boolean {
  const again = () =>
    round < tree.most &&
    match(tree.inner, searching, at, (here) =>
      here === at && round >= tree.least ? false : repeat(tree, searching, here, round + 1, then),
    );
  if (round < tree.least) return again();
  return tree.isLazy ? then(at) || again() : again() || then(at);
}
