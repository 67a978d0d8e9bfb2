/**
 * No regular expression of the program takes longer than in proportion to its text, whoever sends that.
 *
 * It is proven for nearly all; the table names those for which it is not, and why they are quick. Both are tried.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effortOf } from '../../../src/pattern/effort.ts';
import { parsePattern, partsOf, type Tree } from '../../../src/pattern/syntax.ts';
import { cpuOf } from '../../support/cpu-time.ts';
import { patternsIn, type SourcePattern } from './source-patterns.ts';

interface Accepted {
  readonly file: string;
  readonly pattern: RegExp;
  readonly why: string;
  /** The longest text that it gets; a megabyte when undefined. */
  readonly most?: number;
  /** What it is tried on besides its own letters. */
  readonly worst: readonly string[];
}

const ACCEPTED: readonly Accepted[] = [
  {
    file: 'src/config/yaml/expand.ts',
    pattern: /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-((?:[^$}]|\$\$|\$(?![{$]))*))?\}|\$\{/g,
    why: 'a default holds no `${`, and a pair of dollars is taken at once, so no two searches read the same letters',
    worst: ['${A:-', '${A:-$', '$${A:-', '$$${A:-x', '${A:-$$'],
  },
  ...[/(\d+)\.(\d+)\.(\d+)-mariadb/i, /(\d+)\.(\d+)(?:\.(\d+))?/].map((pattern) => ({
    file: 'src/mysql/connect/server-version.ts',
    pattern,
    why: 'only the beginning of a version is looked at',
    most: 256,
    worst: ['1', '1.1', '1.1.1-'],
  })),
  {
    file: 'src/mysql/failure.ts',
    pattern: /unknown plugin (.+?)(?:\. See |$)/s,
    why: 'the first place where it begins is a match: any text ends',
    worst: ['unknown plugin ', 'unknown plugin x. See'],
  },
];

/** Made at run time: for operators, by the module that asks for a proof itself. */
const MADE = ['src/pattern/pattern.ts: new RegExp(source, flags)'];

const found = patternsIn('src');
const patterns = found.filter((pattern) => typeof pattern !== 'string');
const isAccepted = ({ file, flags, source }: SourcePattern) =>
  ACCEPTED.some(
    ({ file: at, pattern }) => at === file && pattern.source === source && pattern.flags === flags,
  );
const isProven = ({ flags, source }: SourcePattern) => effortOf(source, flags) !== undefined;

test('all expressions are found', () => {
  assert.deepEqual(
    found.filter((pattern) => typeof pattern === 'string'),
    MADE,
  );
  assert.ok(patterns.length > 100, `${patterns.length}`);
});

test('each expression is proven to be quick, or accepted for a reason', () => {
  const others = patterns.filter((pattern) => !isProven(pattern) && !isAccepted(pattern));
  assert.deepEqual(others, []);
});

test('nothing is accepted that is proven, or gone', () => {
  const needed = patterns.filter((pattern) => isAccepted(pattern) && !isProven(pattern));
  assert.equal(needed.length, ACCEPTED.length);
});

test('what takes the square of its text is found', () => {
  for (const source of ['(x+x+)+y', '^[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?$', '\\s*;\\s*'])
    assert.equal(effortOf(source, ''), undefined, source);
});

const MEGABYTE = 1_000_000;
const MOST_MS = 50;

for (const pattern of patterns)
  test(`a megabyte takes less than ${MOST_MS} ms: ${pattern.file} ${pattern.source}`, async () => {
    const { flags, source } = pattern;
    // Such a one may take for ever, however short its text is.
    assert.ok(isProven(pattern) || isAccepted(pattern), 'neither proven to be quick, nor accepted');
    const most = ACCEPTED.find((one) => one.pattern.source === source)?.most ?? MEGABYTE;
    const expression = new RegExp(source, flags);
    for (const part of worstOf(pattern))
      for (const end of ['', '\0', '\n']) {
        const { cpuMs, letters } = await firstAboveShare(expression, { part, end, most });
        assert.ok(
          cpuMs < MOST_MS,
          `${JSON.stringify(part)} and ${JSON.stringify(end)}, ${letters} letters: ${cpuMs} ms of CPU`,
        );
      }
  });

test('one that takes the square of its text fails in seconds', async () => {
  const tried = await cpuOf(() => firstAboveShare(/a+b/, { part: 'a', end: '', most: MEGABYTE }));
  assert.ok(tried.value.cpuMs >= MOST_MS, `${tried.value.cpuMs} ms`);
  assert.ok(tried.value.letters < MEGABYTE, `${tried.value.letters} letters`);
  assert.ok(tried.cpuMs < 20_000, `${tried.cpuMs} ms`);
});

interface Tried {
  readonly letters: number;
  readonly cpuMs: number;
}

/**
 * Of texts that grow up to the longest: the first that takes what only the longest may take. The square of a megabyte is
 * ten minutes; that of the steps before it is seconds at most.
 */
async function firstAboveShare(
  expression: RegExp,
  { end, most, part }: { readonly part: string; readonly end: string; readonly most: number },
): Promise<Tried> {
  for (let letters = Math.min(most, 1_000); ; letters = Math.min(most, 4 * letters)) {
    const text = part.repeat(Math.ceil(letters / part.length)).slice(0, letters);
    const cpuMs = await leastCpuMs(() => searched(expression, text + end));
    if (letters === most || cpuMs >= MOST_MS) return { letters, cpuMs };
  }
}

/** Garbage of other tests is collected in the time of this one, but not each time. */
async function leastCpuMs(work: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && least >= MOST_MS; i++) least = Math.min(least, (await cpuOf(work)).cpuMs);
  return least;
}

/** One match, or the first thousand of all. */
function searched(expression: RegExp, text: string): void {
  expression.lastIndex = 0;
  for (let i = 0; i < 1_000 && expression.exec(text) !== null && expression.global; i++);
}

/** Letters that it takes, alone and one behind the other. */
function worstOf(pattern: SourcePattern): readonly string[] {
  const letters = lettersOf(parsePattern(pattern.source, pattern.flags));
  const accepted = ACCEPTED.find((one) => one.pattern.source === pattern.source)?.worst ?? [];
  return [...new Set([...letters.slice(0, 6), letters.join(''), ...accepted])].filter((part) => part !== '');
}

function lettersOf(tree: Tree): readonly string[] {
  if (tree.kind !== 'letters') return partsOf(tree).flatMap(lettersOf);
  const [first] = tree.letters;
  // A letter in the middle of a range is one that others take too.
  return first === undefined ? [] : [String.fromCodePoint(tree.property ? 0x61 : Math.min(first[1], 0x7a))];
}
