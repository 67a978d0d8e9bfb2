/**
 * A regular expression as the steps of an engine that tries one way after the other: what it looks at next.
 */
import type { Letters } from './letters.ts';
import type { Tree } from './syntax.ts';

export type Step =
  | { readonly kind: 'letters'; readonly letters: Letters; readonly next: number }
  /** Without a letter: to each of these, one after the other. */
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  /** Into a repetition, or past it. */
  | { readonly kind: 'enter'; readonly body: number; readonly next: number }
  /** The end of one round: into another or on, but for a round of no letter, which leads nowhere. */
  | { readonly kind: 'again'; readonly body: number; readonly next: number }
  /** On only where a text or, with the flag `m`, a line begins. */
  | { readonly kind: 'start'; readonly next: number }
  | { readonly kind: 'end' };

export interface Automaton {
  readonly steps: readonly Step[];
  readonly first: number;
  /** Whether it takes all that it can take here: it has no condition that was left out. */
  readonly isExact: boolean;
}

/** The step at which a match is found. */
export const END = 0;

/** Repetitions are written out, and then this many is no pattern that a person reads. */
const MAX_STEPS = 1_000;

/** A look to the side that tries no more than this takes no time worth counting. */
const MAX_LOOK = 8;

/** Undefined when it has too many steps, or what this module cannot follow. */
export function compileAutomaton(tree: Tree): Automaton | undefined {
  const steps: Step[] = [{ kind: 'end' }];
  const first = append(steps, tree, END);
  return first === undefined ? undefined : { steps, first, isExact: isExact(tree) };
}

/** Puts the steps of a tree before those that there are; undefined when that cannot be done. */
function append(steps: Step[], tree: Tree, next: number): number | undefined {
  if (steps.length > MAX_STEPS) return undefined;
  const add = (step: Step): number => steps.push(step) - 1;
  switch (tree.kind) {
    case 'letters':
      return add({ kind: 'letters', letters: tree.letters, next });
    case 'sequence':
      return tree.parts.reduceRight<number | undefined>(
        (behind, part) => (behind === undefined ? undefined : append(steps, part, behind)),
        next,
      );
    case 'choice': {
      const ways = tree.parts.map((part) => append(steps, part, next));
      const known = ways.filter((way) => way !== undefined);
      return known.length < ways.length ? undefined : add({ kind: 'fork', next: known });
    }
    case 'repeat':
      return appendRepeat(steps, tree, next);
    case 'group':
      return append(steps, tree.inner, next);
    case 'start':
      return add({ kind: 'start', next });
    // As if they held: that is more ways than the engine tries, and a proof stays one.
    case 'end':
    case 'boundary':
    case 'no_boundary':
      return next;
    case 'look':
      return lookSize(tree.inner) <= MAX_LOOK ? next : undefined;
    case 'reference':
    case 'other':
      return undefined;
  }
}

function appendRepeat(
  steps: Step[],
  { inner, least, most }: Extract<Tree, { kind: 'repeat' }>,
  next: number,
): number | undefined {
  let at: number | undefined = next;
  if (most === Number.POSITIVE_INFINITY) {
    const again = { kind: 'again' as const, body: END, next };
    const body = append(steps, inner, steps.push(again) - 1);
    if (body === undefined) return undefined;
    again.body = body;
    at = steps.push({ kind: 'enter', body, next }) - 1;
  } else {
    for (let i = least; i < most && at !== undefined; i++) {
      const body = append(steps, inner, at);
      at = body === undefined ? undefined : steps.push({ kind: 'fork', next: [next, body] }) - 1;
    }
  }
  for (let i = 0; i < least && at !== undefined; i++) at = append(steps, inner, at);
  return at;
}

function isExact(tree: Tree): boolean {
  switch (tree.kind) {
    case 'letters':
      return tree.property === undefined;
    case 'sequence':
    case 'choice':
      return tree.parts.every(isExact);
    case 'repeat':
    case 'group':
      return isExact(tree.inner);
    default:
      return tree.kind === 'start';
  }
}

/** How many letters it looks at in all its ways; endless with a repetition. */
function lookSize(tree: Tree): number {
  switch (tree.kind) {
    case 'letters':
      return 1;
    case 'sequence':
    case 'choice':
      return tree.parts.reduce(
        (sum, part) => sum + lookSize(part),
        tree.parts.length > MAX_LOOK ? MAX_LOOK : 0,
      );
    case 'group':
      return lookSize(tree.inner);
    case 'start':
    case 'end':
    case 'boundary':
    case 'no_boundary':
      return 0;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
