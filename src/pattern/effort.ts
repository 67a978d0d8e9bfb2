/**
 * How long an engine that tries one way after the other may take for a regular expression.
 *
 * Such an engine is fast, and for some patterns it takes time with the square of a text, or doubles it with each
 * character. What it does is to follow, for every place where a match may begin, every way through the pattern; so its
 * work is the number of ways that are open at each letter. All sets of open ways that any text can lead to are visited
 * here. If there are few, and none has many ways, that is the proof: the work is at most so many ways per letter.
 */
import { type Automaton, compileAutomaton, END, type Step } from './automaton.ts';
import { includes, type Letters, LINE_ENDS } from './letters.ts';
import { parsePattern } from './syntax.ts';

/** More ways than this at one letter are as good as endless. */
const MAX_WAYS = 64;
/** Sets of ways that are visited: some milliseconds. */
const MAX_VISITED = 1_000;
/** And the work for them. */
const MAX_WORK = 300_000;

/**
 * How many letters are looked at for each letter of a text, at most; undefined when that has no bound, or none that is
 * easily found.
 *
 * @param flags of those that JavaScript knows `i`, `m`, `s` and `y` count
 */
export function effortOf(source: string, flags = 'u'): number | undefined {
  const automaton = compileAutomaton(parsePattern(source, flags));
  return automaton === undefined ? undefined : visitAll(automaton, flags, false);
}

/**
 * Whether an engine that follows all ways at once meets few sets of them, so that it can remember what each letter
 * leads to.
 */
export function hasFewStates(source: string): boolean {
  const automaton = compileAutomaton(parsePattern(source, 'u'));
  return automaton !== undefined && visitAll(automaton, 'u', true) !== undefined;
}

/** The ways that are open: the step that looks at the next letter, and how many ways have come to it. */
type Ways = ReadonlyMap<number, number>;

/** Stands for the places where no match has begun yet. */
const BEFORE = -1;

/** @param once whether ways that come to the same step are one */
function visitAll(automaton: Automaton, flags: string, once: boolean): number | undefined {
  const letters = alphabetOf(automaton, flags.includes('m'));
  const behind = behindSteps(automaton, flags);
  // Where one match is sure to be found, no later one is looked for.
  const isLast = (ways: Ways) => automaton.isExact && !flags.includes('g') && ways.has(END);
  const first = behind(BEFORE, true);
  if (first === undefined) return undefined;
  const waiting: Ways[] = [first];
  const visited = new Set([keyOf(first)]);
  let most = 0;
  let work = 0;
  for (let ways = waiting.pop(); ways !== undefined; ways = waiting.pop()) {
    let open = 0;
    for (const count of ways.values()) open += count;
    most = Math.max(most, open);
    work += letters.length * ways.size;
    if ((most > MAX_WAYS && !once) || visited.size > MAX_VISITED || work > MAX_WORK) return undefined;
    const tried = new Set<string>();
    for (const letter of letters) {
      const taking = takingOf(automaton, ways, letter);
      const kind = `${taking.join()} ${letter.endsLine}`;
      // Most letters lead to the same.
      if (tried.has(kind)) continue;
      tried.add(kind);
      const next = follow(ways, taking, letter, behind);
      if (next === undefined) return undefined;
      if (isLast(ways)) next.delete(BEFORE);
      if (once) for (const at of next.keys()) next.set(at, 1);
      const key = keyOf(next);
      if (visited.has(key)) continue;
      visited.add(key);
      waiting.push(next);
    }
  }
  return most;
}

const keyOf = (ways: Ways): string =>
  [...ways]
    .sort(([a], [b]) => a - b)
    .map(([step, count]) => `${step}*${count}`)
    .join();

/** The ways that are open behind a step, and where a match may begin. */
type Behind = (step: number, isStart: boolean) => Ways | undefined;

/** Those of the ways that go on with this letter. */
function takingOf({ steps }: Automaton, ways: Ways, { code }: Letter): readonly number[] {
  const taking: number[] = [];
  for (const at of ways.keys()) {
    const step = steps[at];
    if (at === BEFORE || (step?.kind === 'letters' && includes(step.letters, code))) taking.push(at);
  }
  return taking;
}

function follow(
  ways: Ways,
  taking: readonly number[],
  { endsLine }: Letter,
  behind: Behind,
): Map<number, number> | undefined {
  const next = new Map<number, number>();
  for (const at of taking) {
    const reached = behind(at, endsLine);
    if (reached === undefined) return undefined;
    const count = ways.get(at) ?? 0;
    for (const [to, times] of reached) next.set(to, (next.get(to) ?? 0) + count * times);
  }
  return next;
}

function behindSteps({ first, steps }: Automaton, flags: string): Behind {
  const known = new Map<string, Ways | undefined>();
  return (at, isStart) => {
    const key = `${at} ${isStart}`;
    if (known.has(key)) return known.get(key);
    const step = steps[at];
    const ways = new Map<number, number>();
    // A match begins anywhere, but with the flag `y`.
    if (at === BEFORE && !flags.includes('y')) ways.set(BEFORE, 1);
    const from = step?.kind === 'letters' ? step.next : first;
    const found = open(steps, from, { isStart, begun: new Set(), ways, left: { count: 10 * MAX_WAYS } })
      ? ways
      : undefined;
    known.set(key, found);
    return found;
  };
}

interface Opening {
  readonly isStart: boolean;
  /** The repetitions, by their body, whose round has begun here and so has no letter yet. */
  readonly begun: ReadonlySet<number>;
  readonly ways: Map<number, number>;
  readonly left: { count: number };
}

/** Follows all ways to their next letter; false when there are too many. */
function open(steps: readonly Step[], at: number, opening: Opening): boolean {
  const { begun, isStart, left, ways } = opening;
  if (--left.count < 0) return false;
  const step = steps[at];
  switch (step?.kind) {
    case undefined:
      return true;
    case 'letters':
    case 'end':
      ways.set(at, (ways.get(at) ?? 0) + 1);
      return true;
    case 'start':
      return !isStart || open(steps, step.next, opening);
    case 'fork':
      return step.next.every((next) => open(steps, next, opening));
    case 'again':
    case 'enter': {
      const { body, kind, next } = step;
      if (kind === 'again' && begun.has(body)) return true;
      const round = { ...opening, begun: new Set(begun).add(body) };
      return open(steps, body, round) && open(steps, next, opening);
    }
  }
}

interface Letter {
  readonly code: number;
  /** Whether a line begins behind it, for a pattern that looks for such. */
  readonly endsLine: boolean;
}

/** One for each kind of letters that the pattern tells apart. */
function alphabetOf({ steps }: Automaton, isMultiline: boolean): readonly Letter[] {
  const sets = new Map<string, Letters>();
  for (const step of steps) if (step.kind === 'letters') sets.set(step.letters.join(), step.letters);
  const all = [...sets.values(), ...(isMultiline ? [LINE_ENDS] : [])];
  const codes = new Set([0, ...all.flatMap((set) => set.flatMap(([first, last]) => [first, last + 1]))]);
  const letters = new Map<string, Letter>();
  for (const code of codes) {
    const kind = all.map((set) => (includes(set, code) ? 1 : 0)).join('');
    if (!letters.has(kind)) letters.set(kind, { code, endsLine: isMultiline && includes(LINE_ENDS, code) });
  }
  return [...letters.values()];
}
