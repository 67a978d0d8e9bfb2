/**
 * Texts of servers, held once: most servers of a fleet have the same settings, and each result brings them anew.
 */
import { createHash } from 'node:crypto';

/** What is longer is kept as its beginning and a hash: enough to tell that two differ. */
const LONGEST = 80;
const MOST_TEXTS = 20_000;
const MOST_LISTS = 500;

export class SharedTexts {
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();

  /** The text itself, or a short one that is equal only for equal texts. */
  share(text: string): string {
    const short = text.length > LONGEST ? shortened(text) : text;
    const known = this.#texts.get(short);
    if (known !== undefined) return known;
    this.#forgetMany();
    this.#texts.set(short, short);
    return short;
  }

  /** A list of texts, the same object for the same texts. */
  shareList(list: readonly string[]): readonly string[] {
    const key = JSON.stringify(list);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    this.#forgetMany();
    this.#lists.set(key, list);
    return list;
  }

  /** Who has them keeps them; only what comes later is no longer the same object. */
  #forgetMany(): void {
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    if (this.#lists.size >= MOST_LISTS) this.#lists.clear();
  }
}

function shortened(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${text.slice(0, LONGEST - 20)}... #${hash}`;
}
