/** Regular expressions of query files: none takes long, both engines mean the same, and what one lacks is said. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { effortOf } from '../../../src/pattern/effort.ts';
import { checked, compileEach, compilePattern } from '../../../src/pattern/pattern.ts';
import { re2Text } from '../../../src/pattern/re2-text.ts';
import { parsePattern } from '../../../src/pattern/syntax.ts';
import { cpuOf } from '../../support/cpu-time.ts';

/** Each would take JavaScript's engine seconds or for ever; with the letters that make it so. */
const SLOW = [
  ['.*.*=x', 'x'],
  ['(x+x+)+y', 'x'],
  ['^(?:a|a?)*b$', 'a'],
  ['(\\d+)\\.(\\d+)-', '1'],
  ['^(.*)source(.*)$', 'source\r'],
] as const;

for (const [source, letters] of SLOW)
  test(`no text takes long: ${source}`, async () => {
    const pattern = checked(compilePattern(source));
    const text = letters.repeat(4096 / letters.length);
    pattern.exec(text);
    const { cpuMs, value } = await cpuOf(() => pattern.exec(text));
    assert.equal(value, null);
    assert.ok(cpuMs < 50, `${cpuMs} ms of CPU`);
  });

const REFUSED = [
  ['a(', /^this is no valid regular expression$/],
  ['(?=.*x).*y', /RE2.*does not have \(\?=\.\.\.\): match what stands there too/],
  ['.*(?<!x)y', /does not have \(\?<!\.\.\.\)/],
  ['(.)\\1', /does not have \\1, which repeats what a group took: write the alternatives out/],
  ['(?<q>.)\\k<q>', /does not have \\k<q>/],
  ['x{1001}', /does not have repetitions of more than 1000: write \* or \+/],
  ['.*\\p{Script=Greek}', /letters in brackets for a property of Unicode/],
] as const;

for (const [source, message] of REFUSED)
  test(`refused: ${source}`, () => {
    const compiled = compilePattern(source);
    assert.match(compiled.ok ? '' : compiled.message, message);
  });

test('all matches: on either engine, or refused where neither is sure to end soon', () => {
  const all = (source: string) => checked(compileEach(source)).all('a=1,bb=2', () => true);
  const pairs = [
    ['a=1', 'a', '1'],
    ['bb=2', 'bb', '2'],
  ];
  for (const source of ['(\\w+)=(\\d+)', '\\b(\\w+)=(\\d+)'])
    assert.deepEqual(
      all(source)?.map((match) => [...match]),
      pairs,
    );
  const blown = compileEach('x[xy]{40}z');
  assert.match(blown.ok ? '' : blown.message, /^with each: true this expression could take very long/);
});

const parts = fc.constantFrom(
  ...[
    'a',
    'b',
    'ab',
    '.',
    '\\d',
    '\\s',
    '\\S',
    '\\w',
    '\\W',
    '[^a-c]',
    '[\\d-]',
    '\\b',
    '\\B',
    '^',
    '$',
    'ä',
    '\\u{1f600}',
    '\\x61',
    '-',
  ],
);
const sources = fc
  .array(
    fc.tuple(parts, fc.constantFrom('', '', '*', '+?', '{0,2}', '?'), fc.constantFrom('', '|', '(', ')')),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((list) => list.map(([part, times, sign]) => part + times + sign).join(''))
  .filter((source) => {
    try {
      return new RegExp(source, 'u') !== undefined;
    } catch {
      return false;
    }
  });

test('what runs on RE2 means what it means in JavaScript', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'abc d1-.\n\r\v\u00a0\u2028äÄ😀_'), maxLength: 12 });
  fc.assert(
    fc.property(sources, texts, (source, text) => {
      // A group in a repetition is what the two may differ in, and these have none.
      const translated = re2Text(parsePattern(source, 'u'));
      fc.pre(translated.ok);
      const found = checked(compilePattern(`${source}|(?:x*)*y`)).exec(text);
      const expected = new RegExp(source, 'u').exec(text);
      // V8 (Node.js 20 and 24) finds \B between the halves of a letter, where the language has no place to match.
      fc.pre(expected === null || !isInsideLetter(text, expected.index));
      assert.deepEqual(found && [...found], expected && [...expected]);
    }),
    { numRuns: 3_000, examples: [['\\Ba{0,2}', 'a😀a']] },
  );
});

const isInsideLetter = (text: string, index: number): boolean =>
  index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff;

test('the pattern of the test before this one is one for RE2', () => {
  assert.equal(effortOf('a|(?:x*)*y'), undefined);
});

test('RE2 is loaded for the first pattern that needs it, and not before', () => {
  const program = `
    import { createRequire } from 'node:module';
    import { compilePattern } from './src/pattern/pattern.ts';
    const { cache } = createRequire(import.meta.url);
    const isLoaded = () => Object.keys(cache).some((file) => file.includes('re2js'));
    const states = [compilePattern('^com_(.*)$').ok, isLoaded(), compilePattern('.*.*=x').ok, isLoaded()];
    console.log(states.join());`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  assert.equal(stdout.trim(), 'true,false,true,true');
});
