/**
 * Which transactions of a source we have seen, and since when: from this a replica's lag is told without any table of
 * heartbeats, also while it receives nothing.
 *
 * Each look at the source adds what came since the look before it: such a transaction was committed between the two.
 * Times are those of our own looks, on the clock of `performance.now()`, so clocks of servers play no part.
 */
import { countOf, type GtidSet, overlap, parseSet, subtract, textOf, union } from './gtid-set.ts';

/** Transactions that came between two looks. */
interface Addition {
  /** The last look without them. */
  readonly after: number;
  /** The first look with them. */
  readonly at: number;
  /** As `textOf` writes it: a tenth of the memory of the set. */
  readonly added: string;
}

export interface Lag {
  readonly transactions: number;
  /** Milliseconds that the replica is behind at least. */
  readonly lowerMs: number;
  /** And at most; undefined when it lacks what the source had before we first looked. */
  readonly upperMs: number | undefined;
}

/** When there are more, the older ones become half as many, each over twice the time. */
const MOST_ADDITIONS = 48;
/** A server that gets more pieces at once is being filled from elsewhere. */
const LONGEST_ADDITION = 1 << 16;

export class SeenTransactions {
  #text = '';
  #additions: Addition[] = [];
  #firstAt: number | undefined;
  #lastAt = 0;
  #beforeLastAt = 0;

  /** What the source has at a look; looks come in the order of time. */
  see(text: string, parse: (text: string) => GtidSet | undefined, at: number): void {
    if (this.#firstAt !== undefined && text === this.#text) this.#look(at);
    else if (this.#firstAt === undefined || !this.#add(parse(this.#text), parse(text), at)) this.#begin(at);
    this.#text = text;
  }

  /** False when the source has lost what it had, or has become another one: then all begins anew. */
  #add(before: GtidSet | undefined, now: GtidSet | undefined, at: number): boolean {
    if (before === undefined || now === undefined || subtract(before, now).size > 0) return false;
    const added = textOf(subtract(now, before));
    if (added.length > LONGEST_ADDITION) return false;
    this.#additions.push({ after: this.#lastAt, at, added });
    this.#look(at);
    if (this.#additions.length > MOST_ADDITIONS) this.#thinOut();
    return true;
  }

  /**
   * How far a replica was behind when its own result was read.
   *
   * What the source had is known up to the last look before that; later transactions are no lag of it.
   *
   * @param leftOut sources or domains that the replica does not take
   * @returns undefined when the source had not been looked at by then, or has no set
   */
  lagOf(
    replica: GtidSet,
    readAt: number,
    parse: (text: string) => GtidSet | undefined,
    isTaken: (source: string) => boolean = () => true,
  ): Lag | undefined {
    const all = this.#firstAt === undefined ? undefined : parse(this.#text);
    if (all === undefined) return undefined;
    const taken: GtidSet = new Map([...all].filter(([source]) => isTaken(source)));
    const lacked = subtract(taken, replica);
    if (lacked.size === 0 && this.#lastAt >= readAt) return { transactions: 0, lowerMs: 0, upperMs: 0 };
    const knownAt = this.#lookBefore(readAt);
    if (knownAt === undefined) return undefined;
    if (lacked.size === 0) return { transactions: 0, lowerMs: 0, upperMs: readAt - knownAt };
    let missing = lacked;
    let older = lacked;
    let first: Addition | undefined;
    for (const addition of this.#additions) {
      const added = parseSet(addition.added);
      if (addition.at > knownAt) missing = subtract(missing, added);
      else if (first === undefined && overlap(missing, added)) first = addition;
      older = subtract(older, added);
    }
    const transactions = countOf(missing);
    if (transactions === 0) return { transactions, lowerMs: 0, upperMs: readAt - knownAt };
    // Older than all that came since we look.
    if (older.size > 0)
      return { transactions, lowerMs: readAt - (this.#firstAt ?? readAt), upperMs: undefined };
    if (first === undefined) return { transactions, lowerMs: 0, upperMs: readAt - knownAt };
    return { transactions, lowerMs: readAt - first.at, upperMs: readAt - first.after };
  }

  #begin(at: number): void {
    this.#additions = [];
    this.#firstAt = this.#lastAt = this.#beforeLastAt = at;
  }

  #look(at: number): void {
    this.#beforeLastAt = this.#lastAt;
    this.#lastAt = at;
  }

  /** The last look that was not after a moment. */
  #lookBefore(moment: number): number | undefined {
    if (this.#lastAt <= moment) return this.#lastAt;
    if (this.#beforeLastAt <= moment) return this.#beforeLastAt;
    const known = this.#additions.findLast(({ at }) => at <= moment)?.at ?? this.#firstAt;
    return known !== undefined && known <= moment ? known : undefined;
  }

  #thinOut(): void {
    const half = MOST_ADDITIONS / 2;
    const joined: Addition[] = [];
    for (let i = 0; i < half; i += 2) {
      const [one, other] = [this.#additions[i], this.#additions[i + 1]];
      if (one === undefined || other === undefined) break;
      const added = textOf(union(parseSet(one.added), parseSet(other.added)));
      joined.push({ after: one.after, at: other.at, added });
    }
    this.#additions = [...joined, ...this.#additions.slice(half)];
  }
}
