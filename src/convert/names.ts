/**
 * Makes names of our language from names that other programs allow.
 */

/** The characters of each kind of name; all others become underscores. */
const RULES = {
  /** Query sets, queries, groups. */
  name: { foreign: /[^a-zA-Z0-9_.]/g, start: /^[a-zA-Z_]/ },
  /** Auth modules. */
  module: { foreign: /[^a-zA-Z0-9_.-]/g, start: /^[a-zA-Z_]/ },
  /** A part of a URL. */
  scrape: { foreign: /[^a-zA-Z0-9_.-]/g, start: /^[a-zA-Z0-9_]/ },
  target: { foreign: /\p{Cc}/gu, start: /^[^\p{Cc}]/u },
} as const;

/** Gives names of one kind, each only once. */
export class Names {
  readonly #rule: (typeof RULES)[keyof typeof RULES];
  readonly #taken = new Set<string>();

  constructor(kind: keyof typeof RULES) {
    this.#rule = RULES[kind];
  }

  /** The wanted name itself if it is possible and free, or else one that resembles it. */
  give(wanted: string): string {
    const clean = wanted.replaceAll(this.#rule.foreign, '_');
    const possible = this.#rule.start.test(clean) && !isImpossible(clean) ? clean : `_${clean}`;
    let name = possible;
    for (let i = 2; this.#taken.has(name); i++) name = `${possible}_${i}`;
    this.#taken.add(name);
    return name;
  }
}

/** Keys that our reader refuses in every map. */
const isImpossible = (name: string): boolean => name === '__proto__' || name === '<<';
