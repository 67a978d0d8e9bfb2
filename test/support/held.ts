/**
 * What waits until a test lets it go on, and not for some time: a busy machine does not change who comes first.
 */
export class Held {
  #waiting: (() => void)[] = [];
  #isReleased = false;

  /** How many wait. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Waits for the release; not at all when it has been. */
  async wait(): Promise<void> {
    if (!this.#isReleased) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Holds those who come from now on, as at the beginning. */
  hold(): void {
    this.#isReleased = false;
  }

  /** Lets all go on who wait, and all who come later. */
  release(): void {
    this.#isReleased = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
