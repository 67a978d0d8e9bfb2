/**
 * How much the regular expressions of one result may do: the patterns are ours, the texts are a server's.
 *
 * Each pattern takes time in proportion to its text (pattern/ sees to that), so all that is left to bound is how much
 * text there is. Letters are counted, not time: an answer must not depend on what else the machine does.
 */
import type { EachPattern, Match, Pattern } from '../../pattern/pattern.ts';

/**
 * Steps for one result, or for one part of a large one: 80 ms at the worst. A thousand labels take a hundredth of it.
 */
export const MAX_WORK = 40_000_000;

/** What becomes of a result that asks for more, behind the key that has the pattern. */
export const TOO_MUCH =
  'looks through more text in this result than there is time for: ask for fewer rows, or shorten the text in SQL with LEFT()';

/** What a match of an empty text takes. */
const LEAST = 16;

export class MatchWork {
  #left = MAX_WORK;

  /** Undefined when that is too much for this result. */
  exec(pattern: Pattern, text: string): Match | null | undefined {
    const letters = text.length + LEAST;
    if (pattern.groupEffort * letters > MAX_WORK || !this.#spend(pattern.effort * letters)) return undefined;
    const found = pattern.exec(text);
    return found === null || this.#spend(pattern.groupEffort * letters) ? found : undefined;
  }

  /** All matches, with the same. */
  all(pattern: EachPattern, text: string): readonly Match[] | undefined {
    if (pattern.groupEffort * text.length > MAX_WORK) return undefined;
    return pattern.all(text, (steps) => this.#spend(LEAST + steps));
  }

  /** Begins another part: others had the thread in between. */
  renew(): void {
    this.#left = MAX_WORK;
  }

  #spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left > 0;
  }
}
