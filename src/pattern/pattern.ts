/**
 * Regular expressions of query files. An operator writes them, servers send the texts, and all targets share one
 * thread: so none may take longer than in proportion to its text.
 *
 * JavaScript's own engine is the faster one for short texts (0.1 to 0.2 µs a match, RE2 0.5 to 6), and for some
 * patterns it takes the square of the time, or never ends. It runs those that are proven not to; all others run on RE2.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RE2JS } from 're2js';
import { type Parsed, parsed, refused } from '../diagnostics/parsed.ts';
import { effortOf, hasFewStates } from './effort.ts';
import { re2Text } from './re2-text.ts';
import { parsePattern, partsOf, type Tree } from './syntax.ts';

/** The whole match, then its groups; undefined for one that took no part. */
export type Match = readonly (string | undefined)[];

/** Steps of JavaScript's engine for one letter of a text, at most; such a step takes about 2 ns. */
export interface Effort {
  readonly effort: number;
  /** Further ones for each letter of a match, to find where its groups are. */
  readonly groupEffort: number;
}

interface Shape extends Effort {
  /** The named groups and their places in a match. */
  readonly names: ReadonlyMap<string, number>;
  /** Groups, without the whole match. */
  readonly groups: number;
  /** Whether it has a capital letter by itself, not as one of a set. */
  readonly hasCapital: boolean;
}

export interface Pattern extends Shape {
  /** The first match. */
  readonly exec: (text: string) => Match | null;
}

/** A pattern of which all matches are wanted. */
export interface EachPattern extends Shape {
  /** One behind the other; undefined when `spend` says that so many steps may not be taken. */
  readonly all: (text: string, spend: Spend) => readonly Match[] | undefined;
}

export type Spend = (steps: number) => boolean;

/**
 * RE2 remembers what each letter leads to where it can, and then takes a step or less for each. Where it cannot, and for
 * the groups of a match, each instruction of its program may take 80 ns for each letter: so it was at the worst of ten
 * patterns that were made for it (re2js 2.10, Node 20).
 */
const RE2_EFFORT = 2;
const RE2_EFFORT_OF_INSTRUCTION = 40;

/** Fails with a message for whoever wrote the pattern. */
export function compilePattern(source: string): Parsed<Pattern> {
  return remember(`first ${source}`, compileFirst, source);
}

/** For all matches. */
export function compileEach(source: string): Parsed<EachPattern> {
  return remember(`each ${source}`, compileAll, source);
}

/** Of a pattern that was checked at load. */
export function checked<T extends Shape>(compiled: Parsed<T>): T {
  if (!compiled.ok) throw new Error(`a pattern that was not checked: ${compiled.message}`);
  return compiled.value;
}

/** Patterns that are remembered: a file is checked, then compiled for each target that has parameters of its own. */
const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, Parsed<Shape>>();

function remember<T extends Shape>(
  key: string,
  compile: (source: string) => Parsed<T>,
  source: string,
): Parsed<T> {
  const known = remembered.get(key);
  // The key says which of the two it is.
  if (known !== undefined) return known as Parsed<T>;
  const compiled = compile(source);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, compiled);
  return compiled;
}

const INVALID = refused('this is no valid regular expression');

function compileFirst(source: string): Parsed<Pattern> {
  const own = compileOwn(source, 'u');
  if (own === undefined) return INVALID;
  const effort = effortOf(source, 'u');
  const tree = parsePattern(source, 'u');
  return effort === undefined
    ? compileRe2(source, tree)
    : parsed({ ...shapeOf(tree), effort, groupEffort: 0, exec: (text) => own.exec(text) });
}

function compileAll(source: string): Parsed<EachPattern> {
  const own = compileOwn(source, 'gu');
  if (own === undefined) return INVALID;
  const tree = parsePattern(source, 'u');
  const effort = effortOf(source, 'gu');
  if (effort === undefined) return hasFewStates(source) ? compileRe2(source, tree) : refused(EACH_IS_SLOW);
  const all: EachPattern['all'] = (text, spend) =>
    spend(effort * text.length) ? [...text.matchAll(own)] : undefined;
  return parsed({ ...shapeOf(tree), effort, groupEffort: 0, all });
}

const EACH_IS_SLOW =
  'with each: true this expression could take very long for some texts: begin it with what its first repetition does ' +
  'not match, as in (?:^|,)(?<name>\\w+)=, and let no repetition match what the next one matches too';

function compileOwn(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

function shapeOf(tree: Tree): Omit<Shape, keyof Effort> {
  const groups = groupsOf(tree);
  const names = groups.flatMap((name, i) => (name === undefined ? [] : [[name, i + 1] as const]));
  return { groups: groups.length, names: new Map(names), hasCapital: hasCapital(tree) };
}

/** The names of the groups in their order, undefined for one without. */
function groupsOf(tree: Tree): readonly (string | undefined)[] {
  return [...(tree.kind === 'group' ? [tree.name] : []), ...partsOf(tree).flatMap(groupsOf)];
}

function hasCapital(tree: Tree): boolean {
  if (tree.kind !== 'letters') return partsOf(tree).some(hasCapital);
  const [[first, last] = [0, 0], ...others] = tree.letters;
  return others.length === 0 && first === last && first >= 0x41 && first <= 0x5a;
}

let engine: typeof RE2JS | undefined;

/** Loaded for the first pattern that needs it: it takes 100 ms, and the shipped sets do without. */
function loadEngine(): typeof RE2JS {
  const load = createRequire(import.meta.url);
  engine ??= (load(fileURLToPath(import.meta.resolve('re2js'))) as typeof import('re2js')).RE2JS;
  return engine;
}

const NEEDS_RE2 =
  'this expression could take very long for some texts, so it runs on another engine (RE2), which ';

function compileRe2(source: string, tree: Tree): Parsed<Pattern & EachPattern> {
  const text = re2Text(tree);
  if (!text.ok) return refused(`${NEEDS_RE2}does not have ${text.message}`);
  const pattern = compileText(text.value);
  if (pattern === undefined)
    return refused(
      `${NEEDS_RE2}does not take it: write * or + for large repetitions, and letters in brackets for a property of Unicode`,
    );
  const groupEffort = RE2_EFFORT_OF_INSTRUCTION * pattern.programSize();
  const effort = hasFewStates(source) ? RE2_EFFORT : groupEffort;
  return parsed({
    ...shapeOf(tree),
    effort,
    groupEffort,
    exec: (searched) => pattern.exec(searched),
    all: (searched, spend) => allOf(pattern, searched, { effort, groupEffort }, spend),
  });
}

/** RE2 may look through the rest of the text for each match. */
function allOf(
  pattern: RE2JS,
  text: string,
  { effort, groupEffort }: Effort,
  spend: Spend,
): readonly Match[] | undefined {
  const matches: Match[] = [];
  let at = 0;
  if (!spend(effort * text.length)) return undefined;
  for (const match of pattern.matchAll(text)) {
    matches.push(match);
    const end = (match.index ?? 0) + match[0].length;
    if (!spend(groupEffort * (end - at) + effort * (text.length - end))) return undefined;
    at = end;
  }
  return matches;
}

function compileText(text: string): RE2JS | undefined {
  try {
    return loadEngine().compile(text);
  } catch {
    return undefined;
  }
}
