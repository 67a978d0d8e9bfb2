/**
 * Names that are asked for under patterns: each is one target for as long as it is in use, over reloads too.
 *
 * A pattern has only so many at once, so that a client that makes names up costs no more than that. A name that is not
 * asked for an hour is forgotten, and with it what was made for it.
 */
import type { Target } from '../model/config.ts';
import type { Catalog } from './catalog.ts';

const UNUSED_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;

interface Entry {
  target: Target;
  /** On the clock of `performance.now()`. */
  readonly usedAt: number;
}

export class NamesInUse {
  readonly #onForgotten: (names: ReadonlySet<string>) => void;
  /** By name, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  /** By the pattern's text. */
  readonly #numbers = new Map<string, number>();
  #sweeper: NodeJS.Timeout | undefined;

  /** @param onForgotten called with names that are in use no more */
  constructor(onForgotten: (names: ReadonlySet<string>) => void) {
    this.#onForgotten = onForgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The targets of all names in use. */
  get targets(): readonly Target[] {
    return [...this.#entries.values()].map(({ target }) => target);
  }

  /** The target of a name in use. */
  targetOf(name: string): Target | undefined {
    return this.#entries.get(name)?.target;
  }

  /**
   * Uses a target, for which there is one object as long as its name is in use.
   *
   * @returns that object; undefined when its pattern has as many names in use as it may
   */
  admit(target: Target): Target | undefined {
    const { name, pattern } = target;
    if (pattern === undefined) return target;
    const known = this.#entries.get(name)?.target;
    if (known === undefined && !this.#hasRoom(pattern)) return undefined;
    this.#set(name, known ?? target);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_EVERY_MS).unref();
    return known ?? target;
  }

  /** Follows a reload: names that are matched no more are forgotten, the others have the settings of the new configuration. */
  adopt(catalog: Catalog): void {
    const before = [...this.#entries].reverse();
    this.#entries.clear();
    this.#numbers.clear();
    const kept: [string, Entry][] = [];
    // The latest first: they stay when the pattern may have fewer names than before.
    for (const [name, { usedAt }] of before) {
      const target = catalog.find(name);
      if (target?.pattern === undefined || this.#numberOf(target.pattern.text) >= target.pattern.maxNames)
        continue;
      this.#count(target, 1);
      kept.push([name, { target, usedAt }]);
    }
    for (const [name, entry] of kept.reverse()) this.#entries.set(name, entry);
  }

  #hasRoom({ maxNames, text }: NonNullable<Target['pattern']>): boolean {
    if (this.#numberOf(text) >= maxNames) this.#sweep();
    return this.#numberOf(text) < maxNames;
  }

  #set(name: string, target: Target): void {
    // To the end: the first is the one that was unused for longest.
    if (!this.#entries.delete(name)) this.#count(target, 1);
    this.#entries.set(name, { target, usedAt: performance.now() });
  }

  #sweep(): void {
    const before = performance.now() - UNUSED_MS;
    const forgotten = new Set<string>();
    for (const [name, { target, usedAt }] of this.#entries) {
      if (usedAt > before) break;
      this.#entries.delete(name);
      this.#count(target, -1);
      forgotten.add(name);
    }
    if (forgotten.size > 0) this.#onForgotten(forgotten);
    if (this.#entries.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #numberOf(pattern: string): number {
    return this.#numbers.get(pattern) ?? 0;
  }

  #count({ pattern }: Target, by: number): void {
    if (pattern !== undefined) this.#numbers.set(pattern.text, this.#numberOf(pattern.text) + by);
  }
}
