/**
 * Things that come again and again, each looked for among those that begin alike.
 */

/** Of those that begin alike; one for each kind of server or state of a probe. */
const MAX_KNOWN = 16;

/** By what they begin with, those that came last at the beginning. */
export class SeenBefore<Beginning extends WeakKey, One> {
  readonly #known = new WeakMap<Beginning, One[]>();

  /** The one that is meant; undefined when it has not come before. */
  find(beginning: Beginning, isMeant: (one: One) => boolean): One | undefined {
    const alike = this.#known.get(beginning) ?? [];
    const at = alike.findIndex(isMeant);
    if (at > 0) alike.unshift(...alike.splice(at, 1));
    return at < 0 ? undefined : alike[0];
  }

  /** Remembers one, in place of the one that has not come for longest. */
  add(beginning: Beginning, one: One): void {
    const alike = this.#known.get(beginning) ?? [];
    alike.unshift(one);
    if (alike.length > MAX_KNOWN) alike.pop();
    this.#known.set(beginning, alike);
  }
}
