/**
 * Things that come again and again, each looked for among those that begin alike.
 */

/** Of those that begin alike; one for each kind of server or state of a probe. */
const MAX_ALIKE = 16;

interface Place<One> {
  readonly one: One;
  /** Those that begin alike, which came last at the beginning. */
  readonly alike: Place<One>[];
}

export class SeenBefore<Beginning extends WeakKey, One> {
  readonly #most: number;
  readonly #known = new WeakMap<Beginning, Place<One>[]>();
  /** All of them, those that came last at the end. */
  readonly #inOrder = new Set<Place<One>>();

  /** @param most that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** The one that is meant; undefined when it has not come before. */
  find(beginning: Beginning, isMeant: (one: One) => boolean): One | undefined {
    const alike = this.#known.get(beginning);
    const place = alike?.find(({ one }) => isMeant(one));
    if (alike === undefined || place === undefined) return undefined;
    if (alike[0] !== place) {
      alike.splice(alike.indexOf(place), 1);
      alike.unshift(place);
    }
    this.#inOrder.delete(place);
    this.#inOrder.add(place);
    return place.one;
  }

  /** Remembers one, in place of those that have not come for longest. */
  add(beginning: Beginning, one: One): void {
    const alike = this.#known.get(beginning) ?? [];
    this.#known.set(beginning, alike);
    const place = { one, alike };
    alike.unshift(place);
    this.#inOrder.add(place);
    if (alike.length > MAX_ALIKE) this.#forget(alike[MAX_ALIKE]);
    if (this.#inOrder.size > this.#most) this.#forget(this.#inOrder.values().next().value);
  }

  #forget(place: Place<One> | undefined): void {
    if (place === undefined) return;
    this.#inOrder.delete(place);
    place.alike.splice(place.alike.indexOf(place), 1);
  }
}
